"""The screen: bars on a terminal, plain lines elsewhere, and the summary in plain words."""

from __future__ import annotations

import io
from pathlib import Path, PurePath

import pytest
from support.media import START, imagined, window

from footage.errors import ExitStatus
from footage.model import Job, Media, MediaStatus, Output, Retrieval, RetrievalState, Vehicle
from footage.system import timezones
from footage.ui.progress import Screen
from footage.ui.summary import print_summary
from SamsaraAPI import CAMERAS

TZ = timezones.zone("UTC")


class Wall:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def paper() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def plain(paper: io.StringIO, wall: Wall) -> Screen:
    return Screen(paper, interactive=False, clock=wall)


# --- plain lines ----------------------------------------------------------------------------------


def test_a_stage_is_told_at_once_then_every_half_minute_and_at_its_end(
    plain: Screen, paper: io.StringIO, wall: Wall
) -> None:
    with plain:
        for second in range(70):
            wall.now = second
            plain.show("Waiting", f"{second} of 100 uploaded", second, 100)
        plain.show("Waiting", "100 of 100 uploaded", 100, 100, last=True)
    assert paper.getvalue().splitlines() == [
        "Waiting       0 of 100 uploaded",
        "Waiting       30 of 100 uploaded",
        "Waiting       60 of 100 uploaded",
        "Waiting       100 of 100 uploaded",
    ]


def test_stages_do_not_silence_each_other_and_nothing_is_said_twice(
    plain: Screen, paper: io.StringIO, wall: Wall
) -> None:
    plain.show("Requesting", "1/2", 1, 2)
    plain.show("Waiting", "0 of 2", 0, 2)
    wall.now = 100.0
    plain.show("Requesting", "1/2", 1, 2)
    plain.show("Requesting", "1/2", 1, 2, last=True)
    assert paper.getvalue().splitlines() == ["Requesting    1/2", "Waiting       0 of 2"]


def test_elsewhere_there_are_no_control_codes_and_no_broken_lines(
    plain: Screen, paper: io.StringIO
) -> None:
    long = "SideBySide_Merged_" + "Truck 42 " * 30 + ".mp4"
    with plain:
        plain.show("Downloading", long, 1, 2)
        plain.table([[long, "5:00", "84 MB"], ["short.mp4", "5:00", "8 MB"]])
        plain.say(f"Missing: {long}")
    assert "\x1b" not in paper.getvalue()
    assert paper.getvalue().splitlines() == [
        f"Downloading   {long}",
        f"{long}    5:00    84 MB",
        "short.mp4    5:00    8 MB",
        f"Missing: {long}",
    ]


@pytest.mark.parametrize("interactive", [False, True])
def test_what_is_shown_is_never_read_as_markup(paper: io.StringIO, interactive: bool) -> None:
    name = "Truck [bold]7[/bold] [red] :truck: [/nothing]"
    screen = Screen(paper, interactive=interactive)
    with screen:
        screen.show("Merging", name, 1, 2)
        screen.say(name)
        screen.table([[name, "5:00"]])
    assert paper.getvalue().count(name) >= 3


# --- bars -----------------------------------------------------------------------------------------


def test_on_a_terminal_each_stage_has_one_bar_with_its_text(paper: io.StringIO) -> None:
    screen = Screen(paper, interactive=True)
    with screen:
        screen.show("Requesting", "1/2", 1, 2)
        screen.show("Waiting", "0 of 2 uploaded", 0, 2)
        screen.show("Requesting", "2/2", 2, 2, last=True)
    final = paper.getvalue().rpartition("Requesting")[2]
    assert "\u2501" in final and "2/2" in final
    assert "Waiting" in final and "0 of 2 uploaded" in final


# --- the summary ----------------------------------------------------------------------------------


def finished(*media: Media, outputs: list[Output] | None = None) -> Job:
    cameras = tuple(dict.fromkeys(one.camera for one in media))
    return Job(
        provider="Samsara",
        vehicle=Vehicle("1", "Truck 42"),
        start=START,
        minutes=1,
        timezone="UTC",
        cameras=cameras,
        cameras_named=False,
        created=START,
        folder="Videos",
        retrievals=[
            Retrieval(window(0), [one], state=RetrievalState.ACCEPTED, id="id") for one in media
        ],
        outputs=outputs or [],
    )


