"""Several windows may be answered with the very same minute: it is shown once, where it belongs."""

from __future__ import annotations

from datetime import timedelta

from support.pictures import clocks, frames, tile_clock, titles
from support.runs import FPS, ROAD, START, Bench, of_each_provider, promised

from footage.job.journal import read
from footage.media.layout import make_layout
from simulator import OnClip


@of_each_provider
def test_the_same_minute_again_is_shown_once_and_told(bench: Bench) -> None:
    with bench.cloud(
        OnClip("again", camera=ROAD, at=1), OnClip("again", 2, camera=ROAD, at=2)
    ) as sim:
        ran = bench.run(sim, minutes=3, cameras="road,driver")
        posts, downloads = len(sim.posts()), len(sim.downloads())
        resumed = bench.resume(sim, str(ran.journals[-1]))
        assert (len(sim.posts()), len(sim.downloads())) == (posts, downloads)
    told = [
        f"Missing: Road 13:31-13:33, {bench.side.name} answered with the footage of another time",
        "Road 13:31-13:33 was answered with the very same footage as 13:30-13:31; it is shown "
        "once, at its true time",
    ]
    for run in (ran, resumed):
        assert run.status == 3
        assert run.lines_with("Road 13:31-13:33") == told
    assert ran.names == resumed.names == promised(3, ("Road", "Driver"))
    merged = ran.videos / "Road_Merged_Truck 42_2025-04-16_13-30-00_3min.mp4"
    assert clocks(merged) == [START + timedelta(seconds=n / FPS) for n in range(60 * FPS)]
    assert len(titles(merged)) == 1
    film = ran.videos / "SideBySide_Merged_Truck 42_2025-04-16_13-30-00_3min.mp4"
    job = read(ran.journals[-1])
    layout = make_layout([job.clips(camera)[0].tracks.video for camera in job.cameras])
    pictures = frames(film, layout.width, layout.height)[:: 10 * FPS]
    with_road = [tile_clock(picture, layout.tiles[0]) is not None for picture in pictures]
    assert with_road == [True] * 6 + [False] * 12
