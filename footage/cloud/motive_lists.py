"""All items of one of Motive's lists, whose pages have numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from footage.cloud.http import ApiClient, Params
from footage.cloud.json_fields import as_dict, as_list, as_number
from footage.cloud.motive_answers import identity
from footage.cloud.rate_limit import RateLimiter

PER_PAGE = 100  # the most there is


def list_items(
    client: ApiClient,
    path: str,
    rate_limiter: RateLimiter,
    names: Sequence[str],
    params: Params | None = None,
    *,
    surely_paged: bool = True,
) -> Iterator[object]:
    """The items of all pages, until there are as many as Motive counts or nothing new.

    names:        the field of a page that holds its items: the first of these that is there
    surely_paged: False: an answer that says nothing of pages is the whole list

    Raises AuthenticationError, RequestRefused or TransientError.
    """
    seen = set[str]()
    number = 1
    while True:
        query = {**(params or {}), "per_page": str(PER_PAGE), "page_no": str(number)}
        page = client.page(path, rate_limiter, query).data
        listed = next((page[name] for name in names if name in page), None)
        new = {identity(item): item for item in as_list(listed)}
        new = {key: item for key, item in new.items() if key not in seen}
        yield from new.values()
        seen |= set(new)
        paging = as_dict(page.get("pagination"))
        total = as_number(paging.get("total"))
        if not new or (total is not None and len(seen) >= total):
            return
        if not paging and not surely_paged:
            return
        number += 1
