"""A finished file is made once from the same clips, and never in place of another job's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support.bare_job import bare_job
from support.checking import check_files
from support.media import START

from footage.errors import FfmpegError
from footage.job.journal import Journal, read
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Order, Outputs
from footage.model import StepKind, Vehicle


class Maker:
    """A job whose files are made of words."""

    def __init__(self, folder: Path, when: str = "now") -> None:
        self.videos = folder / "Videos"
        self.work = folder / when
        for path in (self.videos, self.work):
            path.mkdir(exist_ok=True)
        vehicle = Vehicle("1", "Truck 42", file_name="Truck 42")
        created = START + timedelta(seconds=len(when))
        job = bare_job(folder=str(self.videos), vehicle=vehicle, created=created)
        self.journal = Journal.create(folder / "Logs", job, when)
        others = OtherJobs(self.journal, self.videos)
        self.outputs = Outputs(self.journal, self.videos, self.work, others)
        self.built: list[str] = []

    def make(
        self,
        content: str,
        made_from: str = "a clip",
        contents: tuple[str, ...] = (),
        lacks: tuple[str, ...] = (),
    ) -> None:
        def build(target: Path) -> tuple[float, str]:
            self.built.append(content)
            target.write_text(content, "utf-8")
            return 60.0, "a note"

        order = Order(
            "merge", "Road", "Road.mp4", made_from, build, contents, lacks, lambda: "a process"
        )
        self.outputs.make(order)

    def check(self) -> list[str]:
        """Look at the files of the job, which counts as finished."""
        with self.journal.change() as job:
            job.finished = True
        return check_files(self.journal, self.videos, lambda seconds: None)

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
    assert one.check() == ["Road.mp4 was changed on this computer."]
    assert not one.journal.job.finished
    one.make("first")
    assert one.files == {"Road.mp4": "first"}
    assert one.check() == []
    assert one.journal.job.finished


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


def test_a_file_with_more_in_it_stays(maker: Callable[[str], Maker]) -> None:
    one = maker("now")
    one.make("both", "1 2", ("1", "2"))
    one.make("one", "1", ("1",), ("2.mp4",))
    assert one.built == ["both"]
    assert one.files == {"Road.mp4": "both"}
    assert one.outputs.notes == [
        "Road.mp4 is kept as it was made, when more of the footage was here."
    ]


def test_a_file_with_something_else_in_it_stays(maker: Callable[[str], Maker]) -> None:
    one = maker("now")
    one.make("1 and 2", "1 2", ("1", "2"))
    one.make("1 and 3", "1 3", ("1", "3"), ("2.mp4",))
    assert one.files == {"Road.mp4": "1 and 2", "Road (2).mp4": "1 and 3"}
    first, second = read(one.journal.path).outputs
    assert (first.path.name, second.path.name) == ("Road.mp4", "Road (2).mp4")
    assert second.note == "a note; made without 2.mp4"
    one.make("all", "1 2 3", ("1", "2", "3"))
    assert one.files["Road.mp4"] == "all"
    assert [output.path.name for output in one.journal.job.outputs] == ["Road.mp4"]


def test_a_poorer_file_never_has_the_name_of_a_better_one(maker: Callable[[str], Maker]) -> None:
    """The better one may be on its way back from another folder."""
    one = maker("now")
    one.make("both", "1 2", ("1", "2"))
    (one.videos / "Road.mp4").unlink()
    one.make("one", "1", ("1",), ("2.mp4",))
    assert one.files == {"Road (2).mp4": "one"}


def test_an_old_file_whose_contents_nobody_knows_stays(maker: Callable[[str], Maker]) -> None:
    one = maker("now")
    one.make("of old", "1 2")
    one.make("one", "1", ("1",), ("2.mp4",))
    assert one.files == {"Road.mp4": "of old", "Road (2).mp4": "one"}


def test_the_file_that_another_job_has_too_stays(maker: Callable[[str], Maker]) -> None:
    first = maker("now")
    first.make("first", "1", ("1",))
    second = maker("later")
    second.make("second", "1", ("1",))
    second.make("more", "1 2", ("1", "2"))
    assert first.files == {"Road.mp4": "first", "Road (2).mp4": "more"}


def test_how_a_file_was_made_is_in_the_custody(maker: Callable[[str], Maker]) -> None:
    one, other = maker("one"), maker("other")
    one.make("film")
    one.make("film")  # it is there already
    step, *more = one.journal.job.custody
    (output,) = one.journal.job.outputs
    assert (step.kind, step.file, step.text) == (StepKind.MERGED, "Road.mp4", "a process; a note")
    assert (step.size, step.sha256) == (output.size, output.sha256)
    assert more == []
    other.make("film")
    (step,) = other.journal.job.custody
    assert step.text == "made by another job, of the same"


def test_what_a_killed_run_left_is_not_taken_for_anothers(
    maker: Callable[[str], Maker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ended when the file had its name, and the journal did not know of it yet."""
    one = maker("now")

    def killed(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(one.outputs, "_remember", killed)
        with pytest.raises(KeyboardInterrupt):
            one.make("first try")
    assert read(one.journal.path).publishing == ("merge", "Road", "Road.mp4")
    one.make("second try")
    assert [path.name for path in one.videos.iterdir()] == ["Road.mp4"]
    assert (one.videos / "Road.mp4").read_text("utf-8") == "second try"
    assert read(one.journal.path).publishing == ()


def test_a_file_that_was_there_before_is_never_what_was_left(maker: Callable[[str], Maker]) -> None:
    one = maker("now")
    (one.videos / "Road.mp4").write_text("somebody's", "utf-8")
    one.make("ours")
    assert (one.videos / "Road.mp4").read_text("utf-8") == "somebody's"
    assert (one.videos / "Road (2).mp4").read_text("utf-8") == "ours"
