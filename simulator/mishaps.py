"""The faults that can be injected: into a clip (`OnClip`) or into a call of the API (`OnCall`).

A mishap applies everywhere unless it is limited: to a camera, to a place in time, to every k-th, or
to a share of all. Shares are drawn from the scenario's seed and the ordinal of the clip or call, so
the same order of calls meets the same mishaps.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

Moment = datetime | int | str

# kind -> (default value, default number of times it applies (0 is always), what it does)
CLIP_KINDS: dict[str, tuple[float | str, int, str]] = {
    "late": (30.0, 0, "the upload takes so many seconds longer"),
    "short": (5.0, 0, "so many seconds are missing at the end"),
    "early": (4.0, 0, "begins so many seconds earlier, and ends when it should"),
    "shift": (-4.0, 0, "begins so many seconds later; negative is earlier"),
    "again": (1.0, 0, "the footage of so many windows before once more, byte for byte"),
    "failed": ("", 0, "the upload ends as `failed`; times=1: a second request works"),
    "unavailable": ("", 0, "the device has no such footage"),
    "invalid": ("", 0, "the upload ends as `invalid`"),
    "not_recording": ("", 0, "the request is refused: not recording at that time"),
    "odd_status": ("archiving", 1, "an undocumented status, for so many polls"),
    "empty": ("", 1, "the first polls answer an empty list"),
    "expire": (2.0, 0, "the URL is valid for so many seconds; 0: expired at once"),
    "stall": (30.0, 1, "the body stops half-way for so many seconds, then goes on"),
    "slow": (50_000.0, 0, "so many bytes a second"),
    "truncate": ("", 1, "the body ends half-way, although Content-Length says all of it"),
    "cut": ("", 1, "the body ends half-way without an error: chunked, no Content-Length"),
    "reset": ("", 1, "the connection is reset half-way through the body"),
    "html": ("", 1, "an HTML error page with status 200 in place of the video"),
    "busy": (503.0, 1, "the media host answers with this status"),
    "garbage": ("", 1, "all the bytes arrive, but they are no video"),
    "encoder": ("b", 0, "other encoder settings: a, b, mpeg4"),
    "size": ("320x240", 0, "another picture size"),
    "fps": (10.0, 0, "another frame rate"),
    "mute": ("", 0, "no audio track"),
    "pace": (30.0, 0, "a hyperlapse plays so many times faster than the clock"),
}
CALL_KINDS: dict[str, tuple[float | str, str]] = {
    "throttle": ("0.40235", "429 with this Retry-After"),
    "error": (503.0, "this status; the call has no effect"),
    "lost": (503.0, "this status, although the call took effect"),
    "drop": ("", "the connection is dropped; the call has no effect"),
    "lost_drop": ("", "the connection is dropped, although the call took effect"),
    "gateway": (502.0, "this status with an HTML page instead of JSON"),
    "nonsense": (200.0, "this status with a body that is no valid JSON"),
    "hang": (30.0, "the answer comes so many seconds later"),
}
ENDPOINTS = (
    "post", "poll", "list", "vehicles", "vehicle", "quota", "timelines", "stats", "stream",
    "events", "event", "legacy", "contacts", "any",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """The clip that a mishap may apply to.

    minute: counted from the scenario's start
    number: ordinal of the clip in order of request, from 1
    seed:   the scenario's
    """

    input: str
    start: datetime
    end: datetime
    minute: int
    number: int
    seed: int


class _Valued:
    """The value of a mishap: its own, or else the default of its kind."""

    kind: str
    value: float | str | None

    @property
    def text(self) -> str:
        return str(self._default if self.value is None else self.value)

    @property
    def amount(self) -> float:
        return float(self.text)

    @property
    def _default(self) -> float | str:
        raise NotImplementedError


@dataclass(frozen=True)
class OnClip(_Valued):
    """A fault of clips. It is a small language of its own, so its fields may be many.

    kind:   one of CLIP_KINDS
    value:  seconds, or what the kind takes instead; None is the kind's default
    camera: an input name; "" is every camera
    at:     a moment within the window: aware datetime, "13:31" or "13:31:05" (UTC), or the number
            of the minute, 0 being the scenario's first
    until:  makes it a range: windows that begin at `at` or later and before `until`
    times:  only the first so many transfers, polls or requests, by kind; 0 is always
    every:  only every n-th clip, in order of request
    rate:   only this share of all clips, 0..1
    """

    kind: str
    value: float | str | None = None
    camera: str = ""
    at: Moment | None = None
    until: Moment | None = None
    times: int | None = None
    every: int = 1
    rate: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in CLIP_KINDS:
            raise ValueError(f"no such mishap: {self.kind!r}")
        if isinstance(self._default, float):
            float(self.text)

    @property
    def _default(self) -> float | str:
        return CLIP_KINDS[self.kind][0]

    def applies(self, occasion: int) -> bool:
        """Whether it applies to the `occasion`-th transfer, poll or request (from 1)."""
        times = CLIP_KINDS[self.kind][1] if self.times is None else self.times
        return times == 0 or occasion <= times

    def matches(self, place: Place) -> bool:
        return (
            self.camera in ("", place.input)
            and self._covers(place)
            and place.number % self.every == 0
            and _chance(place.seed, self, place.number) < self.rate
        )

    def _covers(self, place: Place) -> bool:
        if self.at is None:
            return True
        if isinstance(self.at, int):
            until = self.until if isinstance(self.until, int) else self.at + 1
            return self.at <= place.minute < until
        at = _moment(self.at, place.start)
        if self.until is None:
            return place.start <= at < max(place.end, place.start + timedelta(microseconds=1))
        return at <= place.start < _moment(self.until, place.start)


@dataclass(frozen=True)
class OnCall(_Valued):
    """A fault of calls of the API.

    kind:  one of CALL_KINDS
    on:    which endpoint, one of ENDPOINTS
    value: what the kind takes; None is the kind's default
    nth:   these calls of the endpoint, from 1
    every: every n-th call
    rate:  this share of all calls, 0..1
    With none of the last three, all calls.
    """

    kind: str
    on: str = "any"
    value: float | str | None = None
    nth: tuple[int, ...] = ()
    every: int = 0
    rate: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in CALL_KINDS or self.on not in ENDPOINTS:
            raise ValueError(f"no such mishap: {self.kind!r} on {self.on!r}")
        if self.kind != "throttle" and isinstance(self._default, float):
            float(self.text)

    @property
    def _default(self) -> float | str:
        return CALL_KINDS[self.kind][0]

    def matches(self, number: int, seed: int) -> bool:
        """Whether it applies to the `number`-th call (from 1)."""
        if not (self.nth or self.every or self.rate):
            return True
        return (
            number in self.nth
            or (self.every > 0 and number % self.every == 0)
            or _chance(seed, self, number) < self.rate
        )


Mishap = OnClip | OnCall

_RULE = re.compile(
    r"(?P<kind>\w+)(:(?P<where>\w+))?(@(?P<place>[^/%*=]+))?(/(?P<every>\d+))?"
    r"(%(?P<rate>[\d.]+))?(\*(?P<times>\d+))?(=(?P<value>.+))?"
)


def parse(rule: str) -> Mishap:
    """Read `kind[:where][@place][/every][%rate][*times][=value]`.

    `where` is a camera's input name or an endpoint. `place` is, for clips, 13:31, 13:31..13:35, #1
    (a minute's number) or an ISO time; for calls their numbers: 1,3. Raises ValueError.
    """
    match = _RULE.fullmatch(rule)
    if match is None:
        raise ValueError(f"not understood: {rule!r}")
    part = match.groupdict()
    kind, where, place = part["kind"], part["where"] or "", part["place"] or ""
    every, rate = int(part["every"] or 0), float(part["rate"] or 0)
    if kind in CALL_KINDS:
        numbers = tuple(int(number) for number in place.split(",") if number)
        return OnCall(kind, where or "any", part["value"], numbers, every, rate)
    at, _, until = place.partition("..")
    return OnClip(
        kind,
        part["value"],
        where,
        _place(at),
        _place(until),
        int(part["times"]) if part["times"] else None,
        every or 1,
        rate or 1.0,
    )


def _place(text: str) -> Moment | None:
    if not text:
        return None
    if text.startswith("#"):
        return int(text[1:])
    _moment(text, datetime.now(timezone.utc))  # raises now rather than at the first clip
    return text


def _moment(at: Moment, day: datetime) -> datetime:
    """`at` as a moment in UTC; a time without a date is of the given day."""
    if isinstance(at, datetime):
        return at
    text = str(at)
    if "-" not in text:
        text = f"{day.astimezone(timezone.utc):%Y-%m-%d}T{text}"
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _chance(seed: int, mishap: Mishap, number: int) -> float:
    return random.Random(f"{seed}/{mishap!r}/{number}").random()  # noqa: S311 - not for secrets
