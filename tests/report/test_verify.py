"""A verification names what is changed, missing or surplus, and takes nothing else for a fault."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.drives import cannot_be_listed
from support.kept_jobs import KeptJob, keep_job

from footage.errors import ExitStatus, Interrupted
from footage.job.journal import Journal, read
from footage.job.journal_folder import StoredJob, read_folder
from footage.model import Loss, LostClip
from footage.report import hash_list
from footage.report.findings import Fault, Verified
from footage.report.hashing import Hashing
from footage.report.verify import verify_job, verify_list
from footage.system.threads import StopEvent

Change = Callable[[KeptJob], Iterable[tuple[Fault, str]]]


def verified(kept: KeptJob) -> Verified:
    def jobs() -> Sequence[StoredJob]:
        return read_folder(kept.logs).jobs

    return verify_job(read(kept.path), "the job", jobs, Hashing(StopEvent()))


def faults(result: Verified) -> set[tuple[Fault, str]]:
    return {(one.fault, one.file) for one in result.findings}


@pytest.mark.parametrize("vehicle", ["Truck 42", "L'été à 50% [Nord] (2)"])
def test_whole_files_are_no_finding(vehicle: str, tmp_path: Path) -> None:
    kept = keep_job(tmp_path, vehicle, real=True, minutes=1)
    result = verified(kept)
    assert not result.findings
    assert result.exit_status == ExitStatus.COMPLETE
    assert result.files == len(kept.files)
    assert result.size == sum(path.stat().st_size for path in kept.files)
    own = [note for note in result.notes if "its picture is its clips' own: 10 packets" in note]
    assert len(own) == 2


def change_a_clip(kept: KeptJob) -> Iterable[tuple[Fault, str]]:
    path = kept.file("Road_VideoClip_*31-00.mp4")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    return {(Fault.CHANGED, path.name)}


def remove_the_track(kept: KeptJob) -> Iterable[tuple[Fault, str]]:
    path = kept.file("Track_*")
    path.unlink()
    return {(Fault.MISSING, path.name)}


def add_copies(kept: KeptJob) -> Iterable[tuple[Fault, str]]:
    clip, merge = kept.file("Road_VideoClip_*31-00.mp4"), kept.file("Road_Merged_*")
    added = [clip.with_name(f"{clip.stem} - Copy.mp4"), merge.with_name(f"{merge.stem} (2).mp4")]
    for path in added:
        path.write_bytes(b"more")
    (kept.videos / "holiday.mp4").write_bytes(b"mine")
    clip.with_name(clip.name.replace("13-31-00", "19-31-00")).write_bytes(b"of another time")
    return {(Fault.SURPLUS, path.name) for path in added}


def forge_the_list(kept: KeptJob) -> Iterable[tuple[Fault, str]]:
    """A clip is changed and the list fits it again: the journal still knows."""
    ((_, clip),) = change_a_clip(kept)
    hashes = hash_list.read(kept.hash_list.read_text("utf-8"))
    hashes[clip] = Hashing(StopEvent()).digest(kept.videos / clip)
    kept.hash_list.write_text("\n".join(hash_list.lines(hashes)), "utf-8")
    names = (clip, kept.hash_list.name)
    return {(Fault.RECORDS_DIFFER, clip), *((Fault.CHANGED, name) for name in names)}


def take_out_of_the_list(kept: KeptJob) -> Iterable[tuple[Fault, str]]:
    lines = kept.hash_list.read_text("utf-8").splitlines()
    left_out = lines.pop(0)[66:]
    kept.hash_list.write_text("\n".join([*lines, f"{'ab' * 32}  more.mp4"]), "utf-8")
    return {
        (Fault.CHANGED, kept.hash_list.name),
        (Fault.RECORDS_DIFFER, left_out),
        (Fault.RECORDS_DIFFER, "more.mp4"),
        (Fault.MISSING, "more.mp4"),
    }


def garble_the_list(kept: KeptJob) -> Iterable[tuple[Fault, str]]:
    kept.hash_list.write_bytes(b"\xff\xfe nothing")
    return {(Fault.CHANGED, kept.hash_list.name), (Fault.UNREADABLE, kept.hash_list.name)}


CHANGES = [
    change_a_clip,
    remove_the_track,
    add_copies,
    forge_the_list,
    take_out_of_the_list,
    garble_the_list,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_wrong_is_named(change: Change, tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    before = {path: path.read_bytes() for path in (kept.path, *kept.files)}
    wrong_merges = {(Fault.NOT_ITS_CLIPS, path.name) for path in kept.videos.glob("*_Merged_*")}
    expected = set(change(kept))
    result = verified(kept)
    assert faults(result) - wrong_merges == expected  # these merges are no films
    assert result.exit_status == ExitStatus.CHANGED
    assert all(finding.file in finding.sentence for finding in result.findings)
    after = {path: path.read_bytes() for path in (kept.path, *kept.files)}
    changed = {path for path in before if before[path] != after.get(path)}
    assert changed <= {kept.videos / name for _, name in expected}


def test_a_merge_of_other_packets_is_named(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, real=True, minutes=1)
    job = read(kept.path)
    merge = next(one for one in job.outputs if one.camera == "Road")
    other = kept.file("Analog_Merged_*").read_bytes()
    (kept.videos / merge.path).write_bytes(other)
    sha256 = Hashing(StopEvent()).digest(kept.videos / merge.path)
    forged = replace(merge, sha256=sha256, size=len(other))
    kept.change(outputs=[forged if one == merge else one for one in job.outputs])
    kept.write_list()
    result = verified(kept)
    assert faults(result) == {(Fault.NOT_ITS_CLIPS, merge.path.name)}
    assert "lacks some of the picture of Road_VideoClip" in result.findings[0].text


def test_a_folder_that_cannot_be_listed_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep_job(tmp_path, real=True, minutes=1)
    cannot_be_listed(kept.videos, monkeypatch)
    result = verified(kept)
    assert faults(result) == {(Fault.UNREADABLE, str(kept.videos))}
    assert result.exit_status == ExitStatus.CHANGED


def test_another_jobs_files_are_not_surplus(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, real=True, minutes=1)
    keep_job(tmp_path, minutes=3, when="2025-04-17_11-00-00")  # has this job's clip, and more
    assert not verified(kept).findings


def test_what_another_run_is_just_making_is_not_surplus(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, real=True, minutes=1)
    other = keep_job(tmp_path, "Truck 43", minutes=1, when="2025-04-17_11-00-00")
    (kept.videos / "Road_VideoClip_Truck 42_2025-04-16_13-30-00 (2).mp4").write_bytes(b"new")
    with closing(Journal.open(other.path)):
        result = verified(kept)
        assert not result.findings
        assert any("(2).mp4. Verify again when it has ended" in note for note in result.notes)
    with closing(Journal.open(kept.path)):  # this run's own lock, which says nothing
        assert {fault for fault, _ in faults(verified(kept))} == {Fault.SURPLUS}


def test_what_only_a_list_has_is_not_surplus(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, real=True, minutes=1)
    other = keep_job(tmp_path, minutes=3, when="2025-04-17_11-00-00")
    listed = other.hash_list
    other.path.unlink()
    assert not verified(kept).findings
    listed.unlink()
    assert not verified(kept).findings  # what is left is of other minutes than this job's


def test_a_lost_clip_is_missed_until_another_came(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, real=True, minutes=1)
    job = read(kept.path)
    media = job.retrievals[0].media[0]
    clip = media.clip
    assert clip is not None
    path = kept.videos / clip.path
    path.rename(path.with_name("elsewhere.mp4"))
    media.lost, media.clip = LostClip(clip, Loss.MISSING, job.created), None
    kept.change(retrievals=job.retrievals)
    result = verified(kept)
    assert faults(result) == {(Fault.MISSING, path.name)}
    merge = kept.file("Road_Merged_*").name
    assert f"{merge} was not compared with its clips: not all are whole." in result.notes


def test_an_old_list_of_an_unfinished_job_is_no_fault(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, real=True, minutes=1)
    outputs = [one for one in read(kept.path).outputs if one.kind != "track"]
    kept.change(finished=False, outputs=outputs)
    result = verified(kept)
    assert not result.findings
    assert any("--resume writes it again" in note for note in result.notes)
    kept.change(finished=True)
    assert faults(verified(kept)) == {(Fault.RECORDS_DIFFER, kept.file("Track_*").name)}


def test_a_forged_list_of_an_unfinished_job_is_a_fault(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    kept.change(finished=False)
    expected = set(forge_the_list(kept))
    assert expected <= faults(verified(kept))
    kept.write_list()
    take_out_of_the_list(kept)
    assert (Fault.RECORDS_DIFFER, "more.mp4") in faults(verified(kept))


def test_accents_that_a_disk_took_apart_are_no_fault(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, "L'été", real=True, minutes=1)
    for path in kept.files:
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    assert not verified(kept).findings


def test_a_job_of_before_has_no_list(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, real=True, minutes=1)
    kept.hash_list.unlink()
    kept.change(outputs=[one for one in read(kept.path).outputs if one.kind != "hashes"])
    result = verified(kept)
    assert not result.findings
    assert any("no list of hashes yet" in note for note in result.notes)


def test_a_folder_that_is_gone_is_one_finding(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    kept.videos.rename(tmp_path / "elsewhere")
    assert faults(verified(kept)) == {(Fault.MISSING, str(kept.videos))}


def test_a_list_alone_is_compared(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    result = verify_list(kept.hash_list, Hashing(StopEvent()))
    assert not result.findings and result.files == len(kept.files) - 1
    expected = set(change_a_clip(kept)) | set(remove_the_track(kept))
    kept.hash_list.write_text(f"{kept.hash_list.read_text('utf-8')}{'ab' * 32}  ../out\n", "utf-8")
    result = verify_list(kept.hash_list, Hashing(StopEvent()))
    assert faults(result) == expected | {(Fault.UNREADABLE, "../out")}


def test_it_shows_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    kept, stop, shown = keep_job(tmp_path), StopEvent(), list[tuple[str, int]]()

    def show(name: str, size: int) -> None:
        shown.append((name, size))
        if len(shown) == 3:
            stop.set()

    with pytest.raises(Interrupted):
        verify_job(read(kept.path), "the job", list, Hashing(stop, show))
    assert len(shown) == 3
    assert [size for _, size in shown] == sorted(size for _, size in shown)
