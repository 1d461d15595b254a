"""What the command line, the environment and `.env` files say, as one frozen dataclass."""

from __future__ import annotations

import argparse
import io
import logging
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TypeVar

from dotenv import dotenv_values

import helpers
from footage.errors import UsageError
from footage.model import MediaType
from footage.system import timezones
from footage.system.text import plain
from providers import PROVIDERS, by_key

VERSION = "1.1.0"

_PROJECT = Path(__file__).resolve().parents[2]  # the folder of main.py
DEFAULT_OUTPUT = _PROJECT / "Videos"
DEFAULT_LOGS = _PROJECT / "Logs"

_EXAMPLE = """\
What an option answers is not asked. With the first three and the key in the
environment nothing is asked at all:

  python main.py --vehicle "Truck 42" --start "04/16/2025 13:30" --minutes 5

The API key is never an option, because other users of the computer could read it:
type it when asked, or put it into a file named .env in this folder, in a line
  {keys}
{urls} there choose another host.

It ends with 0 when everything asked for is there, 3 when something is missing or
has not arrived yet, 1 when nothing could be had, 2 when an option or answer cannot
be used, 130 when stopped with Ctrl+C.
"""


@dataclass(frozen=True)
class Options:
    """All that is settled before the first question; None is what has to be asked.

    provider:         whose cloud, a key of `providers`
    credentials:      provider -> what the environment answers of its sign-in, by the fields' names;
                      secrets, not part of the repr
    base_urls:        provider -> its address from the environment, checked
    region:           of the account, such as `eu`; None where it was not chosen
    output:           None where it was not chosen, see DEFAULT_OUTPUT
    resume:           take up an unfinished job: `resume_file`, or the newest
    start:            as typed; `helpers.parse_start` reads it once the time zone is known
    timezone:         IANA name, known to exist; "" is the computer's own zone
    asset:            a trailer or the like, by name, in place of a vehicle
    media:            the kind of footage
    every:            seconds from one still to the next
    units:            of speed on the picture, `mph` or `kmh`
    telemetry:        speed and place are asked for
    reuse:            what is in the cloud or asked for already is not asked for again
    cameras:          as typed, for `helpers.parse_cameras`; None is the provider's default set
    poll_seconds:     the shortest pause between two looks at one retrieval, seconds
    max_wait_seconds: after this long, stop waiting for footage, seconds
    """

    provider: str = "samsara"
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    base_urls: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None
    vehicle: str | None = None
    asset: str | None = None
    start: str | None = None
    minutes: int | None = None
    timezone: str = ""
    media: MediaType = MediaType.HIGH
    every: float = 60.0
    units: str = "mph"
    telemetry: bool = True
    reuse: bool = True
    cameras: str | None = None
    output: Path | None = None
    logs: Path = DEFAULT_LOGS
    resume: bool = False
    resume_file: Path | None = None
    poll_seconds: float = 5.0
    max_wait_seconds: float = 1440 * 60.0
    yes: bool = False
    demo: bool = False
    labels: bool = True


def parse_options(
    arguments: Sequence[str],
    environment: Mapping[str, str] | None = None,
    folders: Sequence[Path] | None = None,
) -> Options:
    """Read the command line; `--help` and `--version` print and raise SystemExit(0).

    arguments:   without the program's name
    environment: `os.environ` unless given
    folders:     where a `.env` may lie, the first one counts most; unless given the current
                 folder, then the one of main.py

    A demo takes nothing from the environment: neither key nor host has a place there.
    Raises UsageError, in one sentence, for what cannot be used.
    """
    given = _parse(arguments)
    if given.resume is not None:
        _check_resume(given)
    media = MediaType(given.media or "high")
    _check_kind(given, media)
    credentials: dict[str, dict[str, str]] = {}
    base_urls: dict[str, str] = {}
    if not given.demo:
        settings = _settings(os.environ if environment is None else environment, folders)
        # A job that is taken up tells its provider later; else the others' settings do not matter.
        needed = PROVIDERS if given.resume is not None else [by_key(given.provider or "samsara")]
        for entry in needed:
            for asked in entry.sign_in:
                value = _from_setting(settings, asked.variable, asked.check)
                if value is not None:
                    credentials.setdefault(entry.key, {})[asked.name] = value
            if given.region is None:  # which counts more, so the address may be anything
                url = _from_setting(settings, entry.url_variable, _base_url)
                if url is not None:
                    base_urls[entry.key] = url
    return Options(
        provider=given.provider or "samsara",
        credentials=credentials,
        base_urls=base_urls,
        region=given.region,
        vehicle=given.vehicle,
        asset=given.asset,
        start=given.start,
        minutes=given.minutes,
        timezone=given.timezone or "",
        media=media,
        every=given.every or 60.0,
        units=given.units or "mph",
        telemetry=given.telemetry is not False,
        reuse=given.reuse is not False,
        cameras=given.cameras,
        output=given.output,
        logs=given.logs,
        poll_seconds=given.poll_seconds,
        max_wait_seconds=given.max_wait * 60,
        yes=given.yes,
        demo=given.demo,
        labels=given.labels,
        resume=given.resume is not None,
        resume_file=given.resume if given.resume != Path() else None,
    )


