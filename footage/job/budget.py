"""Will the month's quota hold it? What is said and asked before footage is paid for."""

from __future__ import annotations

from collections.abc import Sequence

from footage.cloud.provider import Provider
from footage.model import Job, MediaType, Quota, Retrieval, RetrievalState


def line(provider: str, quota: Quota) -> str:
    """What is used and left, in one line; the provider's own words as they are."""
    if not quota.quoted:
        return f"{provider}: {quota.words}."
    if quota.left is None:
        return f'{provider} says: "{quota.words}"'
    return f'{provider} says: "{quota.words}" ({_figure(quota.left)} left)'


def still_to_pay(job: Job) -> list[Retrieval]:
    """What of the job does not count among the provider's used quota yet.

    What is being uploaded does not either, so all that has not come is still to be paid.
    """
    return [
        one
        for one in job.retrievals
        if not one.settled and not one.from_other_job and one.state is not RetrievalState.FOUND
    ]


def doubt(to_pay: Sequence[Retrieval], provider: Provider, quota: Quota) -> str:
    """One sentence when what is still to be paid is more than what is left, else ""."""
    cost = provider.cost(to_pay)
    if not to_pay or cost.amount is None or quota.left is None or cost.amount <= quota.left:
        return ""
    of_all = "" if quota.total is None else f" of {_figure(quota.total)}"
    share = quota.left / cost.amount
    if to_pay[0].media_type is MediaType.IMAGE:
        fits = f"{_about(share * len(to_pay))} of its {len(to_pay)} pictures"
    else:
        minutes = sum(one.window.seconds for one in to_pay) / 60 / _at_a_time(to_pay)
        fits = f"{_about(share * minutes)} of its {minutes:.0f} minutes"
    return (
        f"This job needs {cost.words}, but {_figure(quota.left)}{of_all} are left this month: "
        f"{fits} would fit."
    )


def _at_a_time(to_pay: Sequence[Retrieval]) -> float:
    """How many requests there are for one and the same time."""
    return max(1.0, len(to_pay) / len({one.window for one in to_pay}))


def _figure(amount: float) -> str:
    return f"{amount:,.1f}".removesuffix(".0")


def _about(number: float) -> str:
    return f"about {int(number)}" if number >= 1 else "none"
