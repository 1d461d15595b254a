"""Files appear whole or not at all, also where another program holds them open for a moment."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.open_files import watch

from footage.errors import DiskError
from footage.system import whole_files


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    return path


def left(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_a_whole_file_takes_the_place_of_the_old_one(target: Path) -> None:
    with whole_files.whole_file(target) as part:
        part.write_bytes(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert left(target) == [target.name]


def test_what_fails_half_way_leaves_the_old_file(target: Path) -> None:
    with pytest.raises(RuntimeError), whole_files.whole_file(target) as part:
        part.write_bytes(b"ne")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert left(target) == [target.name]


@pytest.mark.parametrize("links", [True, False])
def test_a_new_file_never_replaces_another(
    target: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: Path, name: Path) -> None:
        if name.exists():
            raise FileExistsError
        raise OSError(errno.EPERM, "a file system without hard links")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    for content, name in ((b"new", "film (2).mp4"), (b"old", "film.mp4"), (b"new", "film (2).mp4")):
        part = whole_files.part_of(target)
        part.write_bytes(content)
        assert whole_files.publish_new(part, target).name == name
    assert left(target) == ["film (2).mp4", "film.mp4"]


@pytest.mark.parametrize(
    "action",
    [
        lambda path: path.unlink(),
        lambda path: path.rename(path.with_name("other")),
        lambda path: path.with_name("part").replace(path),
    ],
    ids=["removed", "renamed", "replaced"],
)
def test_the_tests_notice_what_windows_refuses(
    target: Path, action: Callable[[Path], object]
) -> None:
    target.with_name("part").write_bytes(b"new")
    with target.open("rb"):
        if os.name == "nt":
            with pytest.raises(PermissionError):
                action(target)
            return
        action(target)
    (refused,) = watch.end()
    watch.begin()
    assert "which is open" in refused
    assert __file__ in refused


class Held:
    """Another program has the file open: so many tries to rename, remove or read it fail.

    patience: seconds for which it is tried again
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int, patience: float = 60) -> None:
        self.times = times
        monkeypatch.setattr(whole_files, "_WAITS_FOR_OTHERS", True)
        monkeypatch.setattr(whole_files, "_HELD_PAUSE", 0.001)
        monkeypatch.setattr(whole_files, "_HELD_PATIENCE", patience)
        monkeypatch.setattr(whole_files, "_HELD_PATIENCE_READING", patience)
        monkeypatch.setattr(whole_files, "_HELD_TOLD_AFTER", 0.01)
        for method in ("replace", "unlink", "read_text"):
            monkeypatch.setattr(Path, method, self._refuse_first(getattr(Path, method)))

    def _refuse_first(self, method: Callable[..., object]) -> Callable[..., object]:
        def refuse(path: Path, *arguments: object, **named: object) -> object:
            self.times -= 1
            if self.times >= 0:
                raise PermissionError(errno.EACCES, "in use", str(path), None, *map(str, arguments))
            return method(path, *arguments, **named)

        return refuse