def _check_kind(given: argparse.Namespace, media: MediaType) -> None:
    """What the provider does not have, and what does not go together."""
    entry = by_key(given.provider or "samsara")
    if media not in entry.media:
        there = ", ".join(kind.value for kind in entry.media)
        raise UsageError(f"{entry.name} has no {media.value} footage; it has {there}.")
    if given.region is not None and given.region not in entry.regions:
        there = " or ".join(entry.regions) or "none to choose"
        raise UsageError(f"{entry.name} has no region {given.region}: there is {there}.")
    if given.asset is not None and not entry.assets:
        raise UsageError(f"{entry.name} lists trailers among the vehicles; use --vehicle.")
    if given.asset is not None and given.vehicle is not None:
        raise UsageError("--vehicle and --asset do not go together; leave one of them out.")
    if given.every is not None and media is not MediaType.IMAGE:
        raise UsageError("--every is for pictures; add --media image, or leave it out.")
    if given.every is not None and media in entry.live:
        raise UsageError(f"{entry.name} takes pictures only now, one of each camera: no --every.")
    if given.demo and (given.vehicle or given.asset or given.start or given.minutes is not None):
        raise UsageError("--demo has a vehicle and a time of its own; leave yours out.")
    if given.minutes == 0 and media is not MediaType.IMAGE:
        raise UsageError("--minutes 0 is one moment, for --media image; video lasts 1 or more.")


def _check_resume(given: argparse.Namespace) -> None:
    """A job that is taken up has its answers; giving others beside would change what it is."""
    what = ("provider", "vehicle", "asset", "start", "minutes", "timezone", "media", "every")
    how = ("units", "telemetry", "reuse", "cameras", "output")
    for name in what + how:
        if getattr(given, name) is not None:
            option = f"no-{name}" if getattr(given, name) is False else name
            raise UsageError(f"--resume goes on with a job as it was asked; leave out --{option}.")
    if given.demo:
        raise UsageError("--resume and --demo do not go together; leave one of them out.")


# --- the command line ---------------------------------------------------------------------------

Value = TypeVar("Value")


