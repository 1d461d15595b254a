"""What stands on the screen at the end: the files, what is missing and why, what to know."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path

from footage import __version__
from footage.errors import ExitStatus
from footage.job import event_text, findings_text
from footage.job.journal import Journal
from footage.job.new_job import headline
from footage.job.outcome import Outcome
from footage.model import Job, MediaType
from footage.system.text import count_text, length_text, size_text
from footage.ui.environment import command_line, default_logs
from footage.ui.progress import Shown

log = logging.getLogger("footage.ui.summary")

_STATUS_TEXTS = {
    ExitStatus.COMPLETE: "all is there",
    ExitStatus.NOTHING: "no footage",
    ExitStatus.INCOMPLETE: "something is missing for good",
    ExitStatus.STILL_COMING: "something may still come: go on with --resume",
    ExitStatus.CHANGED: "a file is changed, missing, or one too many",
}


def print_summary(outcome: Outcome, screen: Shown, folder: Path, journal: Path, tz: tzinfo) -> None:
    """Print what came of a job whose files are in `folder`."""
    screen.say()
    if outcome.files:
        screen.table(_rows(outcome))
    for line in _lines(outcome, tz):
        screen.say(line)
    for line in _places(outcome, folder, journal):
        screen.say(line)


def log_summary(
    outcome: Outcome, job: Job, journal: Path, tz: tzinfo, arguments: Sequence[str], paid: str
) -> None:
    """Write to the log what came of a job, with all that is needed to read it by itself.

    arguments: the command line of this run
    paid:      what the job's requests have cost so far
    """
    status = outcome.exit_status
    for line in (
        f"Summary of the job {headline(job, tz)}",
        f"Provider: {job.provider}; vehicle: {job.vehicle.name} (id {job.vehicle.id})",
        f"Time zone: {job.timezone or 'of this computer'}",
        f"Options: {shlex.join(arguments) or 'none'}",
        f"Program: version {__version__}",
        *("   ".join(cell for cell in row if cell) for row in _rows(outcome)),
        *_lines(outcome, tz),
        *_places(outcome, Path(job.folder), journal),
        f"Paid for: {paid}",
        f"What came of it: {_STATUS_TEXTS[status]} (exit status {int(status)})",
    ):
        log.info("%s", line)


def _rows(outcome: Outcome) -> list[list[str]]:
    """The files with their length and size."""
    return [
        [
            output.path.name,
            length_text(output.duration) if output.duration else "",
            size_text(output.size),
        ]
        for output in outcome.files
    ]


def _places(outcome: Outcome, folder: Path, journal: Path) -> Iterator[str]:
    if outcome.files:
        yield f"The files are in {folder}"
    for output in outcome.files:
        if output.kind == "report":
            yield f"Open this one first, by double click: {output.path.name}"
    yield f"The request ids are in {journal}"


def _lines(outcome: Outcome, tz: tzinfo) -> Iterator[str]:
    """What is said between the list of the files and the folder they are in."""
    for event in outcome.events:
        yield f"{event_text.title(event)}: {event_text.details(event, tz)}"
    if outcome.pictures:
        yield _pictures_text(outcome)
    yield from findings_text.sentences(outcome, tz)
    for output in outcome.files:
        if output.kind in ("merge", "event-clip") and output.note:
            yield f"{output.path.name}: {output.note}"
    if outcome.reused.clips:
        yield _reused_text(outcome)
    yield from outcome.notes
    yield from outcome.failures
    if outcome.quota:
        yield (
            f'When the last request was sent, {outcome.provider} said: "{outcome.quota}" (what was '
            "uploaded after that is not in it)"
        )
    if outcome.exit_status is ExitStatus.NOTHING:
        yield "No footage could be had."
        if len(outcome.not_installed) == len(outcome.camera_names):
            yield "This vehicle seems to have none of the cameras asked for."
        else:
            yield "Was it this vehicle, and was it driving at that time?"


def _pictures_text(outcome: Outcome) -> str:
    """How many there are, and what they are called."""
    names = [path.name for path in outcome.pictures]
    more = f" to {names[-1]}" if len(names) > 1 else ""
    return f"{count_text(len(names), 'picture')}: {names[0]}{more}"


def _reused_text(outcome: Outcome) -> str:
    """How much was not paid for again."""
    if outcome.media_type is MediaType.IMAGE:
        return f"Reused: {count_text(outcome.reused.clips, 'picture')}, not paid for again."
    return (
        f"Reused: {length_text(outcome.reused.seconds)} of footage that was in the cloud or asked "
        "for already; it was not paid for again."
    )


def resume_command(logs: Path) -> str:
    """The command that goes on with all unfinished jobs whose journals are in a folder."""
    return command_line("--resume", *([] if logs == default_logs() else ["--logs", str(logs)]))


def what_is_kept(journal: Journal) -> str:
    """What a run that stopped leaves behind, and how to go on, in words."""
    with journal.locked() as job:
        clips = sum(media.clip is not None for _, media in job.media())
        total = sum(1 for _ in job.media())
    resume = ["--resume"]
    if journal.path.parent != default_logs():  # where it would be looked for
        resume.append(str(journal.path))
    return (
        f"{clips} of {total} clips are kept in {job.folder}, and all that was requested is noted "
        f"in {journal.path}. Go on at any time with: {command_line(*resume)}"
    )
