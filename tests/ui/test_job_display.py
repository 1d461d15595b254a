"""How the stages of a job stand on the screen, in words."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.media import at

from footage.job.progress import (
    CheckProgress,
    DownloadProgress,
    MergeProgress,
    Progress,
    RenderProgress,
)
from footage.model import Contact, MediaType
from footage.system import timezones
from footage.ui.progress import JobDisplay, Screen
from SamsaraAPI import CAMERAS

ROAD, DRIVER = CAMERAS[:2]
TZ = timezones.zone("UTC")
WAITING = Progress(15, 15, 3, 15, 0, 1, 7.2, (), "")


def lines(
    progress: Progress,
    seconds: float = 62.0,
    film: RenderProgress | None = None,
    media_type: MediaType = MediaType.HIGH,
    **more: Any,
) -> list[str]:
    paper = io.StringIO()
    display = JobDisplay(Screen(paper, interactive=False), TZ, media_type)
    display.show_retrieving(progress, seconds, film, **more)
    return paper.getvalue().splitlines()


def test_each_stage_has_a_line() -> None:
    download = DownloadProgress(ROAD, at(60), "Road.mp4", 1_200_000, 4_000_000)
    unknown = DownloadProgress(DRIVER, at(0), "Driver.mp4", 5, None)
    progress = Progress(14, 15, 3, 15, 0, 1, 7.2, (download, unknown), "Samsara answered 503.")
    assert lines(progress, film=RenderProgress(30.0, 120.0)) == [
        "Requesting    14/15",
        "Waiting       3 of 15 uploaded, next check in 8 s, 1:02 so far",
        "Downloading   1 of 15 clips, Road 13:31 1.2 MB of 4.0 MB, Driver 13:30",
        "Side by side  25 %",
        "On hold       Samsara answered 503. Trying again by itself.",
    ]


def test_a_long_check_of_what_is_here_has_a_line() -> None:
    few, many = CheckProgress(3, 49), CheckProgress(30, 4260)
    assert not [line for line in lines(replace(WAITING, check=few)) if "Checking" in line]
    assert "Checking      30 of 4260 files that are here" in lines(replace(WAITING, check=many))


def test_pictures_are_counted_as_pictures() -> None:
    assert "Downloading   1 of 15 pictures" in lines(WAITING, media_type=MediaType.IMAGE)


def test_at_the_end_the_times_are_gone() -> None:
    progress = Progress(15, 15, 15, 15, 0, 15, None, (), "gone by now")
    assert lines(progress, film=RenderProgress(30.0, 120.0), last=True) == [
        "Requesting    15/15",
        "Waiting       15 of 15 uploaded",
        "Downloading   15 of 15 clips",
    ]


@pytest.mark.parametrize(
    ("next_poll", "seconds", "text"),
    [
        (0.0, 5.9, "next check in 1 s, 0:05 so far"),
        (0.0, 5.0, "next check in 1 s, 0:05 so far"),
        (None, 5.9, "uploaded, 0:05 so far"),
        (41.0, 119.0, "next check in 41 s, 1:59 so far"),
        (41.0, 127.0, "next check in 60 s, 2:00 so far"),
        (0.0, 127.0, "next check in 15 s, 2:00 so far"),
    ],
)
def test_a_long_wait_is_counted_in_quarter_minutes(
    next_poll: float | None, seconds: float, text: str
) -> None:
    progress = Progress(15, 15, 3, 15, 0, 0, next_poll, (), "")
    assert lines(progress, seconds)[1].endswith(text)


def test_bars_are_drawn_only_where_something_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of waiting is shown 14,400 times; drawing takes 2 ms."""
    paper = io.StringIO()
    screen = Screen(paper, interactive=True)
    display = JobDisplay(screen, TZ, MediaType.HIGH)
    drawn: list[float] = []
    second = 0.0
    with screen:
        monkeypatch.setattr(screen._live, "refresh", lambda: drawn.append(second))
        for quarter in range(4 * 600):
            second = quarter / 4
            progress = Progress(15, 15, 3, 15, 0, 1, 60.0 - second % 60.0, (), "")
            display.show_retrieving(progress, second, None)
        monkeypatch.undo()  # at the end they are drawn once more
    assert 120 <= len([at for at in drawn if at < 120]) <= 130
    assert len([at for at in drawn if at >= 120]) == 32


def test_a_total_that_shrinks_says_why() -> None:
    progress = Progress(15, 15, 9, 14, 1, 8, None, (), "")
    assert lines(progress, 5.0)[1] == "Waiting       9 of 14 uploaded, 1 not to be had, 0:05 so far"
    nothing = Progress(3, 3, 0, 0, 3, 0, None, (), "")
    assert lines(nothing)[1] == "Waiting       0 of 0 uploaded, 3 not to be had"


def test_the_time_left_is_told_late_and_only_shrinks() -> None:
    display = JobDisplay(Screen(io.StringIO(), interactive=False), TZ, MediaType.HIGH)

    def shown(seconds: float, done: float, fetched: int = 15) -> str:
        progress = Progress(15, 15, 15, 15, 0, fetched, None, (), "")
        shown_texts.clear()
        display.show_retrieving(progress, seconds, RenderProgress(done, 120.0))
        return shown_texts["Side by side"]

    shown_texts: dict[str, str] = {}
    display._screen.show = (  # type: ignore[method-assign]
        lambda stage, text, done, total, last=False: shown_texts.__setitem__(stage, text)
    )
    assert shown(600.0, 30.0, fetched=14) == "25 %"  # the last clip may come tomorrow
    assert shown(601.0, 30.0) == "25 %"
    assert shown(602.0, 40.0) == "33 %"
    assert shown(605.0, 60.0) == "50 %, 0:08 left"
    assert shown(611.0, 60.0) == "50 %, 0:08 left"
    assert shown(612.0, 110.0) == "92 %, 0:01 left"
    assert shown(613.0, 110.0, fetched=14) == "92 %"


def test_merges_are_shown_one_after_the_other_and_in_all() -> None:
    paper = io.StringIO()
    display = JobDisplay(Screen(paper, interactive=False), TZ, MediaType.HIGH)
    display.show_rendered(120.0, finished=True)
    display.show_merging(MergeProgress(ROAD, 0, 2))
    display.show_merged([ROAD, DRIVER], 1.25)
    assert paper.getvalue().splitlines() == [
        "Side by side  done",
        "Merging       Road",
        "Merging       Road, Driver in 1.2 s",
    ]


@pytest.mark.parametrize(
    ("interactive", "seconds", "expected"),
    [(True, 10.0, 1.0), (True, 600.0, 5.0), (False, 10.0, 5.0)],
)
def test_what_is_shown_holds_until_the_time_is_counted_on(
    interactive: bool, seconds: float, expected: float
) -> None:
    display = JobDisplay(Screen(io.StringIO(), interactive=interactive), TZ, MediaType.HIGH)
    assert display.holds_for(seconds) == expected


def test_when_the_vehicle_was_online_is_told_while_waiting() -> None:
    asked = datetime.now(timezone.utc)
    contact = Contact(asked - timedelta(hours=3), asked, state="Unplugged")
    waiting = "Waiting       3 of 15 uploaded, last online 3 h ago, next check in 8 s, 1:02 so far"
    assert waiting in lines(replace(WAITING, contact=contact))
    here = replace(WAITING, uploaded=15, contact=contact)
    assert not [line for line in lines(here) if "online" in line]
