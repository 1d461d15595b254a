"""The demonstration, `--demo`: answers for a real run, and a stand-in for the cloud to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from footage.cloud.provider_entry import ProviderEntry
from footage.model import UTC, MediaType
from footage.system import dates, timezones
from footage.ui.environment import default_output
from footage.ui.options import Options
from simulator import Scenario, Simulator, start

ANNOUNCEMENT = (
    "A demonstration: the footage is drawn on this computer, no account is needed and nothing is "
    "paid. All else is the real program."
)


@contextmanager
def demonstration(options: Options, entry: ProviderEntry) -> Iterator[Options]:
    """Within it the simulated cloud runs, and the options given lead to it and answer all."""
    if options.events:
        with start(Scenario.demo_events(datetime.now(UTC))) as cloud:
            # Of ten events the two newest are picked; less around them, so that it is over soon.
            connected = _connected(options, entry, cloud)
            picked = options.pick or "1,2"
            yield replace(connected, pick=picked, before=20, after=20, reuse=True)
        return
    tz = timezones.zone(options.timezone)
    yesterday = datetime.now(tz) - timedelta(days=1)
    begin = yesterday.replace(hour=13, minute=30, second=0, microsecond=0)
    live = options.media in entry.live
    with start(Scenario.demo(begin.astimezone(UTC))) as cloud:
        yield replace(
            _connected(options, entry, cloud),
            vehicle="truck 42",
            start=None if live else begin.strftime(dates.WRITTEN),
            duration=None if live else 300 if options.media is MediaType.TIMELAPSE else 180,
        )


def _connected(options: Options, entry: ProviderEntry, cloud: Simulator) -> Options:
    """The options with what leads to the simulated cloud, and apart from what is evidence."""
    output = options.output
    if output == default_output():
        output /= "Demo"
    return replace(
        options,
        logs=options.logs / "Demo",  # its cloud ends with it: nobody is to go on with it
        credentials={entry.key: {field.name: cloud.token for field in entry.sign_in}},
        base_urls={entry.key: cloud.urls[entry.key]},
        output=output,
        yes=True,
        reuse=False,  # the cloud of an earlier demonstration is gone
    )
