"""Starts and stops the simulated cloud."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

from simulator.calls import Call, CallLog
from simulator.scenario import Scenario

if TYPE_CHECKING:  # these import Flask and NumPy, which only a started simulator needs
    from simulator.clip_renderer import ClipRenderer
    from simulator.cloud import Cloud, Retrieval
    from simulator.http_server import Server


class Simulator:
    """A running cloud; a context manager that stops it at the end.

    api_url, media_url: two origins, Samsara's and the signed URLs', such as "http://127.0.0.1:49152"
    motive_url:         the origin of Motive's API, for the same fleet and with one record of calls
    token:              the accepted API key of both APIs
    """

    def __init__(
        self,
        scenario: Scenario,
        cloud: Cloud,
        renderer: ClipRenderer,
        log: CallLog,
        servers: tuple[Server, Server, Server],
        stopping: threading.Event,
    ) -> None:
        self.scenario = scenario
        self.token = scenario.token
        self.api_url, self.media_url, self.motive_url = (server.url for server in servers)
        self._cloud = cloud
        self._renderer = renderer
        self._log = log
        self._servers = servers
        self._stopping = stopping

    @property
    def urls(self) -> dict[str, str]:
        """The address of each provider's API, by the provider's name on the command line."""
        return {"samsara": self.api_url, "motive": self.motive_url}

    @property
    def calls(self) -> list[Call]:
        """Every call received so far, in order of arrival."""
        return self._log.all()

    def posts(self) -> list[Call]:
        """The requests for footage, accepted (`call.accepted`) or not."""
        return self._log.all("post")

    def polls(self) -> list[Call]:
        """The polls of retrievals."""
        return self._log.all("poll")

    def lists(self) -> list[Call]:
        """The calls that list the uploaded media."""
        return self._log.all("list")

    def downloads(self) -> list[Call]:
        """The calls of the media host."""
        return self._log.all("download")

    @property
    def retrievals(self) -> list[Retrieval]:
        """The requests for footage that were accepted, in order."""
        return self._cloud.retrievals

    def finish_uploads(self) -> None:
        """Let the vehicles have uploaded by now what they are still uploading."""
        self._cloud.finish_uploads()

    @property
    def quota_used(self) -> float:
        """High-res seconds counted so far, completed retrievals only."""
        return self._cloud.quota_used

    def stop(self) -> None:
        """Stop the servers and the rendering, and remove the clips unless they are cached."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        for server in self._servers:
            server.stop()
        self._renderer.close()

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    scenario: Scenario | None = None, *, port: int = 0, media_port: int = 0, motive_port: int = 0
) -> Simulator:
    """Start the simulated cloud on this computer; port 0 means any free port.

    with start(Scenario(delay=0)) as sim:
        client = SamsaraAPI(sim.token, sim.api_url)
    """
    # Imported here: see TYPE_CHECKING above.
    from simulator import media_host
    from simulator.api import Backend
    from simulator.clip_renderer import ClipRenderer
    from simulator.cloud import Cloud
    from simulator.http_server import Server
    from simulator.motive import MotiveApi
    from simulator.samsara import SamsaraApi
    from simulator.signing import Signer

    scenario = scenario or Scenario()
    log, signer, stopping = CallLog(), Signer(), threading.Event()
    renderer = ClipRenderer(scenario.cache)
    cloud = Cloud(scenario, renderer)
    media = Server("media", lambda: media_host.build(cloud, signer, log, stopping), media_port)
    backend = Backend(cloud, signer, log, media.url, stopping)
    api = Server("samsara", SamsaraApi(backend).build, port)
    motive = Server("motive", MotiveApi(backend).build, motive_port)
    return Simulator(scenario, cloud, renderer, log, (api, media, motive), stopping)
