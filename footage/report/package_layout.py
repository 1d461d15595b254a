"""What of a job goes into a package, and where in it each file is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from footage.model import Clip, Job, Output
from footage.report import hash_list
from footage.report.bag import PAYLOAD

REPORT = f"{PAYLOAD}/report.html"
CUSTODY = f"{PAYLOAD}/custody.csv"
CERTIFICATE = f"{PAYLOAD}/certificate-draft.txt"
JOURNAL = f"{PAYLOAD}/journal.json"

_ORIGINALS = f"{PAYLOAD}/originals"
_FOLDERS = {
    "merge": f"{PAYLOAD}/merged",
    "side-by-side": f"{PAYLOAD}/renderings",
    "contact-sheet": f"{PAYLOAD}/renderings",
    "track": f"{PAYLOAD}/telemetry",
    "readings": f"{PAYLOAD}/telemetry",
}
# Not copied: the report is made anew, with its links to the package's own files, and the list of
# hashes names the files of another folder. The manifest is the package's.
_LEFT_OUT = ("report", hash_list.KIND)


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

    A name in a package has no `%`: see bag.py. What is taken then gets a number.
    """
    taken: set[str] = set()
    return [Packed(file, _free(f"{folder}/{name}", taken)) for file, folder, name in _files(job)]


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


def _free(place: str, taken: set[str]) -> str:
    """A place that no other file has, on any disk: some take `A` and `a` for the same."""
    stem, dot, ending = place.rpartition(".")
    number, free = 1, place
    while free.casefold() in taken:
        number += 1
        free = f"{stem} ({number}){dot}{ending}"
    taken.add(free.casefold())
    return free
