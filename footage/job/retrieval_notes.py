"""What the summary says of the retrieving of a job, beside what stands in the job."""

from __future__ import annotations

from footage.job.retriever import RetrievalResults
from footage.system.text import count_text


def retrieval_notes(results: RetrievalResults, provider: str) -> list[str]:
    """What the summary says of the retrieving, beside what stands in the job."""
    notes = []
    if results.wait_expired:
        notes.append(
            "The longest wait is over; what has not come yet can still come: "
            "continue with --resume."
        )
    if results.put_off:
        notes.append(f"{provider} does not answer at the moment; the job is left for later.")
    if results.skipped:
        alone = count_text(len(results.skipped), "request")
        reasons = "; ".join(sorted(set(results.skipped)))
        notes.append(f"{alone} left alone for now ({reasons}). Try again with --resume.")
    if results.requested_after_all:
        made = count_text(results.requested_after_all, "request")
        notes.append(
            f"{made} had to be made after all: {provider} does not have (any more) what "
            "was in its cloud, or asked for, already."
        )
    if results.out_of_quota:
        notes.append(f"{results.out_of_quota} Go on then with --resume.")
    return notes
