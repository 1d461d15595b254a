"""What is asked, how answers are read, and how times and sizes are shown."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dateutil import tz as dateutil_tz
from hypothesis import given
from hypothesis import strategies as st

import helpers
from footage.cloud.provider import Provider, SignInField
from footage.cloud.sign_in import checked_key
from footage.errors import ExitStatus, UsageError
from footage.model import UTC, Camera, Vehicle
from footage.system import filenames, timezones
from footage.system.text import for_terminal, length_text, size_text
from helpers import NoAnswerError, Terminal, ask, match_vehicle, parse_start
from providers import PROVIDERS, by_key

CHICAGO = timezones.zone("America/Chicago")
LORD_HOWE = timezones.zone("Australia/Lord_Howe")
KOLKATA = timezones.zone("Asia/Kolkata")
NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
KEY_FIELD = by_key("samsara").sign_in


class Keyboard(io.StringIO):
    """Typed lines at something that calls itself a terminal."""

    def isatty(self) -> bool:
        return True


def piped(*lines: str) -> Terminal:
    return Terminal(io.StringIO("".join(line + "\n" for line in lines)), io.StringIO())


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> Terminal:
    monkeypatch.setattr(helpers, "_is_terminal", lambda stream: True)
    return Terminal(Keyboard("".join(line + "\n" for line in lines)), io.StringIO())


def shown(terminal: Terminal) -> str:
    return cast(io.StringIO, terminal.stdout).getvalue()


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(UsageError) as caught:
        call(*arguments)
    assert caught.value.exit_status == ExitStatus.USAGE
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- asking -----------------------------------------------------------------------------------


def test_importing_is_cheap() -> None:
    code = (
        "import sys, helpers, footage.ui.options;"
        "print([m for m in ('requests','rich','moviepy','numpy','PIL') if m in sys.modules])"
    )
    root = Path(helpers.__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_questions_are_word_for_word_the_users() -> None:
    for entry in PROVIDERS:
        assert [field.question for field in entry.sign_in] == [f"{entry.name} API key: "]
    assert helpers.VEHICLE_QUESTION == "Vehicle name: "
    assert helpers.START_QUESTION == "Start date and time (MM/DD/YYYY HH:MM, 24-hour): "
    assert helpers.MINUTES_QUESTION == "Duration in minutes: "


def test_piped_answers_are_read_line_by_line_and_never_from_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> str:
        raise AssertionError("a terminal was opened")

    monkeypatch.setattr("helpers.getpass.getpass", never)
    terminal = piped("secret-key", "5")
    assert not terminal.interactive
    assert helpers.ask_to_sign_in(terminal, KEY_FIELD, dict) == {"key": "secret-key"}
    assert ask(terminal, helpers.MINUTES_QUESTION, helpers.parse_minutes) == 5
    assert shown(terminal) == "Samsara API key: \nDuration in minutes: \n"


def test_at_a_terminal_the_key_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def getpass(question: str, stream: object) -> str:
        asked.append(question)
        return " key "

    monkeypatch.setattr("helpers.getpass.getpass", getpass)
    terminal = typed(monkeypatch, "5")
    assert helpers.ask_to_sign_in(terminal, KEY_FIELD, dict) == {"key": "key"}
    assert asked == ["Samsara API key: "]
    assert ask(terminal, helpers.MINUTES_QUESTION, helpers.parse_minutes) == 5
    assert shown(terminal) == "Duration in minutes: "


def test_input_that_ends_names_the_question() -> None:
    terminal = piped()
    message = refusal(ask, terminal, helpers.START_QUESTION, str)
    assert message == "The input ended before 'Start date and time' was answered."


def test_ctrl_d_at_the_hidden_question_names_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def getpass(question: str, stream: object) -> str:
        raise EOFError

    monkeypatch.setattr("helpers.getpass.getpass", getpass)
    terminal = typed(monkeypatch)
    assert "'Samsara API key'" in refusal(terminal.read, KEY_FIELD[0].question, True)


def test_no_input_at_all_is_an_end_of_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    terminal = Terminal(stdout=io.StringIO())
    assert not terminal.interactive
    assert "input ended" in refusal(terminal.read, "Vehicle name: ")


def test_a_last_line_without_an_end_counts() -> None:
    assert Terminal(io.StringIO("7"), io.StringIO()).read("x: ") == "7"


@pytest.mark.parametrize("mark", ["\ufeff", "\u00ef\u00bb\u00bf"])
def test_a_byte_order_mark_from_a_windows_shell_is_no_part_of_the_answer(mark: str) -> None:
    assert piped(mark + "key\r").read("x: ") == "key"


def test_bytes_that_are_no_text_are_told() -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8")
    assert "not readable" in refusal(Terminal(stdin, io.StringIO()).read, "Vehicle name: ")


def test_what_the_terminal_cannot_show_becomes_a_question_mark() -> None:
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, encoding="cp1252", newline="")
    Terminal(io.StringIO(), stdout).say("\u30c8 é")
    assert raw.getvalue() == "? é\n".encode("cp1252")


def test_wrong_answers_are_explained_and_asked_again() -> None:
    terminal = piped("abc", "0", "5")
    assert ask(terminal, helpers.MINUTES_QUESTION, helpers.parse_minutes) == 5
    assert shown(terminal).count("Duration in minutes: ") == 3
    assert shown(terminal).count("whole number") == 2


def test_after_three_wrong_answers_it_ends() -> None:
    terminal = piped("abc", "0", "1.5", "5")
    message = refusal(ask, terminal, helpers.MINUTES_QUESTION, helpers.parse_minutes)
    assert "three times" in message
    assert terminal.read("") == "5"


def test_a_yes_is_asked_for_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, agreed in [("y", True), ("YES ", True), ("", False), ("n", False)]:
        assert helpers.confirm(typed(monkeypatch, answer), "Go?", False) is agreed
    terminal = typed(monkeypatch, "maybe", "y")
    assert helpers.confirm(terminal, "Go?", False)
    assert "y for yes" in shown(terminal)


def test_a_yes_is_never_taken_from_piped_input() -> None:
    terminal = piped("y")
    assert "--yes" in refusal(helpers.confirm, terminal, "This counts 7200 s.", False)
    assert helpers.confirm(terminal, "Go?", True)
    assert terminal.read("") == "y"


# --- signing in -------------------------------------------------------------------------------

THREE_FIELDS = (
    SignInField("user", "User: ", "X_USER", str.strip, secret=False),
    SignInField("password", "Password: ", "X_PASSWORD", checked_key),
    SignInField("database", "Database: ", "X_DATABASE", str.strip, secret=False),
)


def test_each_field_of_a_sign_in_is_asked_and_handed_on_by_name() -> None:
    terminal = piped("me", "secret", "fleet")
    typed = helpers.ask_to_sign_in(terminal, THREE_FIELDS, dict)
    assert typed == {"user": "me", "password": "secret", "database": "fleet"}
    assert shown(terminal) == "User: \nPassword: \nDatabase: \n"


def test_only_secret_fields_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpers.getpass.getpass", lambda question, stream: "hidden")
    typed_in = typed(monkeypatch, "me", "fleet")
    values = helpers.ask_to_sign_in(typed_in, THREE_FIELDS, dict)
    assert values == {"user": "me", "password": "hidden", "database": "fleet"}


def test_refused_credentials_are_all_asked_again() -> None:
    terminal = piped("you", "two words", "secret", "fleet", "me", "secret", "fleet")

    def connect(values: Mapping[str, str]) -> str:
        if values["user"] != "me":
            raise UsageError("The provider refused them.")
        return values["user"]

    assert helpers.ask_to_sign_in(terminal, THREE_FIELDS, connect) == "me"
    assert "holds a blank" in shown(terminal)


def test_a_sign_in_ends_after_three_refusals() -> None:
    def refuse(values: Mapping[str, str]) -> None:
        raise UsageError("The provider refused it.")

    terminal = piped("a", "b", "c", "d")
    message = refusal(helpers.ask_to_sign_in, terminal, KEY_FIELD, refuse)
    assert message.startswith("'Samsara API key' was answered three times")
    assert terminal.read("") == "d"


# --- the vehicle ------------------------------------------------------------------------------

FLEET = [
    Vehicle("281", "Truck 42", "1FUJGLDR0CSBH1234", "ABC 123"),
    Vehicle("282", "Truck 43", "1FUJGLDR0CSBH1235", ""),
    Vehicle("283", "Van", "VIN-A", "P1"),
    Vehicle("284", "VAN ", "VIN-B", "P2"),
]


@pytest.mark.parametrize(
    "text",
    ["Truck 42", " truck   42 ", "TRUCK 42", "281", "id:281", "1fujgldr0csbh1234", "abc 123"],
)
def test_a_vehicle_is_found_by_name_id_vin_or_plate(text: str) -> None:
    vehicle = match_vehicle(text, FLEET)
    assert (vehicle.id, vehicle.file_name) == ("281", "Truck 42")


def test_an_unknown_vehicle_is_answered_with_the_closest_names() -> None:
    message = refusal(match_vehicle, "Truk 42", FLEET)
    assert "'Truck 42', 'Truck 43'" in message
    many = [Vehicle(str(n), f"Truck {n}") for n in range(30)]
    assert refusal(match_vehicle, "Truck", many).count("'Truck") == 6
    assert "among the 4" in refusal(match_vehicle, "qqqq", FLEET)
    assert "\x1b" not in refusal(match_vehicle, "Vann\x1b[2J", [Vehicle("1", "Van\x1b")])


def test_an_empty_answer_or_list_has_its_own_sentence() -> None:
    assert "type the vehicle's name" in refusal(match_vehicle, " ", FLEET)
    assert "sees no vehicles" in refusal(match_vehicle, "Van", [])


@pytest.mark.parametrize("answer", ["2", "vin-b", "P2", "284", "id:284"])
def test_of_two_with_the_same_name_one_is_chosen(answer: str) -> None:
    terminal = piped(answer)
    vehicle = match_vehicle("van", FLEET, terminal)
    assert (vehicle.id, vehicle.file_name) == ("284", "VAN-284")
    assert "VIN VIN-A, plate P1, id 283" in shown(terminal)


def test_a_choice_that_fits_none_or_two_is_asked_again() -> None:
    twins = [Vehicle("2", "Van", "A"), Vehicle("3", "Van", "B")]
    terminal = piped("van", "2", "id:2")
    assert match_vehicle("Van", twins, terminal).id == "2"
    assert "fits none" in shown(terminal)
    assert "fits more than one" in shown(terminal)


def test_an_unfinished_choice_ends_the_vehicle_question_too() -> None:
    terminal = piped("van", "x", "y", "z", "Truck 42")
    with pytest.raises(NoAnswerError, match="three times"):
        ask(terminal, helpers.VEHICLE_QUESTION, lambda t: match_vehicle(t, FLEET, terminal))
    assert terminal.read("") == "Truck 42"


def test_unattended_the_ids_to_use_are_told() -> None:
    message = refusal(match_vehicle, "van", FLEET)
    assert "id:283" in message
    assert "id:284" in message


def test_a_name_that_is_another_vehicles_id_is_not_guessed() -> None:
    fleet = [Vehicle("1", "281"), Vehicle("281", "Truck")]
    assert "id:281" in refusal(match_vehicle, "281", fleet)
    assert match_vehicle("id:281", fleet).name == "Truck"


def test_a_vehicle_listed_on_two_pages_is_one_vehicle() -> None:
    assert match_vehicle("Truck 42", [FLEET[0], *FLEET]).file_name == "Truck 42"


# --- zones ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["America/Chicago", " america/chicago", "America/New York", "UTC"])
def test_a_zone_is_known_by_its_iana_name(name: str) -> None:
    assert timezones.zone(name).utcoffset(datetime(2025, 7, 1)) is not None


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Base",
        "../../etc/passwd",
        "/usr/share/zoneinfo/UTC",
        "EST5EDT,M3.2.0,M11.1.0",
        "GMT+3",
        "posix/UTC",
        "right/UTC",
        "America",
        "a\x00b",
        ":UTC",
        "zone.tab",
    ],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    assert "no time zone" in refusal(timezones.zone, name)


def test_a_misspelt_zone_is_answered_with_the_closest() -> None:
    assert "America/Chicago" in refusal(timezones.zone, "America/Chicgo")
    assert refusal(timezones.zone, "chicago").endswith("did you mean America/Chicago?")


def test_a_zone_file_that_dateutil_reads_wrongly_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = dateutil_tz.gettz("Asia/Tokyo")
    monkeypatch.setattr("footage.system.timezones.dateutil_tz.gettz", lambda name=None: wrong)
    monkeypatch.setattr(timezones, "_bundled", lambda name: CHICAGO)
    assert timezones.zone("America/Chicago") is CHICAGO


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no TZ to set the zone with")
@pytest.mark.parametrize(
    ("setting", "name"),
    [("America/Chicago", "America/Chicago"), ("Asia/Kolkata", "Asia/Kolkata"), ("XYZ-3:30", "")],
)
def test_the_computers_zone_goes_by_its_name_where_it_has_one(
    monkeypatch: pytest.MonkeyPatch, setting: str, name: str
) -> None:
    """So that a job that is taken up on a journey keeps its zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", setting)
        time.tzset()
        patch.setattr("tzlocal.unix._cache_tz_name", None)  # it is read once only
        assert timezones.own_name() == name
    time.tzset()


