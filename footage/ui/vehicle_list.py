"""`--vehicles`: the vehicles that the key may see, and what the provider tells of each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from footage.cloud.provider import ListedVehicle, Provider
from footage.cloud.provider_entry import ProviderEntry
from footage.errors import AuthenticationError, ExitStatus, RequestRefused
from footage.job import contact_text
from footage.model import UTC, Contact
from footage.system import timezones
from footage.system.text import count_text, single_line
from footage.ui.json_summary import cameras_of
from footage.ui.progress import Screen
from footage.ui.session import Session
from footage.ui.terminal import is_terminal

log = logging.getLogger("footage.ui.vehicle_list")

_HEAD = ("Id", "Name", "VIN", "Plate", "Cameras", "Last online")


def list_vehicles(session: Session, entry: ProviderEntry, provider: Provider) -> ExitStatus:
    """Print them as a table at a terminal, one a line elsewhere; `--json`: one object each."""
    listed, contacts = _fleet(entry, provider), provider.contacts()
    listed.sort(
        key=lambda one: (one.vehicle.kind != "vehicle", one.vehicle.name.casefold(), one.vehicle.id)
    )
    session.results.list_vehicles(entry.name, listed, contacts)
    if session.results.wanted:
        return ExitStatus.COMPLETE
    tz = timezones.zone(session.options.timezone or timezones.own_name())
    now = datetime.now(UTC)
    out = session.terminal.out
    screen = Screen(out, interactive=is_terminal(out))
    if not listed:
        session.terminal.say(
            f"This API key sees no vehicles of {entry.name}: it may be limited to a tag or group "
            "without vehicles, or belong to another organization; ask whoever made the key."
        )
        return ExitStatus.COMPLETE
    rows: list[Sequence[str]] = [_HEAD] if screen.interactive else []
    for one in listed:
        contact = contacts.get(one.vehicle.id)
        texts = (
            *(one.vehicle.id, one.vehicle.name, one.vehicle.vin, one.vehicle.plate),
            _cameras_text(one, contact),
            contact_text.listed(contact, now, tz) if contact else "",
        )
        rows.append([single_line(text, 120) for text in texts])
    screen.table(rows, left=True)
    session.terminal.say(f"{count_text(len(listed), 'vehicle')} of {entry.name}")
    return ExitStatus.COMPLETE


def _fleet(entry: ProviderEntry, provider: Provider) -> list[ListedVehicle]:
    """The vehicles, and the assets where they are listed apart and the key may see them."""
    listed = provider.fleet("vehicle")
    if entry.assets:
        try:
            listed += provider.fleet("asset")
        except (AuthenticationError, RequestRefused) as refusal:
            log.info("Assets are not listed for this key: %s", refusal)
    return listed


def _cameras_text(one: ListedVehicle, contact: Contact | None) -> str:
    known = cameras_of(one, {one.vehicle.id: contact} if contact else {})
    return "" if known is None else ", ".join(known) or "no dash cam listed"
