"""The questions, and the start and length that are typed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.terminals import piped, refusal, shown, typed

import helpers
from footage.cloud.provider_entry import SignInField
from footage.cloud.sign_in import checked_key
from footage.errors import Declined, UsageError
from footage.model import UTC
from footage.system import filenames, timezones
from footage.ui.options import Options
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
    assert helpers.START_QUESTION == "Start date and time (MM/DD/YYYY HH:MM, 24-hour"
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


def test_wrong_answers_to_one_field_are_not_counted_for_another() -> None:
    terminal = piped("me", "two words", "secret", "fleet", "me", "secret", "fleet", "me", "ok", "x")

    def connect(values: Mapping[str, str]) -> str:
        if values["password"] != "ok":
            raise UsageError("The provider refused them.")
        return values["password"]

    message = refusal(helpers.ask_to_sign_in, terminal, THREE_FIELDS, connect)
    assert message.startswith("'Password' was answered three times")
    others = piped("me", "two words", "two words", "secret", "fleet")
    assert helpers.ask_to_sign_in(others, THREE_FIELDS, dict)["database"] == "fleet"


def test_a_sign_in_ends_after_three_refusals() -> None:
    def refuse(values: Mapping[str, str]) -> None:
        raise UsageError("The provider refused it.")

    terminal = piped("a", "b", "c", "d")
    message = refusal(helpers.ask_to_sign_in, terminal, KEY_FIELD, refuse)
    assert message.startswith("'Samsara API key' was answered three times")
    assert terminal.read("") == "d"


# --- the start --------------------------------------------------------------------------------


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


# --- before it is paid --------------------------------------------------------------------------


def test_warnings_are_confirmed_with_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = typed(monkeypatch, "")
    with pytest.raises(Declined, match="Nothing was requested") as no:
        helpers.agree(terminal, ["It is long.", "It is dear."], False)
    assert no.value.exit_status == 1
    assert shown(terminal) == "It is long. It is dear. Go on? [y/N]: "
    helpers.agree(typed(monkeypatch, "y"), ["It is long."], False)


@pytest.mark.parametrize(("answer", "agreed"), [("", True), ("y", True), ("n", False)])
def test_a_person_confirms_every_job(
    monkeypatch: pytest.MonkeyPatch, answer: str, agreed: bool
) -> None:
    terminal = typed(monkeypatch, answer)
    if agreed:
        helpers.agree(terminal, [], False)
    else:
        with pytest.raises(Declined):
            helpers.agree(terminal, [], False)
    assert shown(terminal) == "Go on? [Y/n]: "


def test_by_pipe_or_with_yes_a_usual_job_is_not_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helpers.agree(piped(), [], False)
    terminal = typed(monkeypatch, "n")
    helpers.agree(terminal, [], True)
    assert shown(terminal) == ""


# --- the zone -----------------------------------------------------------------------------------

SUMMER = "07/16/2025 13:30"


def test_the_zone_stands_in_the_question() -> None:
    for name, shown_as in (("America/Chicago", "24-hour, America/Chicago): "), ("", "UTC")):
        terminal = piped("04/16/2025 13:30")
        helpers.ask_time(Options(duration=60), terminal, name, NOW)
        assert shown_as in shown(terminal)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "EST",
            "--timezone EST: EST is UTC-5 all year; on that day New York had EDT. "
            "Did you mean America/New_York?",
        ),
        ("MST", "on that day Denver had MDT. Did you mean America/Denver or America/Phoenix?"),
        ("HST", "Did you mean Pacific/Honolulu?"),
        ("CST", "Did you mean America/Chicago?"),
        ("Central Standard Time", "Did you mean America/Chicago?"),
    ],
)
def test_in_a_script_an_abbreviation_is_an_error(name: str, sentence: str) -> None:
    options = Options(timezone=name, start=SUMMER)
    assert refusal(helpers.choose_zone, options, piped("y")).endswith(sentence)


def test_at_a_terminal_an_abbreviation_is_asked_back(monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options(timezone="est", start=SUMMER)
    terminal = typed(monkeypatch, "")
    assert helpers.choose_zone(options, terminal) == "America/New_York"
    assert shown(terminal).endswith("Did you mean America/New_York? [Y/n] ")
    assert "is named" in refusal(helpers.choose_zone, options, typed(monkeypatch, "n"))
    for answer, zone in (("2", "America/Phoenix"), ("america/boise", "America/Boise")):
        terminal = typed(monkeypatch, "MST", answer)
        assert helpers.choose_zone(Options(timezone="MST"), terminal) == zone
    assert "(1 = America/Denver, 2 = America/Phoenix)" in shown(terminal)


def test_the_name_of_a_zone_is_kept_as_the_database_spells_it() -> None:
    assert helpers.choose_zone(Options(timezone="america/new york"), piped()) == "America/New_York"
    assert helpers.choose_zone(Options(), piped()) == ""


# --- the length -------------------------------------------------------------------------------


def test_an_end_in_the_future_names_the_longest_possible() -> None:
    start = NOW - timedelta(minutes=7, seconds=30)
    assert helpers.check_end(start, 450, NOW) == 450
    assert "at most 7 min can" in refusal(helpers.check_end, start, 480, NOW)
    assert "at most 45 s can" in refusal(helpers.check_end, NOW - timedelta(seconds=45), 60, NOW)


# --- a moment, or an end ------------------------------------------------------------------------

MOMENT = datetime(2025, 4, 16, 18, 37, 20, tzinfo=UTC)


def asked(*answers: str, **options: Any) -> tuple[datetime, int]:
    """Start and seconds of these answers and options."""
    return helpers.ask_time(Options(**options), piped(*answers), "America/Chicago", NOW)


def test_a_moment_has_footage_before_and_after_it() -> None:
    at = "04/16/2025 13:37:20"
    assert asked(at=at, before=30, after=60) == (MOMENT - timedelta(seconds=30), 90)
    assert asked(at=at) == (MOMENT - timedelta(seconds=60), 120)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("04/16/2025 13:37:20 +-60", 60),
        ("04/16/2025 13:37:20 ±45s", 45),
        ("2025-04-16 13:37:20 -0500 +/- 2 min", 120),
        ("4/16/25 1:37:20 PM CDT +- 10 sec", 10),
    ],
)
def test_a_moment_may_answer_the_question_for_the_start(typed: str, seconds: int) -> None:
    assert asked(typed) == (MOMENT - timedelta(seconds=seconds), 2 * seconds)


def test_an_end_is_as_good_as_a_length() -> None:
    end = "04/16/2025 13:38:50"
    assert asked(start="04/16/2025 13:37:20", end=end) == (MOMENT, 90)
    assert asked("04/16/2025 13:37:20", end=end) == (MOMENT, 90)
    assert asked("04/16/2025 13:37:20", "90 s") == (MOMENT, 90)
    for wrong in ("04/16/2025 13:37:20", "04/16/2025 13:00", "04/18/2025 13:00"):
        assert "after the start" in refusal(partial(asked, start="04/16/2025 13:37:20", end=wrong))


def test_what_is_around_a_moment_has_to_be_past() -> None:
    now = f"{NOW - timedelta(seconds=70):%Y-%m-%dT%H:%M:%SZ}"
    assert "future" in refusal(partial(asked, at=now, after=300))
