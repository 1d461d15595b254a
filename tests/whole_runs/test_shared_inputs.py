"""Two cameras on one input: the footage of neither is lost, and none of it is paid for twice."""

from __future__ import annotations

import shutil
from dataclasses import replace

from support.runs import ANALOG, SMALL, Bench

from simulator import TRUCKS

SERIALS = ("CSS6-23A-AAA", "CSS6-23A-BBB")
TRUCK = replace(TRUCKS[0], roles={ANALOG: "rearBumper"}, serials={ANALOG: SERIALS})
CAMERAS = {**SMALL, f"{ANALOG}/{SERIALS[1]}": SMALL["analog2"]}
NAMES = {"Analog", "Analog (3A-BBB)"}


def test_two_cameras_on_one_input_are_both_kept(bench: Bench) -> None:
    with bench.cloud(vehicles=[TRUCK], cameras=CAMERAS) as sim:
        ran = bench.run(sim, "--no-telemetry", minutes=1, cameras="analog1")
        assert ran.status == 0, ran.out
        assert len(sim.posts()) == 1
        clips = {name.partition("_")[0] for name in ran.names if "_VideoClip_" in name}
        assert clips == NAMES
        merges = {name.partition("_")[0] for name in ran.names if "_Merged_" in name}
        assert merges >= NAMES
        files = [next(ran.videos.glob(f"{name}_VideoClip_*")).read_bytes() for name in NAMES]
        assert files[0] != files[1]

        shutil.rmtree(bench.videos)
        shutil.rmtree(bench.logs)
        again = bench.run(sim, "--no-telemetry", minutes=1, cameras="analog1")
        assert again.status == 0, again.out
        assert len(sim.posts()) == 1, "it was in the cloud"
        assert again.names == ran.names
