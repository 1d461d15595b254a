"""The vehicle's own data of a job: kept beside the journal, and never what footage waits for."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from support.media import START, at

from footage.cloud.provider import Provider
from footage.errors import AuthenticationError, RequestRefused, TransientError
from footage.job import journal as journals
from footage.job.journal import Journal
from footage.job.telemetry_fetch import Track
from footage.model import Job, Reading, Vehicle, Window
from footage.telemetry import readings_file
from SamsaraAPI import CAMERAS


def reading(second: float, speed: float = 10.0) -> Reading:
    return Reading(at(second), 41.0 + second / 1e6, -87.0, speed, 90.0, "Elm Street")


@dataclass
class Sensors:
    """A provider that returns these readings, or raises; one answer a call, the last repeats."""

    answers: list[list[Reading] | Exception]
    has_telemetry: bool = True
    name: str = "Samsara"
    asked: list[Window] = field(default_factory=list)

    def readings(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        self.asked.append(span)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def a_journal(folder: Path, telemetry: bool = True) -> Journal:
    job = Job(
        provider="Samsara",
        vehicle=Vehicle("1", "Truck 42", file_name="Truck 42"),
        start=START,
        minutes=1,
        timezone="",
        cameras=CAMERAS[:1],
        cameras_named=True,
        created=START,
        folder="",
        telemetry=telemetry,
    )
    return Journal.create(folder, job, "now")


def track(journal: Journal, sensors: Sensors | None, each: float = 600.0) -> Track:
    """A track whose clock goes on by `each` seconds whenever it is looked at."""
    seconds = itertools.count(0, each)
    return Track(journal, cast(Provider, sensors) if sensors else None, lambda: next(seconds))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return a_journal(tmp_path)


def every(step: int, start: int = 0, end: int = 60) -> list[Reading]:
    return [reading(second) for second in range(start, end + 1, step)]


def test_readings_are_kept_beside_the_journal(
    journal: Journal,
) -> None:
    sensors = Sensors([every(5, -10, 70)])
    made = track(journal, sensors)
    assert (list(made.readings or ()), made.ready) == ([], False)
    made.fetch()
    assert made.ready
    assert sensors.asked == [journal.job.span]
    assert made.path == journal.path.with_name("telemetry_now.json")
    assert readings_file.load(made.path) == made.readings == every(5, -10, 70)
    assert made.inside == every(5)
    assert made.trouble == ""


def test_another_run_has_them_without_asking_again(journal: Journal) -> None:
    track(journal, Sensors([every(5)])).fetch()
    silent = Sensors([AssertionError("asked again")])
    again = track(journal, silent)
    again.fetch()
    again.complete()
    assert again.readings == every(5)
    assert silent.asked == []
    offline = track(journal, None)  # nothing is asked of the provider any more
    assert (offline.ready, offline.readings) == (True, every(5))


@pytest.mark.parametrize(
    "refusal", [RequestRefused("No licence."), AuthenticationError("No permission.")]
)
def test_a_refusal_means_none_and_is_passed_on(
    journal: Journal, refusal: RequestRefused | AuthenticationError
) -> None:
    sensors = Sensors([refusal])
    made = track(journal, sensors)
    made.fetch()
    assert (made.readings, made.ready) == (None, True)
    assert made.trouble == f"No speed and place on the picture: {refusal.message}"
    made.complete()
    assert len(sensors.asked) == 1  # asking again the same way is pointless
    assert not made.path.exists()


def test_a_failure_is_tried_again_once_the_footage_is_here(journal: Journal) -> None:
    made = track(journal, Sensors([TransientError("It is down."), every(5)]))
    made.fetch()
    assert made.ready
    assert made.trouble == "No speed and place on the picture: It is down."
    made.complete()
    assert (made.readings, made.trouble) == (every(5), "")


def test_a_failure_of_a_moment_ago_is_not_tried_again(journal: Journal) -> None:
    sensors = Sensors([TransientError("It is down."), every(5)])
    made = track(journal, sensors, each=30.0)
    made.fetch()
    made.complete()
    assert len(sensors.asked) == 1
    assert made.trouble.endswith("It is down.")


def test_what_the_vehicle_sends_late_is_added(journal: Journal) -> None:
    made = track(journal, Sensors([every(5, 0, 20), every(5, 40, 60), every(5, 15, 45)]))
    made.fetch()
    assert made.readings == every(5, 0, 20)
    made.complete()
    assert made.readings == [*every(5, 0, 20), *every(5, 40, 60)]
    made.complete()
    assert made.readings == every(5)
    assert readings_file.load(made.path) == every(5)


def test_trouble_later_on_takes_nothing_away(journal: Journal) -> None:
    sensors = Sensors([every(5, 0, 20), TransientError("down"), RequestRefused("no"), []])
    made = track(journal, sensors)
    made.fetch()
    for _ in range(3):
        made.complete()
        assert made.readings == every(5, 0, 20)
        assert made.trouble == ""  # there is speed and place on the picture
    assert len(sensors.asked) == 4


def test_where_there_is_no_gps_the_summary_says_so(journal: Journal) -> None:
    made = track(journal, Sensors([[]]))
    made.fetch()
    assert (made.readings, made.trouble) == ([], "Samsara has no GPS of that time.")


@pytest.mark.parametrize("wanted", [False, True])
def test_where_none_are_wanted_or_given_nothing_is_asked(tmp_path: Path, wanted: bool) -> None:
    sensors = Sensors([AssertionError("asked")], has_telemetry=not wanted)
    made = track(a_journal(tmp_path, telemetry=wanted), sensors)
    assert made.ready
    made.fetch()
    made.complete()
    assert sensors.asked == []
    assert not made.readings
    assert made.inside == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "\u0000"])
def test_a_file_that_cannot_be_relied_on_is_fetched_anew(journal: Journal, text: str) -> None:
    path = track(journal, None).path
    path.write_text(text, encoding="utf-8")
    made = track(journal, Sensors([every(5)]))
    assert list(made.readings or ()) == []
    made.fetch()
    assert readings_file.load(path) == every(5)


@pytest.mark.parametrize("name", ["request_ids_x.json", "kept.json", "telemetry_x.json", "x"])
def test_whatever_the_journal_is_called_it_is_not_written_over(tmp_path: Path, name: str) -> None:
    given = a_journal(tmp_path)
    given.close()
    path = given.path.rename(tmp_path / name)
    journal = Journal.open(path)
    made = track(journal, Sensors([every(5)]))
    made.fetch()
    assert made.path != path
    assert journals.read(path) == journal.job
    journal.close()


def test_two_readings_of_one_moment_are_one(journal: Journal) -> None:
    faster: Sequence[Reading] = [reading(second, 20.0) for second in range(0, 21, 5)]
    made = track(journal, Sensors([every(5, 0, 20), [*faster, *every(5, 25, 40)]]))
    made.fetch()
    made.complete()
    assert [one.time for one in made.readings or ()] == [at(n) for n in range(0, 41, 5)]
    assert readings_file.load(made.path) == made.readings
