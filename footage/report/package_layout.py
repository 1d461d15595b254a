"""What of a job goes into a package, and where in it each file is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TypeVar

from footage.model import Clip, Job, Media, Output
from footage.report import hash_list
from footage.report.bag import PAYLOAD

File = TypeVar("File", Clip, Output)

REPORT = f"{PAYLOAD}/report.html"
CUSTODY = f"{PAYLOAD}/custody.csv"
CERTIFICATE = f"{PAYLOAD}/certificate-draft.txt"
JOURNAL = f"{PAYLOAD}/journal.json"

_ORIGINALS = f"{PAYLOAD}/originals"
_FOLDERS = {
    "merge": f"{PAYLOAD}/merged",
    "side-by-side": f"{PAYLOAD}/renderings",
    "contact-sheet": f"{PAYLOAD}/renderings",
    "event-clip": f"{PAYLOAD}/event-clips",
    "track": f"{PAYLOAD}/telemetry",
    "readings": f"{PAYLOAD}/telemetry",
}
# Not copied: the report is made anew, with its links to the package's own files, and the list of
# hashes names the files of another folder. The manifest is the package's.
_LEFT_OUT = ("report", hash_list.KIND)


# Written for it alone; nobody but its manifest has their hashes.
WRITTEN_FOR_IT = (REPORT, CUSTODY, CERTIFICATE, JOURNAL)


@dataclass(frozen=True)
class Packed:
    """A file of a job in its package.

    file:   the clip, or what was made
    inside: where it is, from the package's folder on, with `/`
    """

    file: Clip | Output
    inside: str

    @property
    def name(self) -> str:
        """Its name in the job's folder."""
        return self.file.path.name


def packed_files(job: Job) -> list[Packed]:
    """The files of a job that go into a package; without those that its journal knows to be lost.

    A name in a package has no `%`: see bag.py. What is taken then gets a number, so that no two
    files in it have one name.
    """
    taken: set[str] = set()
    return [Packed(file, f"{folder}/{_free(name, taken)}") for file, folder, name in _files(job)]


def with_packed_names(job: Job) -> Job:
    """The job with each file under the name that it has in a package, for the page in there."""
    names = {one.name: PurePosixPath(PurePosixPath(one.inside).name) for one in packed_files(job)}

    def renamed(media: Media) -> Media:
        clip = media.clip
        return media if clip is None else replace(media, clip=_with_name(clip, names))

    retrievals = [replace(one, media=list(map(renamed, one.media))) for one in job.retrievals]
    outputs = [_with_name(one, names) for one in job.outputs]
    return replace(job, retrievals=retrievals, outputs=outputs)


def _with_name(file: File, names: Mapping[str, PurePosixPath]) -> File:
    return replace(file, path=names.get(file.path.name, file.path))


def _files(job: Job) -> Iterator[tuple[Clip | Output, str, str]]:
    lost = {one.clip.path for one in job.lost_clips()}
    for clip in hash_list.all_clips(job):
        if clip.path not in lost:
            yield clip, _ORIGINALS, _plain(clip.path.name)
    names = set()
    for output in job.outputs:
        if output.loss is None and output.kind not in _LEFT_OUT and output.path not in names:
            names.add(output.path)
            yield output, _FOLDERS[output.kind], _plain(output.path.name)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).translate(dict.fromkeys(map(ord, "%\r\n"), "_"))


def _free(name: str, taken: set[str]) -> str:
    """A name that no other file has, on any disk: some take `A` and `a` for the same."""
    stem, dot, ending = name.rpartition(".")
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} ({number}){dot}{ending}"
    taken.add(free.casefold())
    return free
