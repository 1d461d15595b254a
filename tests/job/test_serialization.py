"""A job as JSON values: every field comes back, whatever is damaged is noticed."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.jobs import AUDIO, CAMERAS, START, a_clip, a_full_job, a_job
from support.runs import PROJECT

from footage.job import serialization
from footage.job.serialization import NOT_JOURNALLED, VERSION, from_json
from footage.media import encoder
from footage.model import (
    UTC,
    AudioTrack,
    Camera,
    Clip,
    Contact,
    Job,
    Loss,
    LostClip,
    Media,
    MediaStatus,
    MediaType,
    Output,
    ProgramRun,
    Retrieval,
    RetrievalState,
    SafetyEvent,
    Step,
    StepKind,
    Tracks,
    Vehicle,
    VideoTrack,
    Window,
)

DATA = Path(__file__).parent / "data"


def to_json(job: Job) -> dict[str, Any]:
    """The values of a journal, as they come out of its file."""
    values = {
        **serialization.head_values(job),
        "retrievals": [serialization.retrieval_values(one) for one in job.retrievals],
        "outputs": [serialization.output_values(one) for one in job.outputs],
        "custody": [serialization.step_values(one) for one in job.custody],
    }
    data = json.loads(json.dumps(values))
    assert isinstance(data, dict)
    return data


# --- what is written is read ----------------------------------------------------------------------

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
texts = st.text(st.characters(), max_size=20)  # lone surrogates too: providers send what they like
names = st.text(string.ascii_letters + "äÖ' -_.", min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)
seconds = st.floats(0, 86400, allow_nan=False)


@st.composite
def retrievals(draw: st.DrawFn) -> Retrieval:
    start = draw(moments)
    window = Window(start, start + timedelta(seconds=draw(st.integers(0, 2400))))
    media = Media(
        camera=draw(st.sampled_from(CAMERAS)),
        status=draw(st.sampled_from(MediaStatus)),
        provider_message=draw(texts),
        start=draw(st.none() | moments),
        end=draw(st.none() | moments),
    )
    if draw(st.booleans()):
        sound, factor = draw(st.sampled_from([None, AUDIO])), draw(st.floats(1, 60))
        media.clip = a_clip(window, draw(names), sound, factor)
    if draw(st.booleans()):
        lost = a_clip(window, draw(names))
        media.lost = LostClip(lost, draw(st.sampled_from(Loss)), draw(moments))
    state = draw(st.sampled_from(RetrievalState))
    return Retrieval(
        window=window,
        media=[media],
        state=state,
        id="id" if state is RetrievalState.ACCEPTED else "",
        requested_at=draw(st.none() | moments),
        possible_duplicates=draw(st.integers(0, 3)),
        repeat=draw(st.booleans()),
        from_other_job=draw(st.booleans()),
    )


heads = st.fixed_dictionaries(
    {
        "quota": texts,
        "finished": st.booleans(),
        "media_type": st.sampled_from(MediaType),
        "every": seconds,
        "units": st.sampled_from(["mph", "kmh"]),
        "telemetry": st.booleans(),
        "roles": st.dictionaries(st.sampled_from([c.input for c in CAMERAS]), texts),
        "longest": seconds,
        "no_footage": st.lists(
            st.builds(lambda a, b: Window(min(a, b), max(a, b)), moments, moments), max_size=3
        ),
        "vehicle": st.builds(Vehicle, st.just("1"), texts, file_name=names, kind=texts),
    }
)


@given(st.lists(retrievals(), max_size=4), heads)
def test_what_is_read_is_what_was_written(some: list[Retrieval], head: dict[str, Any]) -> None:
    output = Output("merge", "Road", PurePosixPath("Road_Merged.mp4"), 60.0, 1, "ab", "cd", "note")
    for one in some:
        one.media_type = head["media_type"]
    job = a_job(retrievals=some, outputs=[output], **head)
    assert from_json(to_json(job)) == job


# --- no field is forgotten ------------------------------------------------------------------------

# Where each dataclass stands in a job: how to get it, and how to put another in its place.
Place = tuple[Callable[[Job], Any], Callable[[Job, Any], None]]


def _set_clip(job: Job, clip: Clip) -> None:
    job.retrievals[0].media[0].clip = clip


def _clip(job: Job) -> Clip:
    clip = job.retrievals[0].media[0].clip
    assert clip is not None
    return clip


def _set_tracks(job: Job, **tracks: Any) -> None:
    _set_clip(job, replace(_clip(job), tracks=replace(_clip(job).tracks, **tracks)))


PLACES: dict[type, Place] = {
    Job: (lambda job: job, lambda job, new: vars(job).update(vars(new))),
    Vehicle: (lambda job: job.vehicle, lambda job, new: setattr(job, "vehicle", new)),
    SafetyEvent: (lambda job: job.events[0], lambda job, new: setattr(job, "events", (new,))),
    Contact: (lambda job: job.contact, lambda job, new: setattr(job, "contact", new)),
    Window: (lambda job: job.no_footage[0], lambda job, new: setattr(job, "no_footage", [new])),
    Retrieval: (
        lambda job: job.retrievals[0],
        lambda job, new: job.retrievals.__setitem__(0, new),
    ),
    Media: (
        lambda job: job.retrievals[0].media[0],
        lambda job, new: setattr(job.retrievals[0], "media", [new]),
    ),
    Clip: (_clip, _set_clip),
    LostClip: (
        lambda job: job.retrievals[0].media[0].lost,
        lambda job, new: setattr(job.retrievals[0].media[0], "lost", new),
    ),
    VideoTrack: (
        lambda job: _clip(job).tracks.video,
        lambda job, new: _set_tracks(job, video=new),
    ),
    AudioTrack: (
        lambda job: _clip(job).tracks.audio,
        lambda job, new: _set_tracks(job, audio=new),
    ),
    Output: (lambda job: job.outputs[0], lambda job, new: setattr(job, "outputs", [new])),
    ProgramRun: (lambda job: job.runs[0], lambda job, new: job.runs.__setitem__(0, new)),
    Step: (lambda job: job.custody[0], lambda job, new: job.custody.__setitem__(0, new)),
}
# Tracks holds two of the above; what a camera has is changed as a whole, in Job and in Media.
WITHOUT_A_PLACE = {Camera, Tracks}


def another(value: Any) -> Any:
    """A value of the same type that is not the same."""
    simple: list[tuple[type, Callable[[Any], Any]]] = [
        (bool, lambda old: not old),
        (Enum, lambda old: next(one for one in type(old) if one is not old)),
        (str, lambda old: f"{old}x"),
        (int, lambda old: old + 1),
        (float, lambda old: old + 0.5),
        (Fraction, lambda old: old + 1),
        (datetime, lambda old: old + timedelta(seconds=1)),
        (PurePath, lambda old: old.with_name(f"x{old.name}")),
        (dict, lambda old: {**old, "x": next(iter(old.values()), "y")}),
        (Camera, lambda old: next(one for one in CAMERAS if one != old)),
        (Window, lambda old: replace(old, end=another(old.end))),
        (Vehicle, lambda old: replace(old, name=another(old.name))),
        (Clip, lambda old: replace(old, size=old.size + 1)),
        (Tracks, lambda old: replace(old, audio=None)),
        (tuple, lambda old: old[:-1] if old else ((1.0, 2.5),)),
        (list, lambda old: old[:-1]),
        (type(None), lambda old: (1920, 1080)),  # the size of the side-by-side
        (object, lambda old: None),  # may be None: the clip, the sound
    ]
    return next(change(value) for kind, change in simple if isinstance(value, kind))


def every_field() -> Iterator[Any]:
    for kind in PLACES:
        for field in fields(kind):
            if field.name not in NOT_JOURNALLED.get(kind, ()):
                yield pytest.param(kind, field.name, id=f"{kind.__name__}.{field.name}")


@pytest.mark.parametrize(("kind", "name"), list(every_field()))
def test_every_field_is_written_and_read(kind: type, name: str) -> None:
    job, get, put = a_full_job(), *PLACES[kind]
    before = to_json(job)
    old = getattr(get(job), name)
    other_settings = next(one for one in encoder.SIDE_BY_SIDE if one != job.encoder)
    new = replace(get(job), **{name: other_settings if name == "encoder" else another(old)})
    put(job, new)
    if name == "media_type":
        for one in job.retrievals:
            one.media_type = new.media_type
    if name == "cameras":  # what was asked of that camera goes with it
        job.retrievals = [one for one in job.retrievals if one.cameras[0] in job.cameras]
    if kind is Retrieval and name == "window":
        _set_clip(job, replace(_clip(job), window=new.window))
        media = job.retrievals[0].media[0]
        assert media.lost is not None
        media.lost = replace(media.lost, clip=replace(media.lost.clip, window=new.window))
    if kind is Retrieval and name == "state":
        job.retrievals[0].id = ""
    after = to_json(job)
    assert after != before
    assert from_json(after) == job


def test_every_dataclass_of_a_job_is_in_the_test_above() -> None:
    def within(hint: Any) -> Iterator[type]:
        for inner in getattr(hint, "__args__", ()):
            yield from within(inner)
        if is_dataclass(hint) and isinstance(hint, type):
            yield hint
            for one in get_type_hints(hint).values():
                yield from within(one)

    assert set(within(Job)) == {*PLACES, *WITHOUT_A_PLACE}


def test_what_is_not_journalled_is_a_field_and_is_not_written() -> None:
    for kind, left_out in NOT_JOURNALLED.items():
        assert set(left_out) <= {field.name for field in fields(kind)}
    job = a_full_job()
    media = job.retrievals[0].media[0]
    before = to_json(job)
    media.url, media.role, media.requested = "https://host/clip.mp4?signature=secret", "Left", True
    assert to_json(job) == before


def test_what_a_step_has_nothing_of_is_left_out() -> None:
    bare = Step(START, 0, StepKind.MERGED)
    values = {"at": "2025-04-16T18:30:00Z", "run": 0, "kind": "merged"}
    assert serialization.step_values(bare) == values
    job = a_full_job()
    job.custody.append(bare)
    assert from_json(to_json(job)).custody[-1] == bare


def test_every_field_is_described_in_the_documentation() -> None:
    def keys(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from value
        for inner in value.values() if isinstance(value, dict) else value:
            if isinstance(inner, (dict, list)):
                yield from keys(inner)

    data = {**to_json(a_full_job()), "roles": {}, "clock_offsets": {}}
    text = (PROJECT / "docs" / "journal.md").read_text("utf-8")
    assert [key for key in keys(data) if f"`{key}`" not in text and f"`{key}[]`" not in text] == []


# --- versions 1 and 2 -----------------------------------------------------------------------------


def stored(version: int) -> dict[str, Any]:
    data = json.loads((DATA / f"version_{version}.json").read_text("utf-8"))
    assert isinstance(data, dict)
    assert data["version"] == version
    return data


def test_a_journal_of_version_1_is_read_as_one_of_today() -> None:
    job = from_json(stored(1))
    assert (job.media_type, job.every, job.units) == (MediaType.HIGH, 0.0, "mph")
    assert (job.telemetry, job.reuse, job.roles) == (False, True, {})
    assert (job.longest, job.no_footage, job.vehicle.kind) == (0.0, [], "vehicle")
    paid, refused, in_doubt, planned = job.retrievals
    assert (paid.state, paid.id, paid.possible_duplicates) == (
        RetrievalState.ACCEPTED,
        "paid-for",
        1,
    )
    assert paid.media[0].clip is not None
    assert paid.media[0].clip.factor == 1.0
    assert refused.media[0].provider_message == "Camera was not recording."
    assert (in_doubt.state, in_doubt.repeat) == (RetrievalState.REQUESTING, True)
    assert planned.state is RetrievalState.PLANNED
    assert not any(one.from_other_job for one in job.retrievals)
    assert job.outputs[0].note == "note"


def test_a_journal_of_version_2_is_read_as_one_of_today() -> None:
    job = from_json(stored(2))
    assert (job.media_type, job.units, job.telemetry) == (MediaType.LOW, "kmh", True)
    assert (job.reuse, job.longest) == (False, 60.0)
    assert job.roles == {"dashcamDriverFacing": "Cab"}
    assert job.no_footage == [Window(START + timedelta(minutes=2), START + timedelta(minutes=3))]
    paid, refused, in_doubt, followed = job.retrievals
    assert (paid.id, paid.possible_duplicates, paid.from_other_job) == ("paid-for", 1, False)
    assert (followed.id, followed.from_other_job) == ("of-another-job", True)
    assert paid.media[0].clip is not None
    assert paid.media[0].clip.factor == 1.5
    assert refused.media[0].provider_message == "Camera was not recording."
    assert {one.media_type for one in job.retrievals} == {MediaType.LOW}
    assert in_doubt.media[0].camera == job.cameras[0]


@pytest.mark.parametrize("version", [1, 2])
def test_an_old_journal_is_written_by_the_new_names(version: int) -> None:
    data = to_json(from_json(stored(version)))
    assert data["version"] == VERSION == 3
    assert data["retrievals"][0]["possible_duplicates"] == 1
    assert data["retrievals"][3]["from_other_job"] is (version == 2)
    assert data["retrievals"][1]["media"][0]["provider_message"] == "Camera was not recording."
    text = json.dumps(data)
    assert not any(f'"{old}"' in text for old in ("said", "maybe_counted", "adopted"))


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vehicle", None),
        ("vehicle", []),
        ("cameras", 1),
        ("retrievals", ["x"]),
        ("retrievals", [{"media": None}]),
        ("retrievals", [{"media": [7]}]),
        ("retrievals", [{"media": [{"clip": 5}]}]),
        ("outputs", [None]),
    ],
)
def test_damage_is_noticed_in_every_version(version: int, key: str, value: Any) -> None:
    data = to_json(a_full_job()) if version == 3 else stored(version)
    with pytest.raises((KeyError, TypeError, AttributeError, ValueError)):
        from_json({**data, key: value})


# --- values that cannot be ------------------------------------------------------------------------


def within(data: dict[str, Any], *path: str | int) -> Any:
    for step in path:
        data = data[step]  # type: ignore[index]
    return data


MEDIA = ("retrievals", 0, "media", 0)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("minutes",), "2"),
        (("minutes",), -1),
        (("minutes",), True),
        (("start",), "yesterday"),
        (("start",), "2025-04-16T18:30:00"),
        (("retrievals",), {}),
        (("vehicle",), None),
        (("vehicle", "file_name"), "../x"),
        (("folder",), None),
        (("finished",), "no"),
        (("custody", 0, "run"), 2),  # there are two, numbered from 0
        (("custody", 0, "run"), -1),
        (("custody", 0, "kind"), "x"),
        (("custody", 0, "at"), "2025-04-16T18:31:00"),
        (("runs",), []),
        (("clock_offsets",), {"0.1": "4"}),
        (("cameras",), [{"input": 3, "label": "x"}]),
        (("media_type",), "film"),
        (("every",), "60"),
        (("telemetry",), 1),
        (("roles",), {"analog1": 3}),
        (("roles",), []),
        (("longest",), None),
        (("no_footage",), [{"start": "2025-04-16T18:30:00Z"}]),
        (("no_footage",), ["x"]),
        (("retrievals", 0, "retrieval_id"), ""),  # although it was accepted
        (("retrievals", 0, "state"), "lost"),
        (("retrievals", 0, "end"), "2025-04-16T18:31:00"),
        ((*MEDIA, "start"), "2025-04-16T18:31:00"),
        ((*MEDIA, "input"), "another"),
        ((*MEDIA, "clip", "start"), "2025-04-16T18:31:00"),
        ((*MEDIA, "clip", "size"), -1),
        ((*MEDIA, "clip", "video", "rate"), "1/0"),
        ((*MEDIA, "clip", "video", "rate"), 30),
        ((*MEDIA, "clip", "video", "width"), 1.5),
    ],
)
def test_a_value_that_cannot_be_is_noticed(path: tuple[str | int, ...], value: Any) -> None:
    data = to_json(a_full_job())
    within(data, *path[:-1])[path[-1]] = value
    with pytest.raises((KeyError, TypeError, AttributeError, ValueError, ArithmeticError)):
        from_json(data)


@pytest.mark.parametrize("path", [(*MEDIA, "clip"), ("outputs", 0)])
@pytest.mark.parametrize("name", ["../../x.mp4", "/etc/passwd", "a\\b.mp4", "C:x.mp4", "", ".."])
def test_a_file_name_that_leads_out_is_refused(path: tuple[str | int, ...], name: str) -> None:
    data = to_json(a_full_job())
    within(data, *path)["file"] = name
    with pytest.raises(ValueError, match="leads out of its folder"):
        from_json(data)
