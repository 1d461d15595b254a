"""A package is checked by anybody: with BagIt's validator, with sha256sum, and with --verify."""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import bagit
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.checking import check_files
from support.kept_jobs import KeptJob, keep_job

from footage.errors import ExitStatus, FfmpegError, FilesChanged, UsageError
from footage.job.journal import Journal, read
from footage.model import StepKind
from footage.report import bag, package, package_sinks, verify_bag
from footage.report.findings import Fault
from footage.report.hash_list import all_clips
from footage.report.hashing import Hashing
from footage.report.package import Order, Packaged, make_package
from footage.report.package_layout import Packed, packed_files
from footage.report.report_file import report_for_package
from footage.system.threads import StopEvent

NAMES = ["Truck 42", "L'été à 50% [Nord] (2)", "Лада & Söhne %0D"]
REFERENCE = "CLM-1 / 2: Zoë"
SOME_OF_IT = {"data/custody.csv", "data/certificate-draft.txt", "data/journal.json", "VERIFY.txt"}


def pack(kept: KeptJob, **order: Any) -> Packaged:
    with closing(Journal.open(kept.path)) as journal:
        to = kept.videos.parent / "To here"
        return make_package(journal, Order(**{"to": to, **order}), Hashing(StopEvent()))


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def files_in(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


# --- what finds a change --------------------------------------------------------------------------


def validator_is_content(folder: Path) -> bool:
    """Some of what bagit cannot read it leaves to Python to say: ValueError, UnicodeDecodeError."""
    try:
        bagit.Bag(str(folder)).validate()
    except (bagit.BagError, ValueError):
        return False
    return True


def sha256sum_is_content(folder: Path) -> bool:
    """Of both manifests; a line that it cannot read only makes it warn."""
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("no sha256sum here")
    for name in (bag.MANIFEST_NAME, bag.TAG_MANIFEST_NAME):
        done = subprocess.run([program, "-c", name], cwd=folder, capture_output=True)
        if done.returncode or b"WARNING" in done.stderr:
            return False
    return True


def verify_is_content(folder: Path) -> bool:
    return not verify_bag.verify_bag(folder, Hashing(StopEvent())).findings


CHECKS = [validator_is_content, sha256sum_is_content, verify_is_content]


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package with the merges of a job that is all films."""
    kept = keep_job(tmp_path_factory.mktemp("kept"), NAMES[1], real=True, minutes=1)
    return pack(kept, reference=REFERENCE, by="Kim: Claims").path


@pytest.fixture
def without_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merges are not compared packet by packet, which takes most of the time."""
    monkeypatch.setattr(verify_bag, "check_merges", lambda *given: None)


@pytest.mark.parametrize("check", CHECKS)
def test_everybody_accepts_a_whole_package(check: Callable[[Path], bool], packaged: Path) -> None:
    assert check(packaged)


@pytest.mark.usefixtures("without_merges")
@pytest.mark.parametrize("vehicle", NAMES)
@pytest.mark.parametrize("as_zip", [False, True])
def test_all_names_are_accepted(vehicle: str, as_zip: bool, tmp_path: Path) -> None:
    kept = keep_job(tmp_path, vehicle)
    path = pack(kept, as_zip=as_zip, reference="50% of it's done").path
    if as_zip:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "elsewhere")
        path = next((tmp_path / "elsewhere").iterdir())
    assert [check.__name__ for check in CHECKS if not check(path)] == []
    assert not [name for name in files_in(path) if set(name) & set("%\r\n")]
    for clip in all_clips(read(kept.path)):
        name = clip.path.name.replace("%", "_")
        assert (path / "data/originals" / name).read_bytes() == (
            kept.videos / clip.path
        ).read_bytes()


