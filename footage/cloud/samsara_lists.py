"""All items of one of Samsara's lists, whose pages are asked for one after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TypeVar

from footage.cloud.http import ApiClient, Params
from footage.cloud.json_fields import as_dict, as_list
from footage.cloud.rate_limit import RateLimiter
from footage.errors import RequestRefused

T = TypeVar("T")

log = logging.getLogger("footage.samsara")

TIMES_BEGUN_ANEW = 2  # of a list, where a later page is refused


class _LaterPageRefused(RequestRefused):
    """A page of a list was refused, of which an earlier page was not."""


def list_items(
    client: ApiClient, path: str, rate_limiter: RateLimiter, params: Params
) -> list[object]:
    """All items of a list: see `read_items`."""
    return read_items(client, path, rate_limiter, params, list)


def read_items(
    client: ApiClient,
    path: str,
    rate_limiter: RateLimiter,
    params: Params,
    read: Callable[[Iterator[object]], T],
) -> T:
    """What `read` makes of all items of a list, begun anew where a later page is refused.

    read: goes through the items while the pages come, so that the JSON of a day of readings is
          never there all at once

    "Parameters differ from previous paginated request." is how Samsara says that the list has
    changed meanwhile. Raises AuthenticationError, RequestRefused or TransientError.
    """
    for _ in range(TIMES_BEGUN_ANEW):
        try:
            return read(_pages(client, path, rate_limiter, params))
        except _LaterPageRefused as refusal:
            log.warning("A page of %s was refused; the list is begun anew: %s", path, refusal)
    return read(_pages(client, path, rate_limiter, params))


def _pages(
    client: ApiClient, path: str, rate_limiter: RateLimiter, params: Params
) -> Iterator[object]:
    """The items of all pages. One may be empty and yet not be the last (`pagination`)."""
    query = params
    seen = set[str]()
    while True:
        try:
            page = client.page(path, rate_limiter, query).data
        except RequestRefused as refusal:
            if not seen:
                raise
            raise _LaterPageRefused(
                refusal.message, status=refusal.status, request_id=refusal.request_id
            ) from refusal
        yield from _listed(page.get("data"))
        paging = as_dict(page.get("pagination"))
        cursor = paging.get("endCursor")
        if paging.get("hasNextPage") is not True:
            return
        if not isinstance(cursor, str) or not cursor or cursor in seen:
            log.warning("Samsara's list %s goes round in circles; stopped there.", path)
            return
        seen.add(cursor)
        query = {**params, "after": cursor}


def _listed(data: object) -> list[object]:
    """The items of a page: `data` itself, or the `media` in it (`listuploadedmedia`)."""
    return as_list(data.get("media") if isinstance(data, dict) else data)
