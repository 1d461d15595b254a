"""A very bad day: everything that can go wrong does, and all footage arrives all the same."""

from __future__ import annotations

import pytest
from support.pictures import plays
from support.runs import ANALOG, DRIVER, ROAD, Bench, clip_as_served, of_each_provider

from footage.job.journal import read
from footage.system.whole_files import digest
from simulator import OnCall, OnClip

INPUTS = (ROAD, DRIVER, ANALOG)


MINUTES = 4


@pytest.mark.long
@of_each_provider
def test_many_minutes_of_three_cameras_on_a_very_bad_day(bench: Bench) -> None:
    cameras = dict(zip(bench.labels, INPUTS, strict=True))
    bad = (
        OnCall("error", on="post", every=4),
        OnCall("error", on="poll", every=4),
        OnCall("lost", on="post", nth=(3, 13)),
        OnCall("drop", on="poll", nth=(7, 31)),
        OnCall("throttle", on="post", nth=(8, 9)),
        OnClip("truncate", rate=0.2),
        OnClip("reset", rate=0.2),
        OnClip("stall", 0.5, rate=0.15),
        OnClip("html", rate=0.1),
        OnClip("expire", 2.0),
        OnClip("early", 20.0, rate=0.1),
        OnClip("early", 6.0, rate=0.2),
        OnClip("failed", rate=0.25, times=1),
        OnClip("late", 1.0, rate=0.2),
    )
    with bench.cloud(*bad, seed=4) as sim:
        ran = bench.run(sim, minutes=MINUTES)
        assert ran.status == 0, ran.out
        (path,) = ran.logs.glob("request_ids_*.json")
        job = read(path)
        for camera in job.cameras:
            if camera.label not in cameras:
                assert job.clips(camera) == []  # Motive asks for all there may be
                continue
            clips = job.clips(camera)
            assert len(clips) == MINUTES
            for minute, clip in enumerate(sorted(clips, key=lambda clip: clip.window)):
                served = clip_as_served(sim, cameras[camera.label], minute)
                assert digest(ran.videos / clip.path) == clip.sha256 == served
    failed = sum(retrieval.repeat for retrieval in job.retrievals)
    assert failed > 0, "some uploads failed at first and were asked for once more"
    doubts = sum(retrieval.possible_duplicates for retrieval in job.retrievals)
    assert len(sim.retrievals) <= bench.requests(MINUTES, 3) + failed + doubts
    for output in job.outputs:
        assert output.path.suffix != ".mp4" or plays(ran.videos / output.path)
    assert not [name for name in ran.names if name.endswith(".part") or name.startswith(".")]
