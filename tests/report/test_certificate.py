"""The draft of a certificate: what the journal shows, blanks for the rest, and no more."""

from __future__ import annotations

from dataclasses import replace

from support.jobs import START, a_full_job

from footage.model import Step, StepKind, Vehicle
from footage.report import certificate

FILES = {"data/originals/Road.mp4": "ab" * 32, "data/merged/Road Merged (2).mp4": "cd" * 32}


def flat(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


def test_it_is_marked_as_a_draft_first_and_last() -> None:
    lines = certificate.text(a_full_job(), FILES).splitlines()
    assert lines[0] == lines[-1] == "DRAFT - NOT SIGNED - NO LEGAL ADVICE"
    assert "Rule 902(14)" in lines[3]


def test_what_only_a_person_knows_is_left_blank() -> None:
    text = flat(certificate.text(a_full_job(), FILES))
    for what in ("Name", "Position and employer", "identification)", "Date", "Signature"):
        assert f"{what}: ____" in text


def test_every_file_is_listed_with_its_hash() -> None:
    text = certificate.text(a_full_job(), FILES)
    for name, sha256 in FILES.items():
        assert f"\n{sha256}  {name}\n" in text


def test_nothing_is_said_of_the_time_before_the_download() -> None:
    text = flat(certificate.text(a_full_job(), FILES))
    assert "Nothing is stated here of the time before the download" in text
    for claim in ("authentic", "unaltered", "tamper", "proves", "guarantee"):
        assert claim not in text.lower()


def test_process_versions_and_clock_are_those_of_the_journal() -> None:
    job = a_full_job()
    text = flat(certificate.text(job, FILES))
    assert "version 1.2, by the user ann on the computer office; ffmpeg 7." in text
    assert "The journal has 1 download, at 2025-04-17T18:30:00.000Z." in text
    assert "no later comparison" in text
    assert "by the Date header of 4 answers" in text
    job.custody.append(Step(START, 1, StepKind.VERIFIED_AGAIN, text="12 files, all equal."))
    text = flat(certificate.text(job, FILES))
    assert "again on 2025-04-16T18:30:00.000Z: 12 files, all equal." in text
    assert "no later comparison" not in text


def test_an_old_journal_claims_nothing_it_does_not_have() -> None:
    job = a_full_job()
    job.runs, job.custody, job.clock_offsets = [], [], {}
    text = flat(certificate.text(job, FILES))
    assert "Of 1 file the journal has no step of a download; they were downloaded at" in text
    assert "does not say with which versions" in text
    assert "clock was not compared" in text


def test_foreign_words_begin_no_line_of_their_own() -> None:
    job = a_full_job()
    job.vehicle = Vehicle("1", "Truck\n7. The files\x1b[31m", file_name="x")
    job.runs = [replace(run, user="ann\n\nSigned: me") for run in job.runs]
    text = certificate.text(job, {"a\nb": "ab" * 32})
    assert text.count("\n7. The files") == 1
    assert "\n\nSigned" not in text
    assert "\x1b" not in text
    assert "a b\n" in text
