"""The questions, and the start and length that are typed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.terminals import piped, refusal, shown, typed

import helpers
from footage.cloud.provider import SignInField
from footage.cloud.sign_in import checked_key
from footage.errors import Declined, UsageError
from footage.model import UTC
from footage.system import filenames, timezones
from footage.ui.values import DATE_FORMS, DateForm, parse_minutes
from helpers import parse_start
from providers import PROVIDERS, by_key

CHICAGO = timezones.zone("America/Chicago")
LORD_HOWE = timezones.zone("Australia/Lord_Howe")
KOLKATA = timezones.zone("Asia/Kolkata")
NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
KEY_FIELD = by_key("samsara").sign_in


# --- the questions ------------------------------------------------------------------------------


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
    monkeypatch.setattr("footage.ui.terminal.getpass.getpass", lambda question, stream: "hidden")
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


def test_a_start_less_than_a_minute_ago_is_refused() -> None:
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


def test_in_the_repeated_hour_the_future_is_not_offered() -> None:
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


def test_another_form_of_date_is_one_more_row(monkeypatch: pytest.MonkeyPatch) -> None:
    form = DateForm(
        shown="YYYY-MM-DD HH:MM",
        example="2025-04-16 13:30",
        pattern=r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d) (?P<hour>\d\d):(?P<minute>\d\d)",
        written="%Y-%m-%d %H:%M",
    )
    monkeypatch.setattr(helpers, "DATE_FORMS", (*DATE_FORMS, form))
    moment = datetime(2025, 4, 16, 18, 30, tzinfo=UTC)
    for text in ("2025-04-16 13:30", "2025-04-16 13:30 CDT", "04/16/2025 13:30"):
        assert parse_start(text, CHICAGO, NOW) == moment
    for one in (*DATE_FORMS, form):
        assert parse_start(moment.astimezone(CHICAGO).strftime(one.written), CHICAGO, NOW) == moment
        assert parse_start(one.example, CHICAGO, NOW) == moment


def test_the_first_no_ends_it_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = typed(monkeypatch, "y", "n")
    with pytest.raises(Declined, match="Nothing was requested") as no:
        helpers.agree(terminal, ["It is long.", "It is dear.", "It is late."], False)
    assert no.value.exit_status == 1
    assert "It is dear. Go on? [y/N]: " in shown(terminal)
    assert "It is late." not in shown(terminal)


# --- the length -------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "minutes"), [("5", 5), (" 1 ", 1), ("1440", 1440), ("005", 5)])
def test_a_duration_is_whole_minutes(text: str, minutes: int) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["", "0", "1441", "-5", "+5", "5.5", "5 min", "abc", "１", "²", "9" * 5000, "1e2", "1_0"],
)
def test_other_durations_are_refused(text: str) -> None:
    assert "1 to 1440" in refusal(parse_minutes, text)


def test_one_moment_lasts_no_minutes_where_that_is_allowed() -> None:
    assert parse_minutes("0", 0) == 0
    assert "0 to 1440" in refusal(parse_minutes, "-1", 0)


def test_an_end_in_the_future_names_the_longest_possible() -> None:
    start = NOW - timedelta(minutes=7, seconds=30)
    assert helpers.check_end(start, 7, NOW) == 7
    assert "at most 7 minutes" in refusal(helpers.check_end, start, 8, NOW)
