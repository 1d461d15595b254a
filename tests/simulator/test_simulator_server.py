"""Starting and stopping the simulator, the record of calls, and what every call is checked for."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from support.bare_client import ROAD, RunSamsara, fetch

from simulator import OnCall, OnClip
from simulator import start as start_simulator
from simulator.calls import Call
from simulator.limits import SlidingWindow, retry_after

PROJECT = Path(__file__).parent.parent.parent


def test_starts_fast_on_two_origins_and_cleans_up_after_itself() -> None:
    start_simulator().stop()  # imports what is imported late
    began = time.monotonic()
    with start_simulator() as sim:
        assert time.monotonic() - began < 1.0  # 0.01 s measured; other work may go on
        assert sim.api_url != sim.media_url
        folder = sim._renderer._folder
        assert folder.exists()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "token", "status"),
    [({}, "wrong", 401), ({"forbidden": True}, None, 403), ({"revoke_after": 0}, None, 401)],
)
def test_keys_are_checked(
    run: RunSamsara, options: dict[str, Any], token: str | None, status: int
) -> None:
    client = run(**options)
    if token:
        client.headers["Authorization"] = f"Bearer {token}"
    answer = client.get("/fleet/vehicles")
    assert answer.status_code == status
    assert set(answer.json()) == {"message", "requestId"}


def test_a_key_can_be_revoked_in_the_middle(run: RunSamsara) -> None:
    client = run(revoke_after=2)
    assert [client.get("/fleet/vehicles").status_code for _ in range(3)] == [200, 200, 401]


def test_unknown_things_are_not_found(run: RunSamsara) -> None:
    client = run()
    for path in ("/nothing", "/fleet/vehicles/1", "/cameras/media/retrieval?retrievalId=x"):
        answer = client.get(path)
        assert (answer.status_code, set(answer.json())) == (404, {"message", "requestId"})


def test_calls_are_recorded(run: RunSamsara) -> None:
    client = run()
    fetch(client.url())
    post: Call = client.sim.posts()[0]
    assert post.body["inputs"] == [ROAD]
    assert (post.status, post.accepted) == (200, client.sim.retrievals[0].id)
    assert client.sim.polls()[0].query == {"retrievalId": [post.accepted]}
    (download,) = client.sim.downloads()
    assert (download.origin, download.status) == ("media", 200)
    assert "Authorization" not in download.headers


def test_too_many_calls_are_refused_with_the_time_that_is_left(run: RunSamsara) -> None:
    client = run(limits={"vehicles": (2, 0.5)})
    answers = [client.get("/fleet/vehicles") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    time.sleep(float(answers[2].headers["Retry-After"]))
    assert client.get("/fleet/vehicles").status_code == 200


def test_a_sliding_window_allows_no_double_burst_at_its_edge() -> None:
    now = 0.0
    window = SlidingWindow(2, 60, lambda: now)
    now = 59.0
    assert [window.take(), window.take()] == [0, 0]
    now = 61.0
    assert window.take() == 58.0
    now = 118.999
    assert window.take() == pytest.approx(0.001)
    now = 119.0
    assert [window.take(), window.take(), window.take()] == [0, 0, 60.0]


def test_retry_after_is_fractional_and_rounded_up() -> None:
    assert retry_after(0.402341) == "0.40235"
    assert retry_after(2) == "2.00000"


@pytest.mark.parametrize(("fixture", "created"), [("run", 200), ("run_motive", 201)])
def test_calls_go_wrong_before_and_after_they_are_accepted(
    request: pytest.FixtureRequest, fixture: str, created: int
) -> None:
    kinds = ("throttle", "error", "lost", "drop", "lost_drop", "gateway", "nonsense")
    mishaps = [OnCall(kind, "post", nth=(number,)) for number, kind in enumerate(kinds, 1)]
    client = request.getfixturevalue(fixture)(OnClip("unavailable"), *mishaps)
    statuses = []
    for _ in range(8):
        try:
            statuses.append(client.post().status_code)
        except requests.exceptions.ConnectionError:
            statuses.append(0)
    assert statuses == [429, 503, 503, 0, 0, 502, 200, created]
    accepted = [call.accepted for call in client.sim.posts()]
    assert list(map(bool, accepted)) == [False, False, True, False, True, False, False, True]
    assert list(filter(None, accepted)) == [retrieval.id for retrieval in client.sim.retrievals]


def test_an_answer_can_come_too_late(run: RunSamsara) -> None:
    client = run(OnCall("hang", "post", 0.5))
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.post(timeout=0.2)
    assert len(client.sim.retrievals) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "from simulator import MotiveStyle, OnClip, Scenario, start",
        "from simulator.__main__ import main; main(['--bad', 'nothing'])",
    ],
)
def test_flask_and_numpy_are_imported_at_the_start_only(statement: str) -> None:
    program = f"{statement}; import sys; sys.exit(bool({{'flask', 'numpy'}} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=False)
    assert run.returncode == 0
