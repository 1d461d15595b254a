"""The draft of a certification of copied data, as US courts ask for it: FRE 902(14).

The rule asks that a qualified person certifies the process by which a copy was identified: by its
hash. So the draft describes that process, and leaves to the person what only the person knows.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from datetime import datetime

import footage
from footage.model import Job, StepKind
from footage.report import time_statement
from footage.report.custody_table import utc_text
from footage.system.text import count_text, single_line

_WIDTH = 78  # characters of a line of prose
_BLANK = "_" * 40

_WARNING = (
    "This is a draft that a computer program has filled in. It is no legal advice, and it is no "
    "certification until a qualified person has checked each statement, changed what is not so, "
    "filled in the blanks and signed it. Ask a lawyer whether and how it can be used."
)

_NOTHING_BEFORE = (
    "Nothing is stated here of the time before the download: not of how the footage was recorded, "
    "of the cameras and their clocks, of its upload, nor of its storage at the provider. Equal "
    "hashes show that a file is the same as when it was downloaded; they do not show what "
    "happened, nor that the recording is true."
)

_DERIVED = (
    "Files that the program made of the downloaded clips (merges, side-by-side, contact sheet, "
    "track, report) are not the files as they were delivered. A merge holds the clips' own "
    "packets, but for what the custody names as encoded anew; of the sound, packets that reach "
    "beyond a clip's picture are left out, and silence stands where a clip has none. A "
    "side-by-side and a contact sheet are renderings."
)


def text(job: Job, files: Mapping[str, str]) -> str:
    """The draft, in lines that end with "\\n".

    files: those that it is about, by the name under which they are handed over; and the SHA-256
           of each
    """
    return "\n".join(_lines(job, files)) + "\n"


def _lines(job: Job, files: Mapping[str, str]) -> Iterator[str]:
    yield "DRAFT - NOT SIGNED - NO LEGAL ADVICE"
    yield ""
    yield "Certification of data copied from an electronic device, storage medium, or file"
    yield "Federal Rules of Evidence, Rule 902(14)"
    yield ""
    yield from _wrapped(_WARNING)
    parts = {
        "1. Who certifies": _who(),
        "2. What was copied": _copied(job),
        "3. How the copies were identified": _identified(job),
        "4. What is not stated": iter([_NOTHING_BEFORE, _DERIVED]),
        "5. What it was done with": _programs(job),
        "6. Times": iter(time_statement.of_job(job).sentences),
    }
    for title, paragraphs in parts.items():
        yield from ["", title, "-" * len(title)]
        for paragraph in paragraphs:
            yield from ["", *_wrapped(paragraph)]
    yield from _clip_table(job)
    yield from _file_list(files)
    yield from _signature()


def _wrapped(paragraph: str) -> list[str]:
    line = single_line(paragraph, None)
    return textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _who() -> Iterator[str]:
    yield f"Name: {_BLANK}"
    yield f"Position and employer: {_BLANK}"
    yield (
        "Qualification (training and experience with such systems and with digital "
        f"identification): {_BLANK}"
    )


def _copied(job: Job) -> Iterator[str]:
    yield (
        f"Footage of the vehicle {job.vehicle.name} (id {job.vehicle.id} at {job.provider}), asked "
        f"for from {utc_text(job.start)} to {utc_text(job.end)}, downloaded from the servers that "
        f"{job.provider} named for it."
    )
    steps = [step for step in job.custody if step.kind is StepKind.DOWNLOADED]
    if steps:
        when = _span(steps[0].at, steps[-1].at)
        yield f"The journal has {count_text(len(steps), 'download')}, {when}."
    noted = {step.file for step in steps}
    clips = {media.clip.path.name: media.clip for _, media in job.media() if media.clip is not None}
    without = [clip for name, clip in clips.items() if name not in noted]
    if without:
        times = sorted(clip.fetched_at for clip in without if clip.fetched_at is not None)
        when = f"; they were downloaded {_span(times[0], times[-1])}" if times else ""
        yield (
            f"Of {count_text(len(without), 'file')} the journal has no step of a download{when}. "
            "Another job downloaded them, or an earlier version of the program."
        )


def _identified(job: Job) -> Iterator[str]:
    yield (
        "While a file was received the program computed the SHA-256 of its bytes, and compared "
        "their number with that which the server announced, where it did. With the file's name, "
        "size and time the hash was written into the journal of the job. No step of the program "
        "changes a downloaded file after that."
    )
    steps = [step for step in job.custody if step.kind is StepKind.VERIFIED_AGAIN]
    if not steps:
        yield "The journal has no later comparison of the files with their hashes."
    for step in steps:
        said = f": {step.text}" if step.text else ""
        yield f"The files were compared with their hashes again on {utc_text(step.at)}{said}"
    yield (
        "Anybody can compare a file with the list below: the same SHA-256 means the same content, "
        "as no two different files with the same SHA-256 are known."
    )


def _programs(job: Job) -> Iterator[str]:
    if not job.runs:
        yield "The journal does not say with which versions it was done, nor by whom."
    for run in job.runs:
        who = f"by the user {run.user or '(unknown)'} on the computer {run.computer or '(unknown)'}"
        yield (
            f"{utc_text(run.began)}: {footage.NAME}, version {run.program}, {who}"
            f"{f'; {run.tools}' if run.tools else ''}."
        )


def _clip_table(job: Job) -> Iterator[str]:
    clips = time_statement.of_job(job).clips
    if not clips:
        return
    yield from ["", "Start of each clip: asked, as the provider reports it, and the difference", ""]
    for clip in clips:
        start = utc_text(clip.start) if clip.start is not None else "not reported"
        off = f"{clip.seconds:+.3f} s" if clip.seconds is not None else f"({clip.note})"
        yield f"{utc_text(clip.asked)}  {start:24}  {off}  {single_line(clip.file, None)}"


def _file_list(files: Mapping[str, str]) -> Iterator[str]:
    title = f"7. The files, with their SHA-256 ({len(files)})"
    yield from ["", title, "-" * len(title), ""]
    for name, sha256 in files.items():
        yield f"{sha256}  {single_line(name, None)}"


def _signature() -> Iterator[str]:
    yield ""
    yield from _wrapped(
        "I declare under penalty of perjury under the laws of the United States of America that "
        "the foregoing is true and correct. (28 U.S.C. 1746; strike out what does not apply)"
    )
    yield from ["", f"Date:      {_BLANK}", "", f"Place:     {_BLANK}", "", f"Signature: {_BLANK}"]
    yield from ["", "DRAFT - NOT SIGNED - NO LEGAL ADVICE"]


def _span(first: datetime, last: datetime) -> str:
    if first == last:
        return f"at {utc_text(first)}"
    return f"from {utc_text(first)} to {utc_text(last)}"