def test_without_a_name_it_is_the_computers_own_zone() -> None:
    moment = datetime(2025, 7, 1, 12, tzinfo=UTC)
    own = timezones.zone("")
    assert (
        moment.astimezone(own).utcoffset() == moment.astimezone(dateutil_tz.tzlocal()).utcoffset()
    )


# --- the start --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "04/16/2025 13:30",
        "4/16/2025 13:30",
        " 04/16/2025   13:30 ",
        "04/16/2025 13:30 CDT",
        "04/16/2025 13:30 cdt",
        "04/16/2025 13:30 -0500",
        "04/16/2025 13:30-05:00",
        "04/16/2025 13:30 UTC-5",
    ],
)
def test_a_start_is_read_in_the_zone(text: str) -> None:
    assert parse_start(text, CHICAGO, NOW) == datetime(2025, 4, 16, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "MM/DD/YYYY HH:MM"),
        ("yesterday", "MM/DD/YYYY HH:MM"),
        ("2025-04-16 13:30", "MM/DD/YYYY HH:MM"),
        ("04/16/25 13:30", "MM/DD/YYYY HH:MM"),
        ("04/16/2025 13:30:15", "MM/DD/YYYY HH:MM"),
        ("０4/16/2025 13:30", "MM/DD/YYYY HH:MM"),
        ("04/16/2025", "MM/DD/YYYY HH:MM"),
        ("02/30/2025 13:30", "not in the calendar"),
        ("00/10/2025 13:30", "not in the calendar"),
        ("16/04/2025 13:30", "the month comes first"),
        ("04/16/2025 24:00", "not a time of day"),
        ("04/16/2025 12:60", "not a time of day"),
        ("04/16/2025 1:30 PM", "24-hour clock"),
        ("04/16/1925 13:30", "check the year"),
        ("04/16/0000 13:30", "not in the calendar"),
        ("01/10/2026 06:01", "not in the past yet"),
        ("12/31/9999 23:59", "in the future"),
        ("04/16/2025 13:30 EST", "CDT (UTC-05:00)"),
        ("04/16/2025 13:30 -0600", "does not fit"),
        ("04/16/2025 13:30 Z", "does not fit"),
        ("03/09/2025 02:30", "03:30 CDT"),
        ("03/09/2025 02:30 CST", "never was"),
    ],
)
def test_a_start_that_cannot_be_is_explained(text: str, part: str) -> None:
    assert part in refusal(parse_start, text, CHICAGO, NOW)