def test_a_file_that_is_held_for_a_moment_is_waited_for(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = target.with_name("other.mp4")
    Held(monkeypatch, times=3)
    whole_files.rename(target, other)
    Held(monkeypatch, times=3)
    assert whole_files.read_text(other) == "old"
    Held(monkeypatch, times=3)
    whole_files.remove(other)
    assert left(target) == []


def test_a_film_that_stays_open_in_a_player_is_named(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Held(monkeypatch, times=100_000, patience=0.1)
    with pytest.raises(DiskError) as failed, whole_files.whole_file(target) as part:
        part.write_bytes(b"new")
    message = str(failed.value)
    assert message.startswith(f"film.mp4 in {target.parent} cannot be written: ")
    assert "open in another program" in message
    assert target.read_bytes() == b"old"


@pytest.mark.skipif(os.name != "nt", reason="only there an open file cannot be replaced")
def test_on_windows_an_open_film_is_replaced_once_it_is_closed(target: Path) -> None:
    player = target.open("rb")
    threading.Timer(0.5, player.close).start()
    with whole_files.whole_file(target) as part:
        part.write_bytes(b"new")
    assert target.read_bytes() == b"new"


def test_readers_see_the_old_lines_or_the_new(target: Path) -> None:
    """Both are tried again where the system does not let one replace what the other reads."""
    whole_files.write_lines(target, ["0"] * 1000)
    done = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not done.wait(0.005):
            seen.update(whole_files.read_text(target).split("\n\n"))

    reader = threading.Thread(target=read)
    watch.end()  # here a file that is being read is replaced, on purpose
    reader.start()
    for number in range(50):
        whole_files.write_lines(target, [str(number % 10)] * 1000)
    done.set()
    reader.join()
    watch.begin()
    assert all(len(text) == 2000 and len(set(text)) == 2 for text in seen)


@pytest.mark.parametrize(
    ("number", "need", "expected"),
    [
        (errno.ENOSPC, 0, "is full. Make room there."),
        (errno.ENOSPC, 4_200_000, "is full: at least 4.2 MB more are needed. Make room there."),
        (errno.EROFS, 0, "cannot be written: the folder is protected"),
        (errno.EIO, 0, "cannot be used: broken."),
        (errno.EDQUOT, 0, "is full. Make room there."),
        (errno.EFBIG, 0, "takes no file of this size"),
    ],
)
def test_what_the_disk_says_is_one_sentence(
    tmp_path: Path, number: int, need: int, expected: str
) -> None:
    with pytest.raises(DiskError) as failed, whole_files.disk_errors(tmp_path, need):
        raise OSError(number, "broken")
    assert expected in str(failed.value)
    assert str(tmp_path) in str(failed.value)
    assert str(failed.value).endswith(whole_files.KEPT)


def test_long_names_are_tried_before_they_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert whole_files.try_long_names(tmp_path, 60, 150) == 0
    touch = Path.touch

    def refuse_long(path: Path) -> None:
        if len(str(path)) > 259:
            raise FileNotFoundError(errno.ENOENT, "The system cannot find the path specified")
        touch(path)

    monkeypatch.setattr(Path, "touch", refuse_long)
    length = whole_files.try_long_names(tmp_path, 60, 200)
    assert length == len(str(whole_files.part_of(tmp_path / ("_" * 60) / ("_" * 200)))) > 259
    assert list(tmp_path.iterdir()) == []


def test_a_long_wait_for_a_held_file_is_shown_once(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(whole_files._Waits, "show", shown.append)
    Held(monkeypatch, times=30)
    whole_files.remove(target)
    (line,) = shown
    assert line.startswith("film.mp4 is held open by another program")
    assert left(target) == []


def test_a_scanner_may_hold_a_file_for_half_a_minute() -> None:
    assert whole_files._HELD_PATIENCE >= 30


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP])
def test_a_disk_that_cannot_flush_is_no_fault(
    target: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def cannot(descriptor: int) -> None:
        raise OSError(number, "not supported")

    monkeypatch.setattr(os, "fsync", cannot)
    with whole_files.whole_file(target) as part:
        part.write_bytes(b"new")
    assert target.read_bytes() == b"new"


def test_a_disk_that_takes_no_large_files_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert whole_files.takes_large_files(tmp_path)
    assert list(tmp_path.iterdir()) == []
    if os.name == "nt":  # it names the file system instead
        assert whole_files._file_system(tmp_path)
        assert whole_files._file_system(Path("Q:/none")) == ""
        return
    for number, takes in ((errno.EFBIG, False), (errno.ENOSPC, True)):

        def refuse(number: int = number, **options: object) -> object:
            raise OSError(number, "refused")

        monkeypatch.setattr("tempfile.TemporaryFile", refuse)
        assert whole_files.takes_large_files(tmp_path) is takes


@pytest.mark.parametrize(("name", "takes"), [("FAT32", False), ("NTFS", True), ("", True)])
def test_on_windows_the_file_system_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, takes: bool
) -> None:
    monkeypatch.setattr(whole_files, "_file_system", lambda folder: name)
    monkeypatch.setattr("os.name", "nt")
    assert whole_files.takes_large_files(tmp_path) is takes


def test_only_what_killed_runs_left_behind_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
    target = tmp_path / "page [1].html"
    dead = tmp_path / f"page [1].html.{process.pid}.part"
    kept = [whole_files.part_of(target), target, tmp_path / "page [1].html.other.part"]
    for path in (dead, *kept):
        path.touch()
    whole_files.remove_left_behind(target)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
