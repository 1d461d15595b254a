"""The list of a job's files with their SHA-256, as `sha256sum -c` and `shasum -a 256 -c` read it.

Each line has the hash, two blanks and the name; it is UTF-8, ends in LF, and has no mark before it.
The names of a job's files have none of what `sha256sum` writes in a way of its own (backslash, line
break): the journal takes no such name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from footage.model import Clip, Job, Output

KIND = "hashes"  # of the `Output` that it is

_LINE = re.compile(r"([0-9A-Fa-f]{64}) [ *](.+)")


def entries(job: Job) -> dict[str, str]:
    """The files that the list of a job names, each with its hash; clips first, by camera and time.

    The hashes are those of the journal: of what was downloaded and of what was made, at that
    moment. Nothing is hashed anew for the list, or it would vouch for what was changed since. For
    the same reason a file that is known to be missing or changed stays in it, as long as nothing
    was fetched or made in its place: who checks the list has to come upon it.
    """
    listed: dict[str, str] = {}
    for clip in all_clips(job):
        listed[clip.path.name] = clip.sha256
    for output in all_outputs(job):
        listed[output.path.name] = output.sha256
    return listed


def all_clips(job: Job) -> list[Clip]:
    """Every file of a job that was downloaded and that nothing has replaced, each once."""
    places = {camera: number for number, camera in enumerate(job.cameras)}
    found: dict[str, tuple[int, Clip]] = {}
    here = [(media.camera, media.clip) for _, media in job.media() if media.clip]
    lost = [(camera, one.clip) for camera in job.cameras for one in job.lost_clips(camera)]
    for camera, clip in (*here, *lost):
        found.setdefault(clip.path.name, (places[camera], clip))
    in_order = sorted(found.values(), key=lambda one: (one[0], one[1].start, one[1].path))
    return [clip for _, clip in in_order]


def all_outputs(job: Job) -> list[Output]:
    """The files that were made of a job, but for the list itself."""
    return [output for output in job.outputs if output.kind != KIND]


def lines(hashes: Mapping[str, str]) -> list[str]:
    """The lines of a list, without their ends."""
    return [f"{sha256}  {name}" for name, sha256 in hashes.items()]


def read(text: str) -> dict[str, str]:
    """The hashes in a list, by name. What is no line of a list raises ValueError, which names it.

    Read are also lists that went through a program of Windows: with a mark before it, with CRLF,
    with capital letters in the hashes, with the `*` of files that are read as bytes.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = line.removesuffix("\r")
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"line {number} is no hash and name")
        found[match[2]] = match[1].lower()
    return found
