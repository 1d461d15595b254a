"""A very bad day: everything that can go wrong does, and all footage arrives all the same."""

from __future__ import annotations

import pytest
from support.pictures import plays
from support.runs import ANALOG, DRIVER, ROAD, Bench, clip_as_served

from footage.job.journal import read
from footage.system.whole_files import digest
from simulator import OnCall, OnClip

INPUTS = (ROAD, DRIVER, ANALOG)


@pytest.mark.parametrize(
    ("bench", "minutes"), [("samsara", 30), ("motive", 12)], indirect=["bench"]
)
def test_many_minutes_of_three_cameras_on_a_very_bad_day(bench: Bench, minutes: int) -> None:
    cameras = dict(zip(bench.labels, INPUTS, strict=True))
    bad = (
        OnCall("error", on="post", every=5),
        OnCall("error", on="poll", every=5),
        OnCall("lost", on="post", nth=(3, 33)),
        OnCall("drop", on="poll", nth=(7, 71)),
        OnCall("throttle", on="post", nth=(8, 9)),
        OnClip("truncate", rate=0.08),
        OnClip("reset", rate=0.08),
        OnClip("stall", 0.5, rate=0.06),
        OnClip("html", rate=0.03),
        OnClip("expire", 2.0),
        OnClip("early", 20.0, rate=0.1),
        OnClip("early", 6.0, rate=0.2),
        OnClip("failed", rate=0.1, times=1),
        OnClip("late", 1.0, rate=0.2),
    )
    with bench.cloud(*bad, seed=4) as sim:
        ran = bench.run(sim, minutes=minutes)
        assert ran.status == 0, ran.out
        (path,) = ran.logs.glob("request_ids_*.json")
        job = read(path)
        for camera in job.cameras:
            if camera.label not in cameras:
                assert job.clips(camera) == []  # Motive asks for all there may be
                continue
            clips = job.clips(camera)
            assert len(clips) == minutes
            for minute, clip in enumerate(sorted(clips, key=lambda clip: clip.window)):
                served = clip_as_served(sim, cameras[camera.label], minute)
                assert digest(ran.videos / clip.path) == clip.sha256 == served
    failed = sum(retrieval.repeat for retrieval in job.retrievals)
    assert failed > 0, "some uploads failed at first and were asked for once more"
    doubts = sum(retrieval.possible_duplicates for retrieval in job.retrievals)
    assert len(sim.retrievals) <= bench.requests(minutes, 3) + failed + doubts
    for output in job.outputs:
        assert plays(ran.videos / output.path)
    assert not [name for name in ran.names if name.endswith(".part") or name.startswith(".")]
