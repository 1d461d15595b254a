"""The command line, the environment and `.env`."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from footage import __version__
from footage.errors import ExitStatus, UsageError
from footage.model import Arrangement, MediaType
from footage.ui.environment import CHECKOUT
from footage.ui.options import Options, parse_options
from providers import PROVIDERS


def options(*arguments: str, **environment: str) -> Options:
    return parse_options(arguments, PROVIDERS, environment, [])


def samsara_key(given: Options) -> str | None:
    return given.credentials.get("samsara", {}).get("key")


def refusal(*arguments: str) -> str:
    with pytest.raises(UsageError) as caught:
        options(*arguments)
    assert caught.value.exit_status == ExitStatus.USAGE
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_options_everything_is_asked() -> None:
    given = options()
    assert CHECKOUT is not None and (CHECKOUT / "main.py").is_file()
    assert (given.output, given.logs) == (CHECKOUT / "Videos", CHECKOUT / "Logs")
    assert given == Options()
    assert (samsara_key(given), given.vehicle, given.start, given.duration) == (
        None,
        None,
        None,
        None,
    )
    assert (given.poll_seconds, given.max_wait_seconds, given.labels) == (5, 86400, True)


def test_all_options(tmp_path: Path) -> None:
    given = options(
        *["--vehicle", " Truck 42 ", "--start", "04/16/2025 13:30", "--minutes", "5"],
        *["--timezone", "America/Chicago", "--cameras", "road,driver"],
        *["--output", str(tmp_path / "v"), "--logs", str(tmp_path / "l")],
        *["--poll-seconds", "0.2", "--max-wait", "0", "--region", "eu"],
        *["--yes", "--no-labels", "--no-reuse", "--no-telemetry"],
        *["--provider", "samsara", "--media", "image", "--every", "2.5", "--units", "kmh"],
    )
    assert given == Options(
        vehicle="Truck 42",
        start="04/16/2025 13:30",
        duration=300,
        timezone="America/Chicago",
        cameras="road,driver",
        output=tmp_path / "v",
        logs=tmp_path / "l",
        poll_seconds=0.2,
        max_wait_seconds=0,
        region="eu",
        yes=True,
        labels=False,
        reuse=False,
        telemetry=False,
        media=MediaType.IMAGE,
        every=2.5,
        units="kmh",
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        given.yes = False  # type: ignore[misc]


@pytest.mark.parametrize("text", ["1920x1080", " 1920 X 1080 ", "1920*1080", "1920×1080"])
def test_layout_and_size_of_the_side_by_side(text: str) -> None:
    given = options("--layout", "focus", "--size", text)
    assert (given.layout, given.size) == (Arrangement.FOCUS, (1920, 1080))
    assert (options().layout, options().size) == (Arrangement.ROW, None)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--minutes", "0"], "--minutes 0 is one moment, for --media image"),
        (["--minutes", "-1"], "argument --minutes"),
        (["--media", "film"], "argument --media"),
        (["--media", "timelapse"], "Samsara has no timelapse footage; it has high, low"),
        (["--media", "low", "--provider", "motive"], "Motive has no low footage"),
        (["--region", "eu", "--provider", "motive"], "Motive has no region eu"),
        (["--every", "5"], "--every is for pictures"),
        (["--media", "image", "--every", "5", "--provider", "motive"], "takes pictures only now"),
        (["--demo", "--vehicle", "Truck 9"], "--demo has a vehicle and a time of its own"),
        (["--at", "x", "--minutes", "9"], "--at and --minutes do not go together"),
        (["--at", "x", "--start", "y"], "--at and --start do not go together"),
        (["--end", "x", "--minutes", "9"], "--end and --minutes do not go together"),
        (["--before", "30"], "--before is for --at"),
        (["--at", "x", "--after", "soon"], "argument --after"),
        (["--from", "x"], "--from is for --events"),
        (["--labels", "crash"], "--labels is for --events"),
        (["--all-states"], "--all-states is for --events"),
        (["--pick", "1"], "--pick is for --events"),
        (["--save", "x.csv"], "--save is for --events"),
        (["--to", "x"], "--to is for --package"),
        (["--dry-run"], "--dry-run is for --incidents or --events"),
        (["--watch", "0"], "a number of minutes above 0, at most 1440"),
        (["--watch", "often"], "argument --watch"),
        (["--watch", "--budget", "-1"], "a number of camera-minutes"),
        (["--watch", "--notify", "no-such-program"], "there is no program no-such-program"),
        (["--budget", "5"], "--budget is for --watch"),
        (["--watch", "--notify", "/a b/mail"], "put a path with blanks in quotation marks"),
        (["--notify", f'"{sys.executable}"'], "--notify is for --watch"),
        (["--watch", "--events"], "--events does not go with --watch: a watch finds its events"),
        (["--watch", "--json"], "--json does not go with --watch: that is printed at the end"),
        (["--watch", "--demo"], "--demo does not go with --watch"),
        (["--watch", "--max-wait", "5"], "--max-wait does not go with --watch"),
        (["--watch", "--minutes", "5"], "--minutes does not go with --watch"),
        (["--watch", "--budget", "5", "--media", "image"], "--budget counts minutes of video"),
        (["--watch", "--pick", "1"], "--pick is for --events"),
        (["--watch", "--resume"], "leave out --watch"),
        (["--events", "--at", "x"], "--at does not go with --events"),
        (["--events", "--minutes", "5"], "--minutes does not go with --events"),
        (["--events", "--incidents", __file__], "--incidents does not go with --events"),
        (["--events", "--resume"], "leave out --events"),
        (["--events", "--labels", ","], "argument --labels"),
        (["--events", "--save", "/nowhere/x.csv"], "there is no folder"),
        (["--demo", "--at", "x"], "--demo has a vehicle and a time of its own"),
        (["--demo", "--minutes", "9"], "--demo has a vehicle and a time of its own"),
        (["--media", "image", "--every", "0.5"], "argument --every"),
        (["--asset", "Trailer 7"], "use --vehicle"),
        (["--asset", "T", "--vehicle", "T", "--provider", "motive"], "do not go together"),
        (["--units", "knots"], "argument --units"),
        (["--layout", "circle"], "argument --layout"),
        (["--size", "1920"], "argument --size"),
        (["--size", "1920x0"], "at least 120 pixels, such as 1920x1080"),
        (["--media", "image", "--size", "1920x1080"], "--layout and --size are for video"),
        (["--resume", "--layout", "grid"], "leave out --layout"),
        (["--resume", "--media", "low"], "leave out --media"),
        (["--resume", "--no-reuse"], "leave out --no-reuse"),
        (["--resume", "--no-labels"], "leave out --no-labels"),
        (["--resume", "--minutes", "5"], "leave out --minutes"),
        (["--resume", "--demo"], "--resume and --demo do not go together"),
        (["--resume", "--no-telemetry"], "leave out --no-telemetry"),
        (["--minutes", "5.5"], "argument --minutes"),
        (["--minutes"], "expected one argument"),
        (["--timezone", "Mars/Base"], "argument --timezone"),
        (["--timezone", ""], "argument --timezone"),
        (["--vehicle", " "], "argument --vehicle"),
        (["--output", ""], "argument --output"),
        (["--output", __file__], "is a file"),
        (["--poll-seconds", "0"], "argument --poll-seconds"),
        (["--poll-seconds", "nan"], "argument --poll-seconds"),
        (["--poll-seconds", "3601"], "argument --poll-seconds"),
        (["--max-wait", "-1"], "argument --max-wait"),
        (["--max-wait", "inf"], "argument --max-wait"),
        (["--region", "mars"], "invalid choice"),
        (["--veh", "x"], "unrecognized arguments: --veh"),
        (["--vehicle", "Truck", "42"], "needs quotes"),
        (["--api-key", "x"], "SAMSARA_API_KEY"),
    ],
)
def test_wrong_options_are_one_sentence(arguments: list[str], part: str) -> None:
    assert part in refusal(*arguments)


@pytest.mark.parametrize(("typed", "seconds"), [("--watch", 300), ("--watch=0.5", 30)])
def test_how_often_a_watch_looks(typed: str, seconds: float) -> None:
    assert options(typed, "--labels=crash", "--after=9", "--budget=1.5").watch == seconds


@pytest.mark.parametrize(
    "arguments",
    [["--key=samsara_api_abcdef"], ["--key", "samsara_api_abcdef"], ["samsara_api_abcdef"]],
)
def test_a_key_typed_on_the_command_line_is_not_repeated(arguments: list[str]) -> None:
    assert "samsara_api" not in refusal(*arguments)


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--help", "--version"):
        with pytest.raises(SystemExit) as ended:
            options(option)
        assert ended.value.code == 0
    message = capsys.readouterr().out
    assert 'python main.py --vehicle "Truck 42"' in message
    assert message.endswith(__version__ + "\n")


# --- the environment ----------------------------------------------------------------------------


def test_key_and_host_come_from_the_environment() -> None:
    given = options(SAMSARA_API_KEY=" secret ", SAMSARA_BASE_URL="https://api.eu.samsara.com/")
    assert (samsara_key(given), given.base_urls.get("samsara")) == (
        "secret",
        "https://api.eu.samsara.com",
    )
    assert "secret" not in repr(given)


def test_the_region_option_counts_more_than_the_environment() -> None:
    given = parse_options(["--region", "ca"], PROVIDERS, {"SAMSARA_BASE_URL": "nonsense"}, [])
    assert (given.region, given.base_urls) == ("ca", {})


def test_each_provider_has_its_own_key_and_host() -> None:
    given = options(
        "--provider=motive",
        SAMSARA_API_KEY="s",
        MOTIVE_API_KEY="m",
        MOTIVE_BASE_URL="https://motive.example",
    )
    assert given.provider == "motive"
    assert given.credentials == {"motive": {"key": "m"}}
    assert given.base_urls == {"motive": "https://motive.example"}
    assert "'m'" not in repr(given)


def test_settings_of_a_provider_that_is_not_asked_are_unread() -> None:
    assert options("--provider=motive", SAMSARA_BASE_URL="http://anyone.example").base_urls == {}
    # A job that is taken up may be anyone's.
    both = options("--resume", SAMSARA_API_KEY="s", MOTIVE_API_KEY="m").credentials
    assert both == {"samsara": {"key": "s"}, "motive": {"key": "m"}}


def test_one_moment_is_a_picture_and_an_asset_is_motives() -> None:
    given = options("--media=image", "--minutes=0")
    assert (given.duration, given.media, given.every) == (0, MediaType.IMAGE, 60.0)
    given = options("--provider=motive", "--asset= Trailer 7 ", "--media=timelapse")
    assert (given.asset, given.vehicle, given.media) == ("Trailer 7", None, MediaType.TIMELAPSE)


def test_a_demo_takes_nothing_from_the_environment() -> None:
    given = parse_options(
        ["--demo"], PROVIDERS, {"SAMSARA_API_KEY": "k", "SAMSARA_BASE_URL": "x"}, []
    )
    assert (samsara_key(given), given.base_urls.get("samsara")) == (None, None)


def test_a_key_that_cannot_be_sent_is_not_repeated() -> None:
    with pytest.raises(UsageError, match="SAMSARA_API_KEY") as caught:
        options(SAMSARA_API_KEY="not one word")
    assert "not one word" not in str(caught.value)


def test_an_address_that_is_not_safe_is_refused() -> None:
    with pytest.raises(UsageError, match=r"SAMSARA_BASE_URL in.*https://") as caught:
        options(SAMSARA_BASE_URL="http://user:pass@api.samsara.com")
    assert "pass" not in str(caught.value)


def env_file(folder: Path, data: str | bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / ".env").write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return folder


def test_the_environment_counts_more_than_env_files(tmp_path: Path) -> None:
    here = env_file(tmp_path / "here", "SAMSARA_API_KEY=near\n")
    beside = env_file(
        tmp_path / "beside", "SAMSARA_API_KEY=far\nSAMSARA_BASE_URL=https://far.example\n"
    )
    given = parse_options([], PROVIDERS, {}, [here, beside])
    assert (samsara_key(given), given.base_urls.get("samsara")) == (
        "near",
        "https://far.example",
    )
    assert (
        samsara_key(parse_options([], PROVIDERS, {"SAMSARA_API_KEY": "real"}, [here, beside]))
        == "real"
    )
    assert (
        samsara_key(parse_options([], PROVIDERS, {"SAMSARA_API_KEY": ""}, [here, beside])) is None
    )


@pytest.mark.parametrize(
    "data",
    [
        "# ours\nexport SAMSARA_API_KEY='a$b{x}'\nOTHER=1\n",
        "\ufeffSAMSARA_API_KEY=a$b{x}",
        "SAMSARA_API_KEY=a$b{x}\r\n".encode("utf-16"),
    ],
)
def test_env_files_as_windows_programs_save_them(tmp_path: Path, data: str | bytes) -> None:
    assert samsara_key(parse_options([], PROVIDERS, {}, [env_file(tmp_path, data)])) == "a$b{x}"


@pytest.mark.parametrize(
    "data",
    [b"SAMSARA_API_KEY=\xff\xff\n", b"SAMSARA_API_KEY='open\n", b"SAMSARA_API_KEY secret\n"],
)
def test_a_broken_env_file_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UsageError, match=r"\.env") as caught:
        parse_options([], PROVIDERS, {}, [env_file(tmp_path, data)])
    assert "secret" not in str(caught.value)


def test_an_env_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UsageError, match="Permission denied"):
        parse_options([], PROVIDERS, {}, [env_file(tmp_path, "x=1")])


def test_other_lines_and_folders_called_env_do_not_matter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a" / ".env").mkdir(parents=True)
    odd = env_file(tmp_path / "b", "what is this\nSAMSARA_API_KEY=k\n")
    assert samsara_key(parse_options([], PROVIDERS, {}, [tmp_path / "a", odd])) == "k"
    assert not caplog.records


def test_without_folders_the_current_one_is_looked_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(env_file(tmp_path, "SAMSARA_API_KEY=mine\n"))
    assert samsara_key(parse_options([], PROVIDERS, {})) == "mine"


# --- a folder for each job ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, False),
        (["--folder-per-job"], {}, True),
        ([], {"FOLDER_PER_JOB": "yes"}, True),
        ([], {"FOLDER_PER_JOB": "no"}, False),
        (["--folder-per-job"], {"FOLDER_PER_JOB": "no"}, True),
    ],
)
def test_a_folder_per_job_is_an_option_and_a_setting(
    arguments: list[str], environment: dict[str, str], expected: bool
) -> None:
    assert options(*arguments, **environment).folder_per_job is expected


def test_a_setting_that_is_neither_yes_nor_no_is_named() -> None:
    with pytest.raises(UsageError, match="FOLDER_PER_JOB"):
        options(FOLDER_PER_JOB="perhaps")
