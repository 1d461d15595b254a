"""Downloads: how many at a time, which are repeated, and what is taken for a clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.media import at, imagined, window
from support.retrieving import (
    ROAD,
    SECRET,
    Stage,
    found,
    minute_of,
    statuses,
)

from footage.cloud.download import Download
from footage.errors import (
    DownloadError,
    NotAVideo,
    UrlExpired,
)
from footage.job.fetcher import _check_length
from footage.job.journal import read
from footage.model import (
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Tracks,
    Vehicle,
    VideoTrack,
)


def test_at_most_three_clips_are_fetched_at_a_time(stage: Stage) -> None:
    stage.downloader.takes = 20.0
    job = stage.plan(12)
    stage.collect()
    assert stage.downloader.most == 3
    assert len(stage.downloader.fetched) == 12
    assert len(job.clips(ROAD)) == 12


def test_clips_are_fetched_while_others_are_awaited(stage: Stage) -> None:
    """The second minute is uploaded only after the first clip is here."""
    job = stage.plan(2)

    def status(retrieval: Retrieval, poll: int) -> str:
        first = job.retrievals[0].media[0].clip
        return "available" if first or minute_of(retrieval) == 0 else "pending"

    stage.provider.status = status
    stage.collect()
    assert len(job.clips(ROAD)) == 2


def test_an_expired_url_is_replaced_without_a_request(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone"), UrlExpired("gone")]
    job = stage.plan(1)
    stage.collect()
    assert len(stage.provider.requests) == 1
    assert len(stage.polls()) == 3
    assert len(job.clips(ROAD)) == 1


@pytest.mark.parametrize("in_cloud", [False, True])
def test_a_host_that_refuses_each_new_url_is_named(stage: Stage, in_cloud: bool) -> None:
    """As a web filter does: waiting for it, or paying once more, would bring nothing."""
    stage.downloader.answers = [UrlExpired("host refuses (403: Blocked)") for _ in range(9)]
    if in_cloud:
        stage.begin(found(0, 60), minutes=1)
    else:
        stage.plan(1)
    results = stage.collect().results
    assert results.skipped == ("host refuses (403: Blocked)",)
    assert not results.wait_expired
    assert len(stage.provider.requests) == (0 if in_cloud else 1)


def test_what_could_not_be_fetched_is_tried_again_later(stage: Stage) -> None:
    stage.downloader.answers = [DownloadError("the host is down") for _ in range(7)]
    job = stage.plan(1)
    stage.collect()
    assert len(stage.provider.requests) == 1
    assert len(job.clips(ROAD)) == 1


@pytest.mark.parametrize(("times", "status"), [(2, "available"), (3, "unusable")])
def test_what_is_no_video_three_times_is_taken_as_such(
    stage: Stage, times: int, status: str
) -> None:
    stage.downloader.answers = [NotAVideo("a page of text") for _ in range(times)]
    job = stage.plan(1)
    stage.collect()
    assert statuses(job) == [MediaStatus(status)]
    assert len(stage.provider.requests) == 1


def test_two_pieces_of_one_name_are_fetched_in_turn(stage: Stage) -> None:
    """They have one name: together they would be written into one file."""
    stage.downloader.takes = 20.0
    job = stage.begin(found(20.2, 40), found(20.7, 60), found(60, 120), minutes=2)
    together: list[str] = []
    fetch = stage.downloader.fetch

    def watched(url: str, target: Path, *more: Any) -> Download[Any]:
        if target.name in stage.downloader.under_way:
            together.append(target.name)
        return fetch(url, target, *more)

    stage.downloader.fetch = watched  # type: ignore[method-assign,assignment]
    stage.collect()
    assert not together
    assert stage.downloader.most == 2
    assert job.settled


@pytest.mark.parametrize(
    ("kind", "start", "end", "plays", "factor"),
    [
        (MediaType.HYPERLAPSE, 0, 600, 20.0, 30.0),
        (MediaType.TIMELAPSE, 12, 312, 15.0, 20.0),
        (MediaType.HYPERLAPSE, None, None, 60.0, 10.0),  # by what was asked for
        (MediaType.HYPERLAPSE, 0, 30, 60.0, 1.0),  # never slower than life
        (MediaType.HYPERLAPSE, 0, 600, 0.0, 1.0),
        (MediaType.LOW, 0, 600, 20.0, 1.0),  # it lacks something, and is not sped up
        (MediaType.HIGH, 0, 60, 6.0, 1.0),
    ],
)
def test_how_much_faster_than_life_a_clip_is(
    stage: Stage,
    kind: MediaType,
    start: float | None,
    end: float | None,
    plays: float,
    factor: float,
) -> None:
    def time_of(second: float | None) -> datetime | None:
        return None if second is None else at(second)

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        return [Media(ROAD, MediaStatus.AVAILABLE, "", time_of(start), time_of(end), SECRET)]

    stage.provider.check = check  # type: ignore[method-assign]
    stage.downloader.fetch = returning(stage, "video", plays)  # type: ignore[method-assign]
    asked_for = Retrieval(window(0, 600), [Media(ROAD)], kind)
    job = stage.begin(asked_for, minutes=10, media_type=kind)
    stage.collect()
    (clip,) = job.clips(ROAD)
    assert clip.factor == pytest.approx(factor)
    assert read(stage.journal.path).clips(ROAD)[0].factor == clip.factor
    if kind is MediaType.TIMELAPSE:
        assert (clip.start, clip.end) == (at(12), at(312))


@pytest.mark.parametrize("kind", [MediaType.IMAGE, MediaType.HIGH])
def test_stills_are_probed_as_stills_and_video_as_video(
    stage: Stage, kind: MediaType, monkeypatch: pytest.MonkeyPatch
) -> None:
    probed: list[str] = []
    monkeypatch.setattr("footage.media.stills.probe", lambda path, stop: probed.append("still"))
    monkeypatch.setattr("footage.media.probe.probe", lambda path, stop: probed.append("video"))
    stage.downloader.fetch = returning(stage, "", 0.0)  # type: ignore[method-assign]
    length = 0 if kind is MediaType.IMAGE else 60
    stage.begin(Retrieval(window(0, length), [Media(ROAD)], kind), media_type=kind)
    stage.collect()
    assert probed == ["still" if kind is MediaType.IMAGE else "video"]


def returning(stage: Stage, word: str, plays: float) -> Callable[..., Download[Any]]:
    """A downloader's `fetch` whose file plays so long; it is probed where `word` is ""."""

    def fetch(
        url: str, target: Path, verify: Callable[[Path], Any], progress: Any, existing: Any = None
    ) -> Download[Any]:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"footage")
        if not word:
            verify(target)
        track = VideoTrack("h264", 16, 16, "1/1", Fraction(5), Fraction(1, 90), 5, plays)
        digest = sha256(b"footage").hexdigest()
        return Download(target, 7, digest, Tracks(track, None), reused=False)

    return fetch


