"""The one line that says whether a job has all that was asked for. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from footage.errors import ExitStatus
from footage.job.outcome import Missing, Outcome
from footage.model import Camera, MediaType
from footage.system.text import count_text, length_text

_NAMED_REASONS = 2  # so many reasons are named of each camera; all stand in the coverage


@dataclass(frozen=True)
class Verdict:
    """word: "Complete", "Not complete" ...; text: the rest of the line"""

    word: str
    text: str

    @property
    def good(self) -> bool:
        return self.word == _WORDS[ExitStatus.COMPLETE]


_WORDS = {
    ExitStatus.COMPLETE: "Complete",
    ExitStatus.STILL_COMING: "Not complete yet",
    ExitStatus.INCOMPLETE: "Not complete",
    ExitStatus.NOTHING: "No footage",
}


def verdict_of(outcome: Outcome) -> Verdict:
    """Complete; or what is missing and why."""
    status = outcome.exit_status
    word = _WORDS.get(status, "Not complete")
    if status is ExitStatus.COMPLETE:
        text = _complete_text(outcome)
    else:
        parts = [*_lacks(outcome), *outcome.failures]
        text = "; ".join(part.rstrip(".") for part in parts) or "not all of it is here"
    text += "."
    if status is ExitStatus.STILL_COMING:
        text += " More may still come: --resume fetches it."
    return Verdict(word, text[:1].upper() + text[1:])


def _complete_text(outcome: Outcome) -> str:
    installed = len(outcome.camera_names) - len(outcome.not_installed)
    cameras = count_text(installed, "camera")
    if outcome.media_type is MediaType.IMAGE:
        text = f"{count_text(len(outcome.pictures), 'picture')} of {cameras}"
    else:
        text = f"{cameras}, {length_text(outcome.span.seconds)} each"
    if outcome.missing:
        longest = max(part.window.seconds for part in outcome.missing)
        text += f", but for gaps of at most {longest:.1f} s"
    absent = [outcome.camera_names[one.camera] for one in outcome.not_installed]
    if absent:
        text += f"; {', '.join(absent)}: not installed, or switched off"
    return text


def _lacks(outcome: Outcome) -> Iterator[str]:
    """What each camera lacks, and the reasons."""
    by_camera: dict[Camera, list[Missing]] = {}
    for part in outcome.missing:
        by_camera.setdefault(part.camera, []).append(part)
    for camera, parts in by_camera.items():
        if outcome.media_type is MediaType.IMAGE:
            what = count_text(len(parts), "picture")
        else:
            what = f"{length_text(sum(part.window.seconds for part in parts))} min"
        reasons = list(dict.fromkeys(part.explanation for part in parts))
        more = ", and other reasons" if len(reasons) > _NAMED_REASONS else ""
        why = "; ".join(reasons[:_NAMED_REASONS])
        yield f"{outcome.camera_names[camera]} lacks {what} ({why}{more})"
    for absent in outcome.not_installed:
        yield f"{outcome.camera_names[absent.camera]}: {absent.explanation}"
    for lost in outcome.lost_files:
        yield f"{lost.path.name}: {lost.explanation}"