def test_a_start_less_than_a_minute_ago_leaves_no_duration_to_ask_for() -> None:
    now = datetime(2025, 4, 16, 18, 30, 59, tzinfo=UTC)
    refusal(parse_start, "04/16/2025 13:30", CHICAGO, now)
    now += timedelta(seconds=1)
    assert parse_start("04/16/2025 13:30", CHICAGO, now) == now - timedelta(minutes=1)


FIRST = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
SECOND = FIRST + timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "moment"),
    [("1", FIRST), ("2", SECOND), ("first", FIRST), ("CST", SECOND), ("-0500", FIRST)],
)
def test_in_the_repeated_hour_it_asks_which(answer: str, moment: datetime) -> None:
    terminal = piped("huh", answer)
    assert parse_start("11/02/2025 01:30", CHICAGO, NOW, terminal) == moment
    assert "first CDT (UTC-05:00), then CST (UTC-06:00)" in shown(terminal)
    assert "1 = CDT, 2 = CST" in shown(terminal)


@pytest.mark.parametrize(
    ("suffix", "moment"),
    [("CDT", FIRST), ("CST", SECOND), ("-0500", FIRST), ("-06:00", SECOND)],
)
def test_in_the_repeated_hour_a_suffix_settles_it(suffix: str, moment: datetime) -> None:
    assert parse_start(f"11/02/2025 01:30 {suffix}", CHICAGO, NOW) == moment


