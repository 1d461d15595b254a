"""`python -m simulator`: runs the simulated clouds until Ctrl+C."""

from __future__ import annotations

import argparse
import functools
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone

from simulator.cameras import CAMERAS
from simulator.events import from_now_on
from simulator.mishaps import CALL_KINDS, CLIP_KINDS, ENDPOINTS, parse
from simulator.motive_style import MotiveStyle
from simulator.scenario import TOKEN, TRUCKS, Scenario, Truck
from simulator.server import start

_GRAMMAR = """\
--bad KIND[:WHERE][@PLACE][/EVERY][%RATE][*TIMES][=VALUE], may be repeated:

  --bad late=30                               every upload takes 30 s longer
  --bad short:dashcamRoadFacing@13:31=5       the clip of 13:31 UTC lacks its last 5 s
  --bad unavailable:analog1@13:30..13:35      nothing from that camera for five minutes
  --bad failed@#2*1                           minute 2 fails once, a second request works
  --bad truncate/4                            the first transfer of every fourth clip breaks off
  --bad throttle:post/10                      429 to every tenth POST
  --bad error:poll%0.1                        503 to a tenth of the polls

KIND for clips, with its default VALUE in brackets:
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        scenario = _scenario(options)
    except ValueError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command-line program
        return 2
    ports = {"media_port": options.media_port, "motive_port": options.motive_port}
    with start(scenario, port=options.port, **ports) as sim:
        names = ", ".join(truck.name for truck in scenario.vehicles)
        print(  # noqa: T201
            f"Simulated Samsara and Motive clouds with {names}; media host {sim.media_url}\n"
            "Point the program at it with these in its environment, or in the file .env:\n\n"
            f"SAMSARA_BASE_URL={sim.api_url}\nSAMSARA_API_KEY={sim.token}\n"
            f"MOTIVE_BASE_URL={sim.motive_url}\nMOTIVE_API_KEY={sim.token}\n\nCtrl+C stops it.",
            flush=True,
        )
        try:
            while not threading.Event().wait(
                0.5
            ):  # short waits, because Windows handles Ctrl+C between them only
                pass
        except KeyboardInterrupt:
            return 0
    return 0


def _scenario(options: argparse.Namespace) -> Scenario:
    base = Scenario()
    if options.demo:
        base = Scenario.demo(datetime.fromisoformat(options.demo).replace(tzinfo=timezone.utc))
    fleet = [
        base.vehicles[number] if number < len(base.vehicles) else _another(number)
        for number in range(options.vehicles)
    ]
    return replace(
        base,
        token=options.token,
        seed=options.seed,
        vehicles=fleet,
        delay=base.delay if options.delay is None else options.delay,
        events=from_now_on(fleet, options.events) if options.events else base.events,
        bad=[*base.bad, *map(parse, options.bad)],
        offline=dict(map(_offline, options.offline)),
        motive=functools.reduce(MotiveStyle.with_choice, options.motive, base.motive),
    )


def _offline(text: str) -> tuple[str, float]:
    vehicle, _, seconds = text.rpartition("=")
    return vehicle, float(seconds)


def _another(number: int) -> Truck:
    return Truck(f"{281474976711000 + number}", f"Truck {1000 + number}", tuple(CAMERAS)[:2])


def _parser() -> argparse.ArgumentParser:
    lines = [_described(kind, value, what) for kind, (value, _, what) in CLIP_KINDS.items()]
    lines += ["", f"KIND for calls; WHERE is one of {', '.join(ENDPOINTS)}:"]
    lines += [_described(kind, value, what) for kind, (value, what) in CALL_KINDS.items()]
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Simulates the Samsara and Motive clouds on this computer.",
        epilog=_GRAMMAR + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port of Samsara's API; by default any free one"
    )
    parser.add_argument("--motive-port", type=int, default=0, help="port of Motive's API")
    parser.add_argument("--media-port", type=int, default=0, help="port of the media host")
    parser.add_argument("--token", default=TOKEN, help="the API key to accept")
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the random choice that a RATE makes"
    )
    parser.add_argument(
        "--vehicles", type=int, default=len(TRUCKS), help="how many vehicles there are"
    )
    parser.add_argument("--delay", type=float, help="seconds that an upload takes")
    parser.add_argument(
        "--demo", metavar="TIME", help="the demo's mishaps; minute 0 is this UTC time"
    )
    parser.add_argument(
        "--events", type=float, metavar="MINUTES", help="a safety event every so often, from now on"
    )
    parser.add_argument(
        "--offline",
        action="append",
        default=[],
        metavar="ID=SECONDS",
        help="a vehicle that was last online so many seconds ago; may be repeated",
    )
    parser.add_argument(
        "--motive",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="how Motive answers where its reference says nothing; may be repeated: "
        "cameras_as=object, url_key=video_url, smart_dashcam=yes, duplicates=reject, images=no, "
        "regular_minutes=0, mixed=partial_success ...; all are listed in simulator/motive_style.py",
    )
    parser.add_argument(
        "--bad",
        action="append",
        default=[],
        metavar="RULE",
        help="a fault to inject, see below; may be repeated",
    )
    return parser


def _described(kind: str, value: float | str, what: str) -> str:
    return f"  {kind:14} {what}" + (f" [{value}]" if value else "")


if __name__ == "__main__":
    sys.exit(main())
