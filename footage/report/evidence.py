"""What is made of a job beside its films, at the end of each run over it: report and hashes."""

from __future__ import annotations

from pathlib import Path

from footage.job.journal import Journal
from footage.job.outputs import Order, Outputs, fingerprint
from footage.report import hash_list
from footage.report.report_file import make_report
from footage.system import filenames, timezones
from footage.system.threads import StopEvent


def make(journal: Journal, outputs: Outputs, stop: StopEvent) -> None:
    """Write the report, and last the list of the hashes of all files of the job.

    outputs: makes the files, and knows which could not be made
    """
    make_report(journal, outputs, stop)
    list_hashes(journal, outputs)


def list_hashes(journal: Journal, outputs: Outputs) -> None:
    """Write the list of hashes anew where anything in it has changed."""
    with journal.locked() as job:
        lines = hash_list.lines(hash_list.entries(job))
        name = filenames.hash_list_name(job, timezones.zone(job.timezone))
    if not lines:
        return

    def build(target: Path) -> tuple[float, str]:
        target.write_bytes("".join(f"{line}\n" for line in lines).encode())
        return 0.0, ""

    outputs.make(Order(hash_list.KIND, "", name, fingerprint(lines), build))
