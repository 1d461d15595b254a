"""A finished file is made once from the same clips, and never in place of another job's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.bare_job import bare_job

from footage.errors import FfmpegError
from footage.job.journal import Journal, read
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Order, Outputs
from footage.job.whole import nothing_left
from footage.model import Vehicle


class Maker:
    """A job whose files are made of words."""

    def __init__(self, folder: Path, when: str = "now") -> None:
        self.videos = folder / "Videos"
        self.work = folder / when
        for path in (self.videos, self.work):
            path.mkdir(exist_ok=True)
        vehicle = Vehicle("1", "Truck 42", file_name="Truck 42")
        job = bare_job(folder=str(self.videos), vehicle=vehicle)
        self.journal = Journal.create(folder / "Logs", job, when)
        others = OtherJobs(self.journal, self.videos)
        self.outputs = Outputs(self.journal, self.videos, self.work, others)
        self.built: list[str] = []

    def make(self, content: str, made_from: str = "a clip") -> None:
        def build(target: Path) -> tuple[float, str]:
            self.built.append(content)
            target.write_text(content, "utf-8")
            return 60.0, "a note"

        self.outputs.make(Order("merge", "Road", "Road.mp4", made_from, build))

    @property
    def files(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8") for path in self.videos.iterdir()}


@pytest.fixture
def maker(tmp_path: Path) -> Callable[[str], Maker]:
    return lambda when: Maker(tmp_path, when)


def test_a_file_that_is_there_is_not_made_again(maker: Callable[[str], Maker]) -> None:
    one = maker("now")
    one.make("first")
    one.make("second")
    assert (one.built, one.files) == (["first"], {"Road.mp4": "first"})
    (output,) = read(one.journal.path).outputs
    assert (output.path.name, output.duration, output.note) == ("Road.mp4", 60.0, "a note")


def test_a_file_of_other_clips_takes_the_place_of_its_own(maker: Callable[[str], Maker]) -> None:
    one = maker("now")
    one.make("first")
    one.make("second", made_from="another clip")
    assert one.files == {"Road.mp4": "second"}
    assert len(one.journal.job.outputs) == 1


def test_a_file_that_was_damaged_is_made_again(maker: Callable[[str], Maker]) -> None:
    one = maker("now")
    one.make("first")
    (one.videos / "Road.mp4").write_text("damage", "utf-8")
    one.journal.job.finished = True
    assert not nothing_left(one.journal.job, one.videos)
    one.make("first")
    assert one.files == {"Road.mp4": "first"}
    assert nothing_left(one.journal.job, one.videos)


def test_a_file_of_another_job_is_never_replaced(maker: Callable[[str], Maker]) -> None:
    first, second = maker("now"), maker("later")
    first.make("first")
    second.make("second", made_from="another clip")
    assert first.files == {"Road.mp4": "first", "Road (2).mp4": "second"}


def test_what_another_job_made_of_the_same_clips_is_used(maker: Callable[[str], Maker]) -> None:
    first = maker("now")
    first.make("first")
    second = maker("later")
    second.make("second")
    assert (second.built, second.files) == ([], {"Road.mp4": "first"})
    assert second.journal.job.outputs == first.journal.job.outputs


def test_a_file_that_cannot_be_made_is_reported(maker: Callable[[str], Maker]) -> None:
    one = maker("now")

    def build(target: Path) -> tuple[float, str]:
        raise FfmpegError("ffmpeg failed.")

    one.outputs.make(Order("merge", "Road", "Road.mp4", "a clip", build))
    one.make("first", made_from="another clip")
    assert one.outputs.failures == [
        "Road.mp4 could not be made. ffmpeg failed. Try again with --resume."
    ]
    assert one.files == {"Road.mp4": "first"}