def test_in_the_repeated_hour_an_option_has_to_say_which() -> None:
    message = refusal(parse_start, "11/02/2025 01:30", CHICAGO, NOW)
    assert '"11/02/2025 01:30 CDT"' in message
    assert '"11/02/2025 01:30 -0600"' in message


def test_in_the_repeated_hour_what_is_still_to_come_is_not_offered() -> None:
    now = FIRST + timedelta(minutes=20)
    assert parse_start("11/02/2025 01:30", CHICAGO, now) == FIRST


def test_a_zone_without_abbreviations_asks_by_offset() -> None:
    terminal = piped("+1030")
    moment = parse_start("04/06/2025 01:45", LORD_HOWE, NOW, terminal)
    assert moment == datetime(2025, 4, 5, 15, 15, tzinfo=UTC)
    assert "1 = +1100, 2 = +1030" in shown(terminal)
    assert "+1030" in refusal(parse_start, "04/06/2025 01:45", LORD_HOWE, NOW)


NIGHTS = [
    datetime(2025, 11, 2, 6, tzinfo=UTC),
    datetime(2025, 3, 9, 8, tzinfo=UTC),
    datetime(2025, 4, 5, 15, tzinfo=UTC),
    datetime(2025, 10, 4, 15, 30, tzinfo=UTC),
]


