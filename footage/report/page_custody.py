"""The custody as the page shows it. Pure functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from footage.model import Job, ProgramRun
from footage.report import custody_table, times
from footage.system.text import size_text

_MOST_STEPS = 300  # that the page shows; of more those of which there are few of a kind
_FEW = 60


@dataclass(frozen=True)
class CustodyStep:
    """One step of the custody.

    about: the file or request, and what else there is to say
    run:   number of the program's run, from 1
    """

    time: str
    what: str
    about: str
    run: int


@dataclass(frozen=True)
class Custody:
    """What happened to the footage.

    runs: of the program: when, by whom, where, with what
    text: says whether these are all steps
    """

    runs: tuple[str, ...]
    steps: tuple[CustodyStep, ...]
    text: str


def custody_of(job: Job) -> Custody:
    """All steps; of many those of which there are few of a kind, and the number of the others."""
    runs = tuple(_run_text(run) for run in job.runs)
    if len(job.custody) <= _MOST_STEPS:
        return Custody(runs, _steps(job), "Each step, in UTC by this computer's clock.")
    counts = Counter(step.kind for step in job.custody)
    shown = [step for step in job.custody if counts[step.kind] <= _FEW]
    left_out = ", ".join(f"{n:,} {kind.value}" for kind, n in counts.items() if n > _FEW)
    text = (
        f"In UTC by this computer's clock. Of {len(job.custody):,} steps there is no room here for "
        f"these: {left_out}. All of them are in the journal, and in the custody.csv of a package."
    )
    return Custody(runs, _steps(replace(job, custody=shown)), text)


def _steps(job: Job) -> tuple[CustodyStep, ...]:
    rows = zip(custody_table.rows(job), job.custody, strict=True)
    return tuple(_step(row, step.run + 1) for row, step in rows)


def _run_text(run: ProgramRun) -> str:
    """ "2026-11-03 19:30:07 UTC: ann on desk-4, version 1.2.0 (ffmpeg 7.1, Python 3.12)"."""
    who = " on ".join(filter(None, [run.user, run.computer]))
    tools = f" ({run.tools})" if run.tools else ""
    parts = [who, f"version {run.program}{tools}"]
    return f"{times.utc_moment_text(run.began)} UTC: {', '.join(filter(None, parts))}"


def _step(row: custody_table.Row, run: int) -> CustodyStep:
    about = [row.file, f"retrieval {row.retrieval_id}" if row.retrieval_id else ""]
    about += [size_text(int(row.bytes)) if row.bytes else ""]
    about += [f"SHA-256 {row.sha256[:16]}…" if row.sha256 else ""]
    about += [f"request {row.request_id}" if row.request_id else "", row.text]
    return CustodyStep(
        time=row.time.replace("T", " ").removesuffix("Z"),
        what=row.event,
        about=", ".join(filter(None, about)),
        run=run,
    )
