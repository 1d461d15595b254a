"""The demonstration, `--demo`: answers for a real run, and a stand-in for the cloud to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from footage.cloud.provider import ProviderEntry
from footage.model import UTC, MediaType
from footage.system import dates, timezones
from footage.ui.environment import default_output
from footage.ui.options import Options
from simulator import Scenario, start

ANNOUNCEMENT = (
    "A demonstration: the footage is drawn on this computer, no account is needed and nothing is "
    "paid. All else is the real program."
)


@contextmanager
def demonstration(options: Options, entry: ProviderEntry) -> Iterator[Options]:
    """Within it the simulated cloud runs, and the options given lead to it and answer all."""
    tz = timezones.zone(options.timezone)
    yesterday = datetime.now(tz) - timedelta(days=1)
    begin = yesterday.replace(hour=13, minute=30, second=0, microsecond=0)
    live = options.media in entry.live
    # Apart from what is evidence.
    output = options.output
    if output == default_output():
        output /= "Demo"
    with start(Scenario.demo(begin.astimezone(UTC))) as cloud:
        yield replace(
            options,
            logs=options.logs / "Demo",  # its cloud ends with it: nobody is to go on with it
            credentials={entry.key: {field.name: cloud.token for field in entry.sign_in}},
            base_urls={entry.key: cloud.urls[entry.key]},
            vehicle="truck 42",
            start=None if live else begin.strftime(dates.WRITTEN),
            duration=None if live else 300 if options.media is MediaType.TIMELAPSE else 180,
            output=output,
            yes=True,
            reuse=False,  # the cloud of an earlier demonstration is gone
        )