@given(
    st.sampled_from([CHICAGO, LORD_HOWE, KOLKATA]),
    st.sampled_from(NIGHTS),
    st.integers(-300, 300),
)
def test_every_minute_of_a_clock_change_can_be_asked_for(
    zone: tzinfo, night: datetime, minutes: int
) -> None:
    moment = night + timedelta(minutes=minutes)
    here = timezones.local(moment, zone)
    text = f"{here:%m/%d/%Y %H:%M} {here:%z}"
    assert parse_start(text, zone, NOW) == moment
    name = filenames.moment_name(moment, zone)
    assert name.startswith(f"{here:%Y-%m-%d_%H-%M}-00")


# --- the length -------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "minutes"), [("5", 5), (" 1 ", 1), ("1440", 1440), ("005", 5)])
def test_a_duration_is_whole_minutes(text: str, minutes: int) -> None:
    assert helpers.parse_minutes(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["", "0", "1441", "-5", "+5", "5.5", "5 min", "abc", "１", "²", "9" * 5000, "1e2", "1_0"],
)
def test_other_durations_are_refused(text: str) -> None:
    assert "1 to 1440" in refusal(helpers.parse_minutes, text)


def test_one_moment_lasts_no_minutes_where_that_is_allowed() -> None:
    assert helpers.parse_minutes("0", 0) == 0
    assert "0 to 1440" in refusal(helpers.parse_minutes, "-1", 0)


def test_an_end_in_the_future_is_refused_with_the_longest_possible() -> None:
    start = NOW - timedelta(minutes=7, seconds=30)
    assert helpers.check_end(start, 7, NOW) == 7
    assert "at most 7 minutes" in refusal(helpers.check_end, start, 8, NOW)


# --- cameras ----------------------------------------------------------------------------------

CAMERAS = [
    Camera("dashcamRoadFacing", "Road"),
    Camera("dashcamDriverFacing", "Driver"),
    Camera("analog1", "Analog"),
    Camera("analog2", "Analog2"),
]
WORDS = {"road": "dashcamRoadFacing", "driver": "dashcamDriverFacing", "analog1": "analog1"}
WORDS |= {"analog2": "analog2", "analog": "analog1"}
CARGO = Camera("cargo_bay", "Cargo bay")
PROVIDER = cast(
    Provider,
    SimpleNamespace(cameras=CAMERAS, words=WORDS, other_camera={"cargo_bay": CARGO}.get),
)


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("road", [0]),
        ("driver, ROAD", [0, 1]),
        ("analog", [2]),
        ("analog1,analog,Analog 1", [2]),
        ("analog2", [3]),
        ("dashcamDriverFacing", [1]),
        ("road,all,", [0, 1, 2, 3]),
    ],
)
def test_cameras_are_named_in_our_words_or_the_providers(text: str, indices: Sequence[int]) -> None:
    cameras, named = helpers.parse_cameras(text, PROVIDER)
    assert cameras == [CAMERAS[i] for i in indices]
    assert named is ("all" not in text)