@pytest.mark.usefixtures("without_merges")
def test_a_file_more_or_less_is_found(packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(packaged, folder)
    for name in files_in(packaged):
        (folder / name).rename(tmp_path / "away")
        missed = [check.__name__ for check in CHECKS if check(folder)]
        # Without its tag manifest it is a package still, whose manifest nobody vouches for.
        tag = name == bag.TAG_MANIFEST_NAME
        assert missed == (["validator_is_content"] if tag else []), name
        (tmp_path / "away").rename(folder / name)
    for place in ("data/more", "data/originals/more.mp4", "data/new/.hidden"):
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_bytes(b"")
        assert not validator_is_content(folder)
        found = verify_bag.verify_bag(folder, Hashing(StopEvent())).findings
        assert [(one.fault, one.file) for one in found] == [(Fault.SURPLUS, place)]
        (folder / place).unlink()


@pytest.mark.usefixtures("without_merges")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_found(data: st.DataObject, packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    if not folder.exists():
        shutil.copytree(packaged, folder)
    name = data.draw(st.sampled_from(sorted(files_in(packaged))))
    content = (packaged / name).read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    flipped = bytearray(content)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    (folder / name).write_bytes(flipped)
    try:
        missed = [check.__name__ for check in CHECKS if check(folder)]
    finally:
        (folder / name).write_bytes(content)
    # A hash in capital letters, or another kind of blank, is the same list to all but us.
    same = name == bag.TAG_MANIFEST_NAME and as_others_read(flipped) == as_others_read(content)
    assert not missed or (same and verify_is_content.__name__ not in missed)


def as_others_read(manifest: bytes | bytearray) -> list[list[str]]:
    """Hashes and names, however they are parted and written."""
    text = manifest.decode("utf-8", "replace")
    return [line.split(None, 1) for line in text.lower().splitlines()]


def test_a_forged_package_differs_from_its_journal(packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "forged"
    shutil.copytree(packaged, folder)
    clip = next((folder / "data/originals").iterdir())
    clip.write_bytes(b"made up")
    (folder / "data/originals/added.mp4").write_bytes(b"made up")
    bagit.Bag(str(folder)).save(manifests=True)
    assert validator_is_content(folder)
    found = verify_bag.verify_bag(folder, Hashing(StopEvent()))
    name = f"data/originals/{clip.name}"
    assert {(one.fault, one.file) for one in found.findings} >= {
        (Fault.CHANGED, name),
        (Fault.RECORDS_DIFFER, name),
        (Fault.RECORDS_DIFFER, "data/originals/added.mp4"),
    }
    assert found.exit_status == ExitStatus.CHANGED


@pytest.mark.usefixtures("without_merges")
def test_wrong_sizes_and_another_spelling_are_named(packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(packaged, folder)
    info, tags = folder / bag.INFO_NAME, folder / bag.TAG_MANIFEST_NAME
    info.write_bytes(info.read_bytes().replace(b"Oxum: ", b"Oxum: 1"))
    hashes = bag.read_manifest(tags.read_text("utf-8"))
    hashes[info.name] = Hashing(StopEvent()).digest(info)
    tags.write_bytes(bag.manifest_text(hashes).encode().upper())
    found = verify_bag.verify_bag(folder, Hashing(StopEvent())).findings
    assert {(one.fault, one.file) for one in found} >= {
        (Fault.RECORDS_DIFFER, bag.INFO_NAME),
        (Fault.CHANGED, bag.TAG_MANIFEST_NAME),
    }


def test_merges_in_a_package_are_compared(packaged: Path) -> None:
    result = verify_bag.verify_bag(packaged, Hashing(StopEvent()))
    assert len([note for note in result.notes if "its picture is its clips' own" in note]) == 2
    assert result.files == len(files_in(packaged)) - 1  # the tag manifest has no hash


def test_accents_that_a_disk_took_apart_are_no_fault(packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(packaged, folder)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    assert verify_is_content(folder)
    added = folder / "data/originals" / unicodedata.normalize("NFD", "é.mp4")
    added.write_bytes(b"")
    assert not verify_is_content(folder)


def test_a_package_of_another_program_is_verified(tmp_path: Path) -> None:
    (tmp_path / "50% off.txt").write_text("hello")
    bagit.make_bag(str(tmp_path), checksums=["sha256"])
    assert verify_is_content(tmp_path)
    (tmp_path / "data/50% off.txt").write_text("hallo")
    assert not verify_is_content(tmp_path)


# --- what is in it --------------------------------------------------------------------------------


def test_a_package_has_everything_where_it_belongs(packaged: Path) -> None:
    files = files_in(packaged)
    folders = {"originals": 2, "merged": 2, "renderings": 1, "telemetry": 1}
    for folder, count in folders.items():
        assert len([name for name in files if name.startswith(f"data/{folder}/")]) == count
    assert set(files) >= SOME_OF_IT
    info = files[bag.INFO_NAME].decode()
    assert "Source-Organization: Kim: Claims\n" in info
    assert f"External-Identifier: {REFERENCE}\n" in info
    assert len(files["VERIFY.txt"].splitlines()) == 10
    assert all(b"\r" not in files[name] for name in files if name.count("/") == 0)
    certificate = files["data/certificate-draft.txt"].decode()
    assert all(name in certificate for name in files if name.startswith("data/originals/"))
    assert packaged.name == "CLM-1 _ 2_ Zoë_L'été à 50_ [Nord] (2)_2025-04-16_13-30-00"


def test_the_packaging_is_a_step_of_the_custody(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    path = pack(kept, reference="CLM-7", by="Kim").path
    step = read(kept.path).custody[-1]
    assert (step.kind, step.file) == (StepKind.PACKAGED, path.name)
    assert "reference CLM-7, by Kim" in step.text
    text = (path / "data/custody.csv").read_text("utf-8-sig")
    (row,) = [row for row in csv.reader(io.StringIO(text)) if "packaged" in row]
    assert step.text in row
    assert read(path / "data/journal.json") == read(kept.path)


def test_the_report_is_made_for_the_package(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, "50% a", real=True, minutes=1)
    stop = StopEvent()
    with closing(Journal.open(kept.path)) as journal:

        def report(packed: Sequence[Packed]) -> bytes:
            return report_for_package(journal, packed, stop)

        path = make_package(journal, Order(tmp_path / "P"), Hashing(stop), report).path
    page = (path / "data/report.html").read_text("utf-8")
    places = re.findall('data-place="([^"]+)"', page)
    assert len(places) == 6 and all((path / html.unescape(place)).is_file() for place in places)
    assert "sha256sum -c manifest-sha256.txt" in page and "sha256sum -c SHA" not in page
    assert "Analog_VideoClip_50_ a_2025-04-16_13-30-00.mp4" in page
    assert verify_is_content(path)


def test_names_that_became_the_same_are_told_apart(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, "50% a")
    job = read(kept.path)
    one, two = (clip for clip in all_clips(job) if "Road" in clip.path.name)
    for media in (media for _, media in job.media() if media.clip == two):
        renamed = kept.videos / one.path.name.replace("%", "_")
        (kept.videos / two.path).rename(renamed)
        assert media.clip is not None
        object.__setattr__(media.clip, "path", type(two.path)(renamed.name))
    kept.change(retrievals=job.retrievals)
    places = [packed.inside for packed in packed_files(read(kept.path))]
    assert len(set(places)) == len(places) and any("(2).mp4" in place for place in places)


# --- a folder or a ZIP ----------------------------------------------------------------------------


def test_files_are_linked_where_the_disk_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep_job(tmp_path)
    clip = kept.file("Road_VideoClip_*31-00.mp4")
    linked = pack(kept).path / "data/originals" / clip.name
    assert linked.samefile(clip)

    def refuse(*given: Any, **more: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(package_sinks.os, "link", refuse)  # type: ignore[attr-defined]
    copied = pack(kept, to=tmp_path / "Other").path / "data/originals" / clip.name
    assert not copied.samefile(clip) and copied.read_bytes() == clip.read_bytes()
    assert copied.parents[2].name == linked.parents[2].name


def test_a_name_whose_accents_were_taken_apart_is_found(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, "L'été")
    for path in kept.files:
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    assert validator_is_content(pack(kept).path)


def test_a_link_to_a_file_elsewhere_is_followed(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    clip = kept.file("Road_VideoClip_*31-00.mp4")
    clip.rename(tmp_path / "elsewhere.mp4")
    with suppress(OSError):
        clip.symlink_to(Path("..") / "elsewhere.mp4")
    if not clip.is_symlink():  # it may also seem to be made where there are none
        pytest.skip("no links here")
    path = pack(kept).path / "data/originals" / clip.name
    assert path.is_file() and not path.is_symlink()


@pytest.mark.usefixtures("without_merges")
@pytest.mark.parametrize("as_zip", [False, True])
def test_a_second_package_gets_a_number(as_zip: bool, tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    first, second = pack(kept, as_zip=as_zip).path, pack(kept, as_zip=as_zip).path
    assert second.name == first.name.replace("13-30-00", "13-30-00 (2)")
    assert not hidden(first.parent)


def test_a_zip_is_stored_with_names_in_utf8(tmp_path: Path) -> None:
    kept = keep_job(tmp_path, NAMES[2])
    path = pack(kept, as_zip=True).path
    assert path.suffix == ".zip"
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        assert archive.testzip() is None
    assert {one.filename.split("/")[0] for one in entries} == {path.stem}
    assert all(one.compress_type == zipfile.ZIP_STORED for one in entries)
    assert all(one.flag_bits & 0x800 for one in entries if not one.filename.isascii())
    assert not [one for one in entries if one.external_attr >> 16 != 0o100644]


def test_a_zip_may_be_larger_than_four_gib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    kept = keep_job(tmp_path, real=True, minutes=1)
    path = pack(kept, as_zip=True).path
    monkeypatch.undo()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "elsewhere")
    assert validator_is_content(next((tmp_path / "elsewhere").iterdir()))
    assert max(one.extract_version for one in archive.infolist()) == 45


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize("loss", ["missing", "shorter", "changed"])
def test_changed_files_are_not_packaged(loss: str, as_zip: bool, tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    clip, track = kept.file("Road_VideoClip_*31-00.mp4"), kept.file("Track_*")
    for path in (clip, track):
        if loss == "missing":
            path.unlink()
        else:
            path.write_bytes(b"?" if loss == "shorter" else path.read_bytes()[:-1] + b"?")
    before = kept.path.read_bytes()
    with pytest.raises(FilesChanged) as caught:
        pack(kept, as_zip=as_zip)
    assert caught.value.exit_status == ExitStatus.CHANGED
    assert clip.name in str(caught.value) and track.name in str(caught.value)
    assert kept.path.read_bytes() == before
    assert not list((tmp_path / "To here").rglob("*"))


def test_what_is_known_to_be_lost_is_left_out_and_said(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    clip = kept.file("Road_VideoClip_*31-00.mp4")
    clip.unlink()
    with closing(Journal.open(kept.path)) as journal:
        check_files(journal, kept.videos, lambda seconds: None)
    packaged = pack(kept)
    assert any(clip.name in note and "lost" in note for note in packaged.notes)
    assert any("not finished" in note for note in packaged.notes)
    assert validator_is_content(packaged.path)
    assert not (packaged.path / "data/originals" / clip.name).exists()
    result = verify_bag.verify_bag(packaged.path, Hashing(StopEvent()))
    assert {one.fault for one in result.findings} <= {Fault.NOT_ITS_CLIPS}  # they are no films


def test_a_job_without_files_is_not_packaged(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    kept.change(retrievals=[], outputs=[])
    with pytest.raises(UsageError, match="nothing to package"):
        pack(kept)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)
    kept.videos.rename(tmp_path / "elsewhere")
    with pytest.raises(FilesChanged, match="which is not there; connect its disk"):
        pack(kept)


def test_a_package_that_fails_at_its_end_is_noted(tmp_path: Path) -> None:
    kept = keep_job(tmp_path)

    def broken(packed: Sequence[Packed]) -> bytes:
        raise FfmpegError("no pictures")

    to = tmp_path / "P"
    with closing(Journal.open(kept.path)) as journal, pytest.raises(FfmpegError):
        make_package(journal, Order(to), Hashing(StopEvent()), broken)
    assert not list(to.iterdir())
    first, second = read(kept.path).custody[-2:]
    assert (first.kind, second.kind) == (StepKind.PACKAGED, StepKind.PACKAGED)
    assert first.file == second.file and "does not exist" in second.text


def test_a_long_path_is_told(tmp_path: Path) -> None:
    packaged = pack(keep_job(tmp_path, "T" * 80), reference="R" * 80)
    assert any("longest path has" in note and "259" in note for note in packaged.notes)
    assert len(packaged.path.name) <= 40 + 1 + 80 + 1 + 19


# --- killed ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """Ends the program where it stands, as a power cut does."""


def kill_after(count: int) -> None:
    """Raise Killed after so many lines of the modules of the package."""
    own, remaining = (package.__file__, package_sinks.__file__), [count]

    def on_line(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            remaining[0] -= 1
            if remaining[0] <= 0:
                raise Killed
        return on_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        return on_line if frame.f_code.co_filename in own else None

    sys.settrace(on_call)


@pytest.mark.parametrize("as_zip", [False, True])
def test_killed_anywhere_it_is_whole_or_not_there(
    as_zip: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, to = keep_job(tmp_path), tmp_path / "To here"
    monkeypatch.setattr(verify_bag, "check_merges", lambda *given: None)
    for sink in (package_sinks.FolderSink, package_sinks.ZipSink):
        monkeypatch.setattr(sink, "discard", lambda self: None)
    before, killed = sys.gettrace(), 0
    for count in range(1, 2000, 40):
        try:
            kill_after(count)
            pack(kept, as_zip=as_zip)
        except Killed:
            killed += 1
        finally:
            sys.settrace(before)
        for path in to.glob("[!.]*") if to.exists() else ():
            assert as_zip or verify_is_content(path)
            assert not as_zip or zipfile.ZipFile(path).testzip() is None
        if killed < count // 40 + 1:
            break
    assert killed > 3
    pack(kept, as_zip=as_zip)
    assert not hidden(to)
