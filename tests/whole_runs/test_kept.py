"""What is finished stays: files that were moved away or changed afterwards, and then --resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.runs import Bench, Ran, of_each_provider

from footage.job import poller
from footage.media import ffmpeg

CLIP, LOST_CLIP = "Road_VideoClip*13-31-00.mp4", "its clip {} on this computer"


def only(bench: Bench, pattern: str) -> Path:
    (path,) = bench.videos.glob(pattern)
    return path


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def media_of(ran: Ran, camera: str, minute: int) -> dict[str, Any]:
    """What the journal has of one camera's minute, in a job of whichever provider."""
    per_minute = [
        media
        for one in ran.journal["retrievals"]
        for media in one["media"]
        if media["input"] == camera
    ]
    media = per_minute[minute]
    assert isinstance(media, dict)
    return media


@pytest.mark.many_cases
@of_each_provider
@pytest.mark.parametrize("how", ["is missing", "was changed"])
def test_a_poorer_film_never_takes_a_finished_ones_place(bench: Bench, how: str) -> None:
    """A clip and the side-by-side are gone, and the cloud does not have that minute any more."""
    bench.monkeypatch.setattr(poller, "_UNKNOWN_AFTER", 1)
    with bench.cloud() as sim:
        first = bench.run(sim, minutes=2, cameras="road,driver")
    assert first.status == 0
    clip, merged, film = (only(bench, name) for name in (CLIP, "Road_Merged*", "SideBySide*"))
    before = merged.read_bytes(), clip.read_bytes(), film.read_bytes()
    known = [one["media"][0] for one in first.journal["retrievals"] if one["media"][0]["clip"]]
    (known,) = [one["clip"] for one in known if one["clip"]["file"] == clip.name]
    elsewhere = bench.folder / "elsewhere"
    elsewhere.mkdir()
    film.rename(elsewhere / film.name)
    if how == "is missing":
        clip.rename(elsewhere / clip.name)
    else:
        flip_a_bit(clip)
    (journal,) = bench.logs.glob("request_ids_*.json")

    with bench.cloud() as sim:  # another one, which knows none of the requests
        again = bench.resume(sim, str(journal))
        assert sim.posts() == []
    assert again.status == 3
    assert again.lines_with(f"{clip.name} {how} on this computer.")
    assert again.lines_with(f"{film.name} is missing on this computer.")
    assert again.lines_with("Missing") == [f"Missing: Road 13:31-13:32, {LOST_CLIP.format(how)}"]
    assert "not been uploaded" not in again.out
    assert merged.read_bytes() == before[0]
    assert again.lines_with(f"{merged.name} is kept as it was made")
    poorer = only(bench, "SideBySide* (2).mp4")
    assert not film.exists()
    lost = [
        media["lost"]
        for one in again.journal["retrievals"]
        for media in one["media"]
        if media["lost"]
    ]
    assert [one["clip"] for one in lost] == [known]
    names = {output["file"]: output["loss"] for output in again.journal["outputs"]}
    assert (names[film.name], names[poorer.name], names[merged.name]) == ("missing", None, None)

    # The files come back: everything is as it was.
    clip.write_bytes(before[1])
    film.write_bytes(before[2])
    with bench.cloud() as sim:
        last = bench.resume(sim, str(journal))
        assert sim.calls == []
    assert last.status == 0, last.out
    assert all(output["loss"] is None for output in last.journal["outputs"])


@pytest.mark.parametrize("damage", ["cut", "unreadable"])
def test_the_only_journal_that_cannot_be_read_is_named(bench: Bench, damage: str) -> None:
    with bench.cloud() as sim:
        bench.logs.mkdir(parents=True)
        journal = bench.logs / "request_ids_x.json"
        if damage == "cut":
            journal.write_text("{", encoding="utf-8")
        else:
            journal.mkdir()  # reading it fails, whoever does it
        resumed = bench.resume(sim)
        assert resumed.status == 2
        assert resumed.lines_with("request_ids_x.json")
        anew = bench.run(sim, cameras="road")
        assert anew.status == 0
        # On Windows it is waited for as well: another program may hold it open.
        lines = anew.lines_with("request_ids_x.json")
        (line,) = [line for line in lines if "is held open" not in line]
        assert line.endswith("What it has requested already may be paid for once more.")


def test_an_ffmpeg_that_does_not_start_is_found_before_paying(bench: Bench) -> None:
    bench.monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(bench.folder / "none"))
    ffmpeg.binary.cache_clear()
    ffmpeg.check.cache_clear()
    try:
        with bench.cloud() as sim:
            ran = bench.run(sim, cameras="road")
            assert sim.posts() == []
    finally:
        bench.monkeypatch.undo()
        ffmpeg.binary.cache_clear()
        ffmpeg.check.cache_clear()
    assert ran.status == 1
    assert ran.lines_with("The variable IMAGEIO_FFMPEG_EXE names it")
    assert not list(bench.logs.glob("request_ids_*"))


def test_a_finished_job_is_checked_by_hash_first(bench: Bench) -> None:
    with bench.cloud() as sim:
        assert bench.run(sim, cameras="road").status == 0
        (journal,) = bench.logs.glob("request_ids_*.json")
        whole = bench.resume(sim, str(journal))
        assert whole.lines_with("nothing is left to do")
        merged = only(bench, "Road_Merged*")
        before = merged.read_bytes()
        flip_a_bit(merged)  # its size and all else stay
        again = bench.resume(sim, str(journal))
        assert again.status == 0
        assert not again.lines_with("nothing is left to do")
        assert again.lines_with(f"{merged.name} was changed on this computer.")
        assert merged.read_bytes() == before
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=1)
    steps = [step for step in again.journal["custody"] if step.get("file") == merged.name]
    assert [step["kind"] for step in steps] == ["merged", "lost", "merged"]
    assert steps[0]["sha256"] == steps[2]["sha256"] != steps[1]["sha256"]
    assert [step["run"] for step in steps] == [0, 1, 1]
