"""The screen: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io

import pytest

from footage.ui.progress import Screen


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


def test_a_stage_is_shown_first_last_and_each_half_minute(
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


def test_stages_do_not_silence_each_other_nor_repeat_a_line(
    plain: Screen, paper: io.StringIO, wall: Wall
) -> None:
    plain.show("Requesting", "1/2", 1, 2)
    plain.show("Waiting", "0 of 2", 0, 2)
    wall.now = 100.0
    plain.show("Requesting", "1/2", 1, 2)
    plain.show("Requesting", "1/2", 1, 2, last=True)
    assert paper.getvalue().splitlines() == ["Requesting    1/2", "Waiting       0 of 2"]


def test_without_a_terminal_there_are_no_control_codes(plain: Screen, paper: io.StringIO) -> None:
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


def test_at_a_narrow_terminal_nothing_of_a_table_is_lost(
    paper: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    row = ["row 20", "Truck 1019", "Fri 20 Nov 2026, 1:18:04 PM UTC", "6 s", "1 camera", "6 s paid"]
    Screen(paper, interactive=True).table([row], left=True)
    assert paper.getvalue().split() == " ".join(row).split()
    long = [*row[:1], "Van 7 / North of the river", *row[2:]]
    Screen(paper, interactive=True).table([long], left=True)
    assert paper.getvalue().splitlines()[1].startswith("row 20  Van 7 /")


@pytest.mark.parametrize("encoding", ["cp437", "cp1252", "ascii"])
@pytest.mark.parametrize("interactive", [True, False])
def test_what_an_encoding_lacks_becomes_a_question_mark(encoding: str, interactive: bool) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    with Screen(stream, interactive) as screen:
        screen.say("Truck é 卡")
        screen.table([["é 卡", "1"]])
        screen.note("卡")
        screen.show("Merging", "卡", 2, 2, last=True)
    stream.flush()
    e_acute = "é".encode(encoding, "replace")
    assert b"Truck " + e_acute + b" ?" in written.getvalue()


# --- bars -----------------------------------------------------------------------------------------


def test_on_a_terminal_each_stage_has_one_bar_with_its_text(paper: io.StringIO) -> None:
    screen = Screen(paper, interactive=True)
    with screen:
        screen.show("Requesting", "1/2", 1, 2)
        screen.show("Waiting", "0 of 2 uploaded", 0, 2)
        screen.show("Requesting", "2/2", 2, 2, last=True)
    final = paper.getvalue().rpartition("Requesting")[2]
    # Older consoles of Windows get a bar of hyphens.
    assert ("\u2501" in final or "-----" in final) and "2/2" in final
    assert "Waiting" in final and "0 of 2 uploaded" in final


def picture(screen: Screen) -> list[str]:
    """The lines that stand on the terminal."""
    lines = screen._console.render_lines(screen._picture(), pad=False)
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


def test_a_note_comes_and_goes_without_moving_anything(
    paper: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    screen = Screen(paper, interactive=True)
    with screen:
        screen.show("Waiting", "0 of 2 uploaded", 0, 2)
        bars, free = picture(screen)
        assert free == ""
        screen.note("Samsara answered 503. Trying again by itself.")
        assert picture(screen) == [
            bars,
            "On hold       Samsara answered 503. Trying again by itself.",
        ]
        screen.note("Samsara could not be reached, the connection broke. Trying again by itself.")
        assert len(picture(screen)) == 3
        screen.note("")
        assert picture(screen) == [bars, "", ""]
        screen.show("Downloading", "1 of 2 clips", 1, 2)
        assert picture(screen)[0] == bars
        assert picture(screen)[1].startswith("Downloading")
    assert len(picture(screen)) == 2  # at the end no line is kept free
