"""The list of hashes names every file of a job, and anybody's tools can check it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from support.checking import check_files
from support.jobs import a_full_job
from support.kept_jobs import KeptJob, keep_job

from footage.job.journal import Journal, read
from footage.report import hash_list

NAMES = ["Truck 42", "L'été à 50% [Nord]", "Лада & Söhne"]


@pytest.fixture(params=NAMES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> KeptJob:
    return keep_job(tmp_path / "it's here", request.param)


def check(tool: str, folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which(tool)
    if program is None:
        pytest.skip(f"no {tool} here")
    options = ["-a", "256"] if tool == "shasum" else []
    return subprocess.run(
        [program, *options, "-c", name], cwd=folder, capture_output=True, encoding="utf-8"
    )


@pytest.mark.parametrize("tool", ["sha256sum", "shasum"])
def test_everybodys_tools_check_the_list(tool: str, kept: KeptJob) -> None:
    name = kept.hash_list.name
    done = check(tool, kept.videos, name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    assert len(done.stdout.splitlines()) == len(kept.files) - 1
    kept.file("Road_VideoClip_*13-31-00.mp4").write_bytes(b"something else")
    assert check(tool, kept.videos, name).returncode == 1


def test_the_list_is_plain_text_with_every_other_file(kept: KeptJob) -> None:
    data = kept.hash_list.read_bytes()
    assert data.isascii() or data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf") and b"\r" not in data and data.endswith(b"\n")
    hashes = hash_list.read(data.decode())
    assert set(hashes) == {path.name for path in kept.files} - {kept.hash_list.name}
    assert hashes == hash_list.entries(read(kept.path))


def test_a_lost_file_stays_in_the_list(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    before = hash_list.read(kept.hash_list.read_text("utf-8"))
    changed, missing = kept.file("Road_Video*30-00.mp4"), kept.file("Analog_Video*31-00.mp4")
    changed.write_bytes(b"changed")
    missing.unlink()
    journal = Journal.open(kept.path)
    check_files(journal, kept.videos, lambda seconds: None)
    journal.close()
    assert {one.clip.path.name for one in read(kept.path).lost_clips()} == {
        changed.name,
        missing.name,
    }
    kept.write_list()
    assert hash_list.read(kept.hash_list.read_text("utf-8")) == before


def test_what_came_in_place_of_a_lost_file_is_listed() -> None:
    job = a_full_job()
    assert "Lost.mp4" not in hash_list.entries(job)
    media = job.retrievals[0].media[0]
    assert media.clip is not None and media.lost is not None
    assert hash_list.entries(job)["Road.mp4"] == job.outputs[0].sha256  # of the same name
    media.lost = replace(media.lost, clip=replace(media.lost.clip, path=media.clip.path))
    job.outputs = []
    assert hash_list.entries(job) == {"Road.mp4": media.clip.sha256}


def test_the_list_is_written_again_when_something_changed(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    before, text = kept.hash_list.stat(), kept.hash_list.read_text("utf-8")
    kept.write_list()
    assert kept.hash_list.stat().st_ino == before.st_ino  # nothing to do
    kept.change(outputs=[one for one in read(kept.path).outputs if one.kind != "track"])
    kept.write_list()
    now = kept.hash_list.read_text("utf-8")
    assert set(text.splitlines()) - set(now.splitlines()) == {
        line for line in text.splitlines() if "Track_" in line
    }
    assert len(list(kept.videos.glob("SHA256SUMS_*"))) == 1


def test_two_jobs_of_one_minute_have_a_list_each(tmp_path: Path) -> None:
    one = keep_job(tmp_path)
    before = one.hash_list.read_bytes()
    keep_job(tmp_path, when="2025-04-17_11-00-00", minutes=2, provider="Motive")
    assert one.hash_list.read_bytes() == before


@pytest.mark.parametrize("text", ["{0} *a b\r\n", "\ufeff{0}  a b\n", "{1}  a b"])
def test_a_list_that_went_through_windows_is_read(text: str) -> None:
    sha256 = "ab" * 32
    assert hash_list.read(text.format(sha256, sha256.upper())) == {"a b": sha256}


@pytest.mark.parametrize("text", ["hello", "abc  file", "ab" * 32 + " file", "ab" * 32 + "  "])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        hash_list.read(f"{'ab' * 32}  good\n{text}\n")
