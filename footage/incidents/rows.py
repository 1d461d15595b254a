"""The rows of a list of incidents: what each asks for, or why it cannot be understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from footage.errors import UsageError
from footage.incidents import columns
from footage.incidents.table_file import TableFile, TableRow
from footage.model import UTC, SafetyEvent
from footage.system import dates, timezones
from footage.system.dates import DayOrder
from footage.system.durations import LONGEST_MINUTES, parse_duration, seconds_around
from footage.system.text import from_spreadsheet, pasted, quotable

# What a spreadsheet makes of a long number: the last digits are gone for good.
_EATEN = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
# Its own number for a date, with or without one for a time of day.
_SERIAL = re.compile(r"\d{5}([.,]\d+)?( 0?[.,]\d+)?")
# What it adds to a cell that has only a date, and to one that has only a time of day.
_NO_TIME = re.compile(r"[ T]+(0?0:00(:00(\.0+)?)?|12:00(:00)? ?AM)", re.IGNORECASE)
_NO_DATE = re.compile(r"(1899-12-30|12/30/1899|30/12/1899|30\.12\.1899)[ T]+")
_MIDNIGHT = " 00:00"


@dataclass(frozen=True)
class Incident:
    """What a row asks for.

    vehicle:  as it is written: a name, number, VIN, plate or id
    moment:   of the incident; None where the row gives the start of the footage
    duration: seconds
    timezone: IANA name, "" for the computer's own
    provider, cameras, media: as written; "" for what the command line says
    event:    the provider's safety event that it is; None for a row
    """

    row: int
    vehicle: str
    start: datetime
    duration: int
    moment: datetime | None
    timezone: str
    reference: str = ""
    provider: str = ""
    cameras: str = ""
    media: str = ""
    note: str = ""
    event: SafetyEvent | None = None

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.duration)


@dataclass(frozen=True)
class Refused:
    """A row that cannot be understood, and why, in a sentence."""

    row: int
    why: str


@dataclass(frozen=True)
class Usual:
    """What holds where a row does not say.

    before, after: seconds of footage around a moment
    duration: seconds from a start; None where each row has to say it
    order:    of month and day, where the person has said it
    """

    now: datetime
    timezone: str = ""
    before: int = 60
    after: int = 60
    duration: int | None = None
    order: DayOrder | None = None


def understand(table: TableFile, usual: Usual) -> list[Incident | Refused]:
    """What each row asks for, in the order of the list.

    Raises UsageError for what concerns the list as a whole: its columns, and the order of day and
    month where no row decides it.
    """
    places = columns.meanings(table.header)
    cells = [(row, _Cells(row, places)) for row in table.rows]
    order = usual.order or _order([one.date_text for _, one in cells])

    def read(row: TableRow, of_row: _Cells) -> Incident | Refused:
        try:
            return _incident(row, of_row, usual, order)
        except UsageError as error:
            return Refused(row.number, str(error))

    return [read(row, of_row) for row, of_row in cells]


class _Cells:
    """The cells of a row by the names of their columns; "" for what it does not have."""

    def __init__(self, row: TableRow, places: Mapping[str, int]) -> None:
        self._row = row
        self._places = places

    def __getitem__(self, column: str) -> str:
        place = self._places.get(column)
        if place is None or place >= len(self._row.cells):
            return ""
        return pasted(from_spreadsheet(self._row.cells[place]))

    @property
    def time_column(self) -> str:
        return next(name for name in ("at", "start", "date") if name in self._places)

    @property
    def date_text(self) -> str:
        """Date and time as they would stand in one cell."""
        date, clock = self[self.time_column], self["clock"]
        if clock and (added := _NO_TIME.search(date)) and added.end() == len(date):
            date = date[: added.start()]
        if added := _NO_DATE.match(clock):
            clock = clock[added.end() :]
        return pasted(f"{date} {clock}")


def _order(texts: Sequence[str]) -> DayOrder | None:
    """Whether the day or the month comes first, as the days above 12 decide it.

    None where no date depends on it. Raises UsageError where nothing decides, or rows disagree.
    """
    readings = [dates.orders(text) or dates.orders(text + _MIDNIGHT) for text in texts]
    decided = {next(iter(orders)) for orders in readings if len(orders) == 1}
    if len(decided) > 1:
        raise UsageError(
            "Some dates of the list can only be month/day and others only day/month; write all of "
            "them one way, best as 2025-04-16."
        )
    if not decided and any(readings):
        example = next(text for text, orders in zip(texts, readings, strict=True) if orders)
        raise UsageError(
            f"Is {quotable(example)} month/day or day/month? No date of the list decides it: add "
            "--dates us (month first) or --dates eu (day first)."
        )
    return next(iter(decided), None)


def _incident(row: TableRow, cells: _Cells, usual: Usual, order: DayOrder | None) -> Incident:
    vehicle = cells["vehicle"]
    if not vehicle:
        raise UsageError("it names no vehicle")
    if _EATEN.fullmatch(vehicle):
        raise UsageError(
            f"{vehicle} is what a spreadsheet makes of a long number: its last digits are lost. "
            "Format the column as text and enter it anew, or use the vehicle's name"
        )
    zone = _zone(cells["timezone"]) or usual.timezone
    moment = _moment(cells, zone, usual.now, order)
    before, after, length = (cells[name] for name in ("before", "after", "minutes"))
    if cells.time_column != "start" or before or after:
        ahead = seconds_around(before) if before else usual.before
        behind = seconds_around(after) if after else usual.after
        start = moment - timedelta(seconds=ahead)
        duration = parse_duration(length) if length else ahead + behind
    else:
        if not length and usual.duration is None:
            raise UsageError("it has no minutes; add the column, or --minutes to the command")
        start, duration = moment, parse_duration(length) if length else usual.duration or 0
    _check_span(start, duration, usual.now)
    return Incident(
        row=row.number,
        vehicle=vehicle,
        start=start,
        duration=duration,
        moment=moment if start != moment else None,
        timezone=zone,
        event=None,
        **{name: cells[name] for name in ("reference", "provider", "cameras", "media", "note")},
    )


def _zone(text: str) -> str:
    return timezones.full_name(text) if text else ""


def _moment(cells: _Cells, zone: str, now: datetime, order: DayOrder | None) -> datetime:
    """The moment that a row names, in UTC."""
    text = cells.date_text
    if not text:
        raise UsageError("it has no time")
    if _SERIAL.fullmatch(text):
        raise UsageError(
            f"{text} is a spreadsheet's own number for a date; format the column as date and time"
        )
    try:
        typed = dates.read_date(text, order)
    except UsageError as error:
        if _reads(f"{text}{_MIDNIGHT}", order):
            raise UsageError(f"{quotable(text)} has no time of day") from None
        if _reads(f"2025-01-02 {text}", order):
            raise UsageError(f"{quotable(text)} has no date") from None
        if _reads(cells[cells.time_column], order) and cells["clock"]:
            raise UsageError(
                f"{quotable(text)} has two times of day, one of them in a column of its own"
            ) from None
        raise UsageError(f"{quotable(text)}: {error}") from None
    past = dates.past_moments(typed, timezones.zone(zone), now)
    if len(past) > 1:
        choices = " or ".join(f"{quotable(text)} {dates.name_or_offset(one)}" for one in past)
        raise UsageError(
            f"{quotable(text)} was there twice, as the clocks were put back: {choices}"
        )
    return past[0].astimezone(UTC)


def _reads(text: str, order: DayOrder | None) -> bool:
    try:
        dates.read_date(text, order)
    except UsageError:
        return False
    return True


def _check_span(start: datetime, duration: int, now: datetime) -> None:
    if not 0 < duration <= 60 * LONGEST_MINUTES:
        raise UsageError(f"it lasts no time, or more than {LONGEST_MINUTES} minutes")
    if start + timedelta(seconds=duration) > now:
        raise UsageError("it ends in the future, so not all of the footage can be there")