def output(kind: str, label: str, name: str, note: str = "") -> Output:
    return Output(kind, label, PurePath(name), 300.0, 84_000_000, "", "", note)


def summary(job: Job, paper: io.StringIO, *notes: str) -> tuple[ExitStatus, list[str]]:
    screen = Screen(paper, interactive=False)
    status = print_summary(job, screen, Path("Videos"), Path("Logs/ids.json"), TZ, notes)
    return status, [line for line in paper.getvalue().splitlines() if line]


def here(number: int, late: float = 0.0, seconds: float = 60.0) -> Media:
    clip = imagined(late, seconds, window(0), path=f"{number}.mp4")
    return Media(CAMERAS[number], MediaStatus.AVAILABLE, clip=clip)


def test_the_side_by_side_comes_first_then_the_cameras_in_their_order(
    paper: io.StringIO,
) -> None:
    job = finished(
        here(0),
        here(1),
        outputs=[
            output("merge", "Road", "Road_Merged.mp4"),
            output("merge", "Driver", "Driver_Merged.mp4", "re-encoded: two sizes"),
            output("side-by-side", "", "SideBySide_Merged.mp4", "sound: Driver"),
        ],
    )
    status, lines = summary(job, paper)
    assert status is ExitStatus.COMPLETE
    assert lines == [
        "SideBySide_Merged.mp4    5:00    84 MB",
        "Road_Merged.mp4    5:00    84 MB",
        "Driver_Merged.mp4    5:00    84 MB",
        "Driver_Merged.mp4: re-encoded: two sizes",
        f"The files are in {Path('Videos')}",
        f"The request ids are in {Path('Logs/ids.json')}",
    ]


def test_a_camera_is_called_by_its_role_where_the_provider_tells_it(paper: io.StringIO) -> None:
    job = finished(here(0), Media(CAMERAS[2], MediaStatus.UNAVAILABLE, "unavailable"))
    job.roles = {"analog1": "Left mirror"}
    _, lines = summary(job, paper)
    assert lines[0] == "Missing: Left mirror 13:30-13:31, the camera has no footage of it"


def test_what_was_not_paid_for_again_is_told(paper: io.StringIO) -> None:
    job = finished(here(0), here(1), here(2))
    job.retrievals[0].state = RetrievalState.FOUND
    job.retrievals[1].from_other_job = True
    _, lines = summary(job, paper)
    (line,) = [line for line in lines if line.startswith("Reused")]
    assert line.startswith("Reused: 2:00 of footage that was in the cloud or asked for already")


def test_missing_shifted_and_absent_cameras_are_named(paper: io.StringIO) -> None:
    job = finished(
        here(0, late=-4.0, seconds=64.0),
        Media(CAMERAS[1], MediaStatus.UNAVAILABLE, "unavailable"),
        Media(CAMERAS[2], MediaStatus.INVALID, "invalid"),
    )
    status, lines = summary(job, paper, "a note")
    assert status is ExitStatus.INCOMPLETE
    assert lines[0] == "Missing: Driver 13:30-13:31, the camera has no footage of it"
    assert lines[1].startswith("Analog: no footage of any minute; it seems not to be installed")
    assert lines[2] == (
        "Road 13:30-13:31 begins 4.0 s earlier than asked; it is shown at its true time"
    )
    assert lines[3] == "a note"


@pytest.mark.parametrize(
    ("requests", "words"),
    [(1, "1 request got no answer and may"), (2, "2 requests got no answer and may")],
)
def test_what_may_have_been_counted_twice_is_told(
    paper: io.StringIO, requests: int, words: str
) -> None:
    job = finished(here(0), here(0))
    for retrieval in job.retrievals[:requests]:
        retrieval.possible_duplicates = 2
    _, lines = summary(job, paper)
    assert next(line for line in lines if "counted" in line).startswith(words)


def test_where_there_is_nothing_it_says_so(paper: io.StringIO) -> None:
    status, lines = summary(finished(Media(CAMERAS[0], MediaStatus.FAILED, "failed")), paper)
    assert status is ExitStatus.NOTHING
    assert "No footage could be had." in lines