class _Parser(argparse.ArgumentParser):
    """argparse with its own messages, raised instead of printed below a long usage line."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("argument ") and not re.search(r"invalid choice|expected", message):
            raise UsageError(f"{message.rstrip('.')}.")  # a sentence of ours
        message = message.rstrip(".?!")
        raise UsageError(f"{message} (python main.py --help shows what there is).")


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    given, extra = parser.parse_known_args(arguments)
    if extra:
        parser.error(_unrecognized(extra))
    return given


def _unrecognized(extra: Sequence[str]) -> str:
    """argparse's message, without anything that could be a key typed after a made-up option."""
    shown = [plain(word.split("=")[0]) for word in extra]
    shown = [word if len(word) <= 16 else "(not shown)" for word in shown]
    message = f"unrecognized arguments: {' '.join(shown)}"
    if re.match(r"--?(?:\w+-)?(?:key|token)\b", extra[0]):
        variables = " or ".join(_sign_in_variables())
        return f"{message}; the key is not an option, type it when asked or set {variables}"
    if not extra[0].startswith("-"):
        return f'{message}; what has a blank in it needs quotes, as in --vehicle "Truck 42"'
    return message


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python main.py",
        usage="python main.py [options]",
        description="Get the dash-cam footage of one vehicle from one moment on: a file for each\n"
        "camera, and one with all cameras side by side.",
        epilog=_EXAMPLE.format(
            keys="  or  ".join(f"{name}=..." for name in _sign_in_variables()),
            urls=" and ".join(entry.url_variable for entry in PROVIDERS),
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    what = parser.add_argument_group("which footage")
    what.add_argument(
        "--provider",
        choices=[entry.key for entry in PROVIDERS],
        help="whose cloud the footage is in (default: samsara)",
    )
    what.add_argument(
        "--vehicle",
        metavar="NAME",
        type=_typed(_some_text),
        help="the vehicle's name or number in the dashboard; its id, VIN or plate will do",
    )
    what.add_argument(
        "--asset",
        metavar="NAME",
        type=_typed(_some_text),
        help="a trailer or other asset with cameras, in place of a vehicle "
        f"({', '.join(entry.name for entry in PROVIDERS if entry.assets)})",
    )
    what.add_argument(
        "--start",
        metavar='"MM/DD/YYYY HH:MM"',
        type=_typed(_some_text),
        help="when the footage begins, on the 24-hour clock; in the hour that the clocks repeat "
        'in autumn, add which one: "11/02/2025 01:30 CST" or "11/02/2025 01:30 -0600"',
    )
    what.add_argument(
        "--minutes",
        metavar="N",
        type=_typed(_minutes),
        help="how long it lasts: whole minutes, 1 to 1440 (0, with --media image: one moment)",
    )
    what.add_argument(
        "--media",
        choices=[kind.value for kind in MediaType],
        help="high (default), low: smaller video, sooner here; hyperlapse (Motive: timelapse): "
        "sped up, without sound; image: pictures",
    )
    what.add_argument(
        "--every",
        metavar="S",
        type=_typed(_every),
        help="with --media image: seconds from one picture to the next (default: 60)",
    )
    what.add_argument(
        "--timezone",
        metavar="ZONE",
        type=_typed(_time_zone),
        help="the time zone of --start, such as America/Chicago (default: this computer's)",
    )
    what.add_argument(
        "--cameras",
        metavar="LIST",
        type=_typed(_some_text),
        help="which cameras, with commas. "
        + "; ".join(f"{entry.name}: {entry.cameras}" for entry in PROVIDERS),
    )
    files = parser.add_argument_group("where it goes")
    files.add_argument(
        "--output",
        metavar="FOLDER",
        type=_typed(_folder),
        help="the folder for the videos (default: Videos, beside main.py)",
    )
    files.add_argument(
        "--logs",
        metavar="FOLDER",
        type=_typed(_folder),
        default=DEFAULT_LOGS,
        help="the folder for the logs and the record of what was asked for "
        "(default: Logs, beside main.py)",
    )
    files.add_argument(
        "--no-labels",
        dest="labels",
        action="store_false",
        help="no clock, vehicle and camera names in the side-by-side picture",
    )
    files.add_argument(
        "--units", choices=("mph", "kmh"), help="of the speed on the picture (default: mph)"
    )
    files.add_argument(
        "--no-telemetry",
        dest="telemetry",
        action="store_false",
        default=None,
        help="do not ask for the vehicle's speed and place: none on the picture, no GPX file",
    )
    how = parser.add_argument_group("how it runs")
    how.add_argument(
        "--resume",
        metavar="FILE",
        nargs="?",
        const=Path(),
        type=_typed(_journal),
        help="go on with an unfinished job: the newest, or that of a request_ids file; "
        "nothing is asked but the key, and nothing is requested twice",
    )
    how.add_argument(
        "--no-reuse",
        dest="reuse",
        action="store_false",
        default=None,
        help="ask for all of it, even what is in the cloud already and would cost nothing",
    )
    how.add_argument(
        "--yes", action="store_true", help="do not ask before a long, costly retrieval"
    )
    how.add_argument(
        "--demo", action="store_true", help="show it all with made-up footage, without an account"
    )
    how.add_argument(
        "--region",
        choices=sorted({region for entry in PROVIDERS for region in entry.regions}),
        help="where your account is kept; counts more than the address in the environment. "
        + "; ".join(
            f"{entry.name}: {', '.join(entry.regions)} (default: {entry.usual_region})"
            for entry in PROVIDERS
            if entry.regions
        ),
    )
    how.add_argument(
        "--poll-seconds",
        metavar="S",
        type=_typed(_poll_seconds),
        default=5.0,
        help="the shortest pause between two looks whether footage has come (default: 5)",
    )
    how.add_argument(
        "--max-wait",
        metavar="MINUTES",
        type=_typed(_max_wait),
        default=1440.0,
        help="stop waiting for footage after this long (default: 1440, a day)",
    )
    how.add_argument("--version", action="version", version=VERSION)
    return parser


def _typed(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """`parse` for argparse, which then names the option before the sentence."""

    def convert(text: str) -> Value:
        try:
            return parse(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _some_text(text: str) -> str:
    if not text.strip():
        raise UsageError("it is empty")
    return text.strip()


def _time_zone(text: str) -> str:
    timezones.zone(_some_text(text))
    return text.strip()


def _folder(text: str) -> Path:
    try:
        folder = Path(_some_text(text)).expanduser().absolute()
        taken = folder.exists() and not folder.is_dir()
    except (OSError, RuntimeError, ValueError):
        raise UsageError("there can be no such folder") from None
    if taken:
        raise UsageError(f"{plain(str(folder))} is a file, not a folder")
    return folder


def _poll_seconds(text: str) -> float:
    return _number(text, "a number of seconds above 0, at most 3600", lambda n: 0 < n <= 3600)


def _max_wait(text: str) -> float:
    most = 366 * 1440  # a year: footage does not stay that long on any device
    return _number(text, f"a number of minutes from 0 to {most}", lambda n: 0 <= n <= most)


def _minutes(text: str) -> int:
    """0 is for pictures only, which the other options tell: see `_check_kind`."""
    return 0 if re.fullmatch(r"\s*0+\s*", text) else helpers.parse_minutes(text)


def _every(text: str) -> float:
    return _number(text, "a number of seconds from 1 to 86400", lambda n: 1 <= n <= 86400)


def _journal(text: str) -> Path:
    path = Path(_some_text(text)).expanduser().absolute()
    if not path.is_file():
        raise UsageError(f"there is no file {plain(text)}")
    return path


def _number(text: str, wanted: str, fits: Callable[[float], bool]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not fits(number):
        raise UsageError(f"it has to be {wanted}")
    return number


# --- the environment ----------------------------------------------------------------------------


def _base_url(text: str) -> str:
    from footage.system.urls import checked_base_url  # late: urllib3 is heavy, and seldom needed

    return checked_base_url(text)


def _from_setting(
    settings: Mapping[str, str], name: str, parse: Callable[[str], Value]
) -> Value | None:
    text = settings.get(name, "").strip()
    if not text:
        return None
    try:
        return parse(text)
    except UsageError as error:
        raise UsageError(f"{name} in the environment or .env cannot be used: {error}") from None


def _sign_in_variables() -> list[str]:
    return [asked.variable for entry in PROVIDERS for asked in entry.sign_in]


def _settings(environment: Mapping[str, str], folders: Sequence[Path] | None) -> dict[str, str]:
    """Our variables: the real environment first, then each folder's `.env`."""
    names = [*_sign_in_variables(), *(entry.url_variable for entry in PROVIDERS)]
    found = {name: environment[name] for name in names if name in environment}
    for folder in _usual_folders() if folders is None else folders:
        for name, value in _env_file(folder / ".env", names).items():
            found.setdefault(name, value)
    return found


def _usual_folders() -> list[Path]:
    try:
        here = [Path.cwd()]
    except OSError:  # the folder the program was started in is gone
        here = []
    return list(dict.fromkeys([*here, _PROJECT]))


def _env_file(path: Path, names: Sequence[str]) -> dict[str, str]:
    try:
        if not path.is_file():
            return {}
        data = path.read_bytes()
        # Notepad and PowerShell save "Unicode" text as UTF-16, or put a mark before UTF-8.
        utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise UsageError(f"{path} cannot be read ({reason}); mend or remove it.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not readable text; save it as UTF-8.") from None
    # dotenv logs a line it cannot understand; only one of ours matters, and that we tell.
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    for name in names:
        if values.get(name) is None and re.search(rf"^\s*(?:export\s+)?{name}\b", text, re.M):
            raise UsageError(
                f"The line with {name} in {path} cannot be understood; write {name}=... on a line "
                "of its own."
            )
    return {name: value for name in names if (value := values.get(name)) is not None}
