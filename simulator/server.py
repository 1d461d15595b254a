"""Starts and stops the simulated cloud."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

from simulator.calls import Call, CallLog
from simulator.scenario import Scenario

if TYPE_CHECKING:  # these drag in Flask and NumPy, which nobody should pay for before start
    from simulator.cloud import Asked, Cloud
    from simulator.studio import Studio
    from simulator.wire import Server


class Simulator:
    """A running cloud; a context manager that stops it at the end.

    api_url, media_url: the two origins, such as "http://127.0.0.1:49152"
    token:              the accepted API key
    """

    def __init__(
        self,
        scenario: Scenario,
        cloud: Cloud,
        studio: Studio,
        log: CallLog,
        servers: tuple[Server, Server],
        stopping: threading.Event,
    ) -> None:
        self.scenario = scenario
        self.token = scenario.token
        self.api_url, self.media_url = (server.url for server in servers)
        self._cloud = cloud
        self._studio = studio
        self._log = log
        self._servers = servers
        self._stopping = stopping

    @property
    def calls(self) -> list[Call]:
        """Every call received so far, in order of arrival."""
        return self._log.all()

    def posts(self) -> list[Call]:
        """The requests for footage, accepted (`call.accepted`) or not."""
        return self._log.all("post")

    def looks(self) -> list[Call]:
        """The look-ups of retrievals."""
        return self._log.all("look")

    def downloads(self) -> list[Call]:
        """The calls of the media host."""
        return self._log.all("download")

    @property
    def asked(self) -> list[Asked]:
        """The requests for footage that were accepted, and so will count, in order."""
        return self._cloud.asked

    @property
    def quota_used(self) -> float:
        """High-res seconds counted so far, completed retrievals only."""
        return self._cloud.quota_used

    def stop(self) -> None:
        """Stop both servers and the drawing, and remove the drawn clips."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        for server in self._servers:
            server.stop()
        self._studio.close()

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(scenario: Scenario | None = None, *, port: int = 0, media_port: int = 0) -> Simulator:
    """Start the simulated cloud on this computer; port 0 takes any that is free.

    with start(Scenario(delay=0)) as sim:
        client = SamsaraAPI(sim.token, sim.api_url)
    """
    from simulator import media_host
    from simulator.cloud import Cloud
    from simulator.samsara import SamsaraApi
    from simulator.signing import Signer
    from simulator.studio import Studio
    from simulator.wire import Server

    scenario = scenario or Scenario()
    log, signer, stopping = CallLog(), Signer(), threading.Event()
    studio = Studio(scenario.cache)
    cloud = Cloud(scenario, studio)
    media = Server(media_host.build(cloud, signer, log, stopping), media_port)
    api = Server(SamsaraApi(cloud, signer, log, media.url, stopping).build(), port)
    return Simulator(scenario, cloud, studio, log, (api, media), stopping)
