"""Where the month's quota stands, and whether the job fits, in plain figures."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from support.bare_job import bare_job
from support.media import imagined, window

from footage.cloud.provider import Provider
from footage.job import budget
from footage.model import (
    Cost,
    Media,
    MediaStatus,
    MediaType,
    Quota,
    Retrieval,
    RetrievalState,
)
from SamsaraAPI import CAMERAS, SamsaraAPI

SAMSARA = cast(Provider, SamsaraAPI("key", "http://127.0.0.1:1"))
ROAD, DRIVER = CAMERAS[:2]


def requests(minutes: int, cameras: int = 1, kind: MediaType = MediaType.HIGH) -> list[Retrieval]:
    length = 0 if kind is MediaType.IMAGE else 60
    return [
        Retrieval(window(60 * n, length), [Media(camera)], kind)
        for n in range(minutes)
        for camera in CAMERAS[:cameras]
    ]


@pytest.mark.parametrize(
    ("stands", "line"),
    [
        (Quota("800 of 1000", 800.0, 1000.0), 'Samsara says: "800 of 1000" (200 left)'),
        (Quota("x", 5.5, 900_000.0), 'Samsara says: "x" (899,994.5 left)'),
        (Quota("too much", 1200.0, 1000.0), 'Samsara says: "too much" (0 left)'),
        (Quota("gold plan"), 'Samsara says: "gold plan"'),
        (Quota("half", 3.0), 'Samsara says: "half"'),
    ],
)
def test_the_providers_words_come_first_then_what_is_left(stands: Quota, line: str) -> None:
    assert budget.quota_text("Samsara", stands) == line


@pytest.mark.parametrize(
    ("minutes", "cameras", "left", "fits"),
    [
        (5, 2, 600.0, ""),
        (5, 2, 599.0, "about 4 of its 5 minutes would fit"),
        (5, 2, 200.0, "about 1 of its 5 minutes would fit"),
        (5, 1, 299.9, "about 4 of its 5 minutes would fit"),
        (5, 1, 0.0, ": none of its 5 minutes would fit"),
    ],
)
def test_a_job_that_will_not_fit_says_how_much_would(
    minutes: int, cameras: int, left: float, fits: str
) -> None:
    stands = Quota("words", 1000.0 - left, 1000.0)
    warning = budget.quota_warning(requests(minutes, cameras), SAMSARA, stands)
    assert fits in warning
    assert bool(warning) is bool(fits)
    if warning:
        assert warning.startswith(f"This job needs {60 * minutes * cameras} s of quota, but ")
        assert "of 1,000 are left this month" in warning


def test_pictures_are_counted_as_pictures() -> None:
    warning = budget.quota_warning(
        requests(50, 1, MediaType.IMAGE), SAMSARA, Quota("w", 998.0, 1000.0)
    )
    assert "5 s of quota" in warning
    assert "about 20 of its 50 pictures would fit" in warning


def test_without_a_figure_there_is_no_warning() -> None:
    assert budget.quota_warning(requests(5), SAMSARA, Quota("gold plan")) == ""
    low = requests(5, 1, MediaType.LOW)
    assert SAMSARA.cost(low).amount is None
    assert budget.quota_warning(low, SAMSARA, Quota("w", 1000.0, 1000.0)) == ""


def test_nothing_to_pay_is_never_warned_of() -> None:
    assert SAMSARA.cost([]) == Cost("0 s of quota", 0.0)
    assert budget.quota_warning([], SAMSARA, Quota("w", 1000.0, 1000.0)) == ""


def test_still_to_pay_is_what_has_not_come_and_is_not_reused() -> None:
    planned, uploading, here, gone, found, from_other_job = requests(6)
    uploading.state, uploading.id = RetrievalState.ACCEPTED, "id"
    here.media[0].clip = imagined(0, 60)
    gone.media[0].status = MediaStatus.UNAVAILABLE
    found.state = RetrievalState.FOUND
    from_other_job.state, from_other_job.id, from_other_job.from_other_job = (
        RetrievalState.ACCEPTED,
        "theirs",
        True,
    )
    job = bare_job(planned, uploading, here, gone, found, from_other_job)
    assert budget.still_to_pay(job) == [planned, uploading]


@pytest.mark.parametrize(
    ("minutes", "cameras", "kind", "told"),
    [
        (47, 3, MediaType.HIGH, True),  # the side-by-side
        (141, 1, MediaType.HIGH, True),
        (46, 3, MediaType.HIGH, False),
        (139, 1, MediaType.HIGH, False),
        (141, 1, MediaType.LOW, False),
        (1440, 3, MediaType.IMAGE, False),
    ],
)
def test_films_too_large_for_the_disk_are_foreseen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int,
    cameras: int,
    kind: MediaType,
    told: bool,
) -> None:
    job = bare_job(*requests(minutes, cameras, kind), media_type=kind)
    monkeypatch.setattr("footage.system.whole_files.takes_large_files", lambda folder: True)
    assert budget.large_file_warning(tmp_path, job) == ""
    monkeypatch.setattr("footage.system.whole_files.takes_large_files", lambda folder: False)
    warning = budget.large_file_warning(tmp_path, job)
    assert ("with --output" in warning) is told is bool(warning)