def test_a_file_shorter_than_it_was_listed_is_refused() -> None:
    media = Media(ROAD, MediaStatus.AVAILABLE, start=at(0), end=at(60))
    found = Retrieval(window(0), [media], state=RetrievalState.FOUND)
    half, whole = imagined(0, 30).tracks, imagined(0, 58.5).tracks
    _check_length(found, media, whole)
    with pytest.raises(NotAVideo, match=r"30\.0 s, and not 60\.0 s"):
        _check_length(found, media, half)
    # What was requested is all there is, and a sped-up film is always shorter.
    _check_length(replace(found, state=RetrievalState.ACCEPTED), media, half)
    _check_length(replace(found, media_type=MediaType.HYPERLAPSE), media, half)


def test_what_holds_downloads_up_is_over_with_the_first_bytes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.downloader.answers = [DownloadError("the host is down")]
    stage.plan(1)
    retriever = stage.retriever(("", ()))
    retriever.cost.confirm()
    fetch = stage.downloader.fetch
    troubles: list[tuple[str, str]] = []

    def watched(
        url: str, target: Path, verify: object, progress: Any, existing: object = None
    ) -> Download[Any]:
        def noted(received: int, total: int | None) -> None:
            before = retriever.progress().trouble
            progress(received, total)
            troubles.append((before, retriever.progress().trouble))

        return fetch(url, target, verify, noted, existing)

    monkeypatch.setattr(stage.downloader, "fetch", watched)
    stage.run(retriever)
    assert troubles == [("", ""), ("the host is down", "")]
