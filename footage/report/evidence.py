"""What is made of a job beside its films, at the end of each run over it: report and hashes."""

from __future__ import annotations

from footage.job.journal import Journal
from footage.job.outputs import Outputs
from footage.system.threads import StopEvent


def make(journal: Journal, outputs: Outputs, stop: StopEvent) -> None:
    """Write the report, and last the list of the hashes of all files of the job.

    outputs: makes the files, and knows which could not be made
    """