@pytest.mark.parametrize("text", ["rear", "road,rear", "", ","])
def test_unknown_cameras_are_answered_with_the_possible_ones(text: str) -> None:
    assert "road, driver, analog1, analog2, all" in refusal(helpers.parse_cameras, text, PROVIDER)


# --- what is shown ----------------------------------------------------------------------------


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_clocks_and_spans() -> None:
    start = at(2025, 4, 16, 18, 30)
    assert timezones.clock_text(start + timedelta(seconds=5), CHICAGO) == "04/16/2025 13:30:05 CDT"
    end = start + timedelta(minutes=5)
    assert timezones.span_text(start, end, CHICAGO) == "04/16/2025 13:30-13:35 CDT"
    assert timezones.time_span_text(start, end, CHICAGO) == "13:30-13:35"
    odd = end + timedelta(seconds=2.6)
    assert timezones.time_span_text(start, odd, CHICAGO) == "13:30:00-13:35:03"
    almost = end - timedelta(seconds=0.04)
    assert timezones.time_span_text(start, almost, CHICAGO) == "13:30-13:35"


def test_a_span_over_midnight_has_both_dates() -> None:
    start = at(2025, 4, 17, 4, 58)
    message = timezones.span_text(start, start + timedelta(minutes=5), CHICAGO)
    assert message == "04/16/2025 23:58-04/17/2025 00:03 CDT"


def test_a_span_over_a_clock_change_has_both_zones() -> None:
    start, end = at(2025, 11, 2, 6, 58), at(2025, 11, 2, 7, 3)
    assert timezones.span_text(start, end, CHICAGO) == "11/02/2025 01:58 CDT-01:03 CST"
    assert timezones.time_span_text(start, end, CHICAGO) == "01:58 CDT-01:03 CST"
    second = timezones.time_span_text(end, end + timedelta(minutes=1), CHICAGO)
    assert second == "01:03-01:04 CST"


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [
        ("CDT", "CDT"),
        ("Central Daylight Time", "CDT"),
        ("Mitteleuropäische Sommerzeit", "UTC+05:30"),
        ("+0530", "UTC+05:30"),
        ("W. Europe Standard Time", "UTC+05:30"),
        (None, "UTC+05:30"),
    ],
)
def test_a_zone_is_shown_by_a_short_name_or_its_offset(name: str | None, shown_as: str) -> None:
    zone = dateutil_tz.tzoffset(name, 5.5 * 3600)
    assert timezones.zone_text(datetime(2025, 1, 1, tzinfo=zone)) == shown_as


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(300, "5:00"), (3605, "1:00:05"), (0.4, "0:00"), (59.6, "1:00"), (86400, "24:00:00")],
)
def test_lengths(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (84_000_000, "84 MB"),
        (8_400_000, "8.4 MB"),
        (999_600, "1.0 MB"),
        (1_234_000_000, "1.2 GB"),
        (9_960_000, "10 MB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


def test_a_camera_may_be_named_as_the_provider_names_it() -> None:
    assert helpers.parse_cameras("cargo_bay, road", PROVIDER) == ([CAMERAS[0], CARGO], True)


def test_all_are_those_that_the_vehicle_can_have_and_another_is_told_at_once() -> None:
    possible = CAMERAS[1:3]
    assert helpers.parse_cameras("all", PROVIDER, possible) == (list(possible), False)
    with pytest.raises(UsageError, match=f"There is no {CAMERAS[0].label} camera for this"):
        helpers.parse_cameras("road", PROVIDER, possible)


def test_a_line_at_a_terminal_ends_between_words_and_a_path_stays_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "31")
    path = "/home/somebody/Videos/a-very-long-name.mp4"
    assert for_terminal(f"The files   are in {path}") == f"The files   are in\n{path}"
    assert for_terminal("one\n\ntwo") == "one\n\ntwo"
