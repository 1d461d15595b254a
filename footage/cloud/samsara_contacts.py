"""When Samsara last heard of its vehicles (`getgateways`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from footage.cloud.contacts import Contacts
from footage.cloud.events import text_of
from footage.cloud.http import ApiClient
from footage.cloud.json_fields import as_dict, as_list, as_time
from footage.cloud.rate_limit import Clock, RateLimit
from footage.model import UTC, Contact

GATEWAYS = "/gateways"  # needs the permission Read Gateways
LISTS = RateLimit(5, 1.0)
MOST_PAGES = 50  # of a list that has no filter by vehicle; a page more is not worth knowing it


def samsara_contacts(client: ApiClient, clock: Clock) -> Contacts:
    """The contacts of an account: one list has all of them."""
    limiter = client.rate_limiter(LISTS)

    def fetch(_vehicle_id: str) -> Mapping[str, Contact]:
        items: list[object] = []
        query: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = client.get(GATEWAYS, limiter, query, tries=1).data
            items += as_list(page.get("data"))
            paging = as_dict(page.get("pagination"))
            cursor = text_of(paging.get("endCursor"), 2000)
            if paging.get("hasNextPage") is not True or not cursor:
                break
            query = {"after": cursor}
        return read_gateways(items, datetime.now(UTC))

    return Contacts(client.name, fetch, one_by_one=False, clock=clock)


def read_gateways(items: Iterable[object], asked_at: datetime) -> dict[str, Contact]:
    """Vehicle's id -> its contact; of several gateways of one vehicle the latest.

    The id of the asset is that of the vehicle. A gateway that is on no vehicle, or was never
    connected, tells nothing.
    """
    contacts: dict[str, Contact] = {}
    for item in map(as_dict, items):
        vehicle_id = text_of(as_dict(item.get("asset")).get("id"))
        status = as_dict(item.get("connectionStatus"))
        at = as_time(status.get("lastConnected"))
        if not vehicle_id or at is None:
            continue
        contact = Contact(
            min(at, asked_at), asked_at, state=text_of(status.get("healthStatus"), 60)
        )
        if vehicle_id not in contacts or contacts[vehicle_id].at < contact.at:
            contacts[vehicle_id] = contact
    return contacts
