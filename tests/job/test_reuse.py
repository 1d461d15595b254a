"""What need not be paid for again is not asked for; what is not there is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.bare_job import bare_job
from support.media import at, imagined, window

from footage.errors import UsageError
from footage.job import reuse
from footage.media.timeline import BRIDGED
from footage.model import (
    Camera,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)
from footage.system.intervals import overlap, uncovered
from SamsaraAPI import CAMERAS

ROAD, DRIVER, ANALOG = CAMERAS[:3]
TOLERANCE = BRIDGED.total_seconds()


def planned(
    minutes: int = 2, cameras: Sequence[Camera] = (ROAD,), kind: MediaType = MediaType.HIGH
) -> list[Retrieval]:
    """One request per camera and minute."""
    return [
        Retrieval(window(60 * n), [Media(camera)], kind)
        for n in range(minutes)
        for camera in cameras
    ]


def there(start: float, end: float, camera: Camera = ROAD, **more: str) -> Media:
    """An item of the cloud, in seconds from the start."""
    url = f"https://media.example/{start}-{end}.mp4"
    known = Media(camera, MediaStatus.AVAILABLE, "", at(start), at(end), url)
    return replace(known, **more)  # type: ignore[arg-type]


def asked(plan: list[Retrieval]) -> list[tuple[str, Window]]:
    return [
        (media.camera.input, one.window)
        for one in plan
        if one.state is RetrievalState.PLANNED
        for media in one.media
    ]


def taken(plan: list[Retrieval]) -> list[tuple[str, Window]]:
    """Address and window of what is taken from the cloud."""
    return [
        (one.media[0].url or "", one.window) for one in plan if one.state is RetrievalState.FOUND
    ]


# --- from the cloud -------------------------------------------------------------------------------


def test_a_window_in_the_cloud_is_fetched_and_not_asked_for() -> None:
    plan = reuse.from_cloud(planned(), [there(60, 120, role="Front")])
    assert asked(plan) == [(ROAD.input, window(0))]
    (found,) = (one for one in plan if one.state is RetrievalState.FOUND)
    (media,) = found.media
    assert (found.window, found.id, found.from_other_job) == (window(60), "", False)
    assert (media.status, media.start, media.end) == (MediaStatus.AVAILABLE, at(60), at(120))
    assert (media.url, media.role) == ("https://media.example/60-120.mp4", "Front")


def test_one_item_that_covers_many_windows_is_fetched_once() -> None:
    plan = reuse.from_cloud(planned(4), [there(-30, 200)])
    assert taken(plan) == [("https://media.example/-30-200.mp4", Window(at(0), at(180)))]
    assert asked(plan) == [(ROAD.input, window(180))]


def test_of_two_items_that_cover_a_window_the_shorter_is_used() -> None:
    plan = reuse.from_cloud(planned(1), [there(0, 600), there(-1, 61), there(0, 300)])
    assert taken(plan) == [("https://media.example/-1-61.mp4", window(0))]


def test_items_that_cover_a_window_together_have_own_windows() -> None:
    plan = reuse.from_cloud(planned(1), [there(20, 70), there(-10, 30)])
    assert taken(plan) == [
        ("https://media.example/-10-30.mp4", Window(at(0), at(30))),
        ("https://media.example/20-70.mp4", Window(at(20), at(60))),
    ]


def test_what_is_not_needed_to_cover_a_window_is_not_fetched() -> None:
    """Nor would two that begin before the window have names of their own on disk."""
    plan = reuse.from_cloud(
        planned(1), [there(-10, 30), there(-5, 20), there(19, 70), there(40, 50)]
    )
    assert [url for url, _ in taken(plan)] == [
        "https://media.example/-10-30.mp4",
        "https://media.example/19-70.mp4",
    ]


@pytest.mark.parametrize("hole", [0.0, 0.1, 0.2])
def test_a_hole_that_a_film_bridges_is_none(hole: float) -> None:
    covered = hole <= TOLERANCE
    edges = reuse.from_cloud(planned(1), [there(hole, 60)])
    middle = reuse.from_cloud(planned(1), [there(0, 30), there(30 + hole, 60)])
    assert (asked(edges) == []) is (asked(middle) == []) is covered


def test_another_cameras_footage_covers_nothing() -> None:
    plan = reuse.from_cloud(planned(1, (ROAD, DRIVER)), [there(0, 60, DRIVER)])
    assert asked(plan) == [(ROAD.input, window(0))]


def test_what_has_no_times_covers_nothing() -> None:
    unknown = [replace(there(0, 60), start=None), replace(there(0, 60), end=None)]
    assert taken(reuse.from_cloud(planned(1), unknown)) == []


def test_of_two_cameras_on_one_input_both_have_to_be_there() -> None:
    """A request is for an input: what is lacking of the one comes only with the other's again."""
    further = Camera("analog1/B-222222", "Analog (222222)")
    minutes = planned(2, [ANALOG])
    both = [there(0, 60, ANALOG), there(0, 60, further)]
    there_again = there(60, 120, ANALOG)
    assert asked(reuse.from_cloud(minutes, both)) == [(ANALOG.input, window(60))]
    assert asked(reuse.from_cloud(minutes, [*both, there_again])) == [(ANALOG.input, window(60))]
    assert asked(reuse.from_cloud(minutes[1:], [there_again])) == []
    known = reuse.from_cloud(minutes[1:], [there_again], [further])
    assert asked(known) == [(ANALOG.input, window(60))]
    assert asked(reuse.from_cloud(planned(1, [ROAD]), [there(0, 60)], [further])) == []


def test_of_a_request_for_several_cameras_the_rest_remains() -> None:
    every = [Retrieval(window(0), [Media(ROAD), Media(DRIVER), Media(ANALOG)])]
    plan = reuse.from_cloud(every, [there(0, 60, DRIVER), there(0, 30, ROAD)])
    assert asked(plan) == [(ROAD.input, window(0)), (ANALOG.input, window(0))]
    assert len(plan) == 2
    assert [one.media[0].camera for one in plan if one.state is RetrievalState.FOUND] == [DRIVER]


@pytest.mark.parametrize(("off", "same"), [(0.0, True), (0.9, True), (-0.9, True), (-1.0, False)])
def test_a_still_less_than_a_second_away_is_used(off: float, same: bool) -> None:
    moment = Retrieval(window(30, 0), [Media(ROAD)], MediaType.IMAGE)
    plan = reuse.from_cloud([moment], [there(30 + off, 30 + off)])
    assert (asked(plan) == []) is same
    assert [at for _, at in taken(plan)] == ([window(30, 0)] if same else [])


def test_of_two_stills_the_nearer_one_is_used() -> None:
    moments = [Retrieval(window(n, 0), [Media(ROAD)], MediaType.IMAGE) for n in (0, 60)]
    plan = reuse.from_cloud(moments, [there(0.8, 0.8), there(-0.2, -0.2), there(60, 60)])
    assert taken(plan) == [
        ("https://media.example/-0.2--0.2.mp4", window(0, 0)),
        ("https://media.example/60-60.mp4", window(60, 0)),
    ]


def test_what_somebody_requested_may_lack_a_second() -> None:
    """A camera delivers the closest it has; another request would bring, and cost, the same."""
    for lacking, taken in ((0.5, True), (1.0, True), (1.5, False)):
        item = replace(there(0, 60 - lacking), requested=True)
        (one,) = reuse.from_cloud(planned(1), [item])
        assert (one.state is RetrievalState.FOUND) is taken
        item.requested = False  # such as the ten seconds of an event
        (one,) = reuse.from_cloud(planned(1), [item])
        assert one.state is RetrievalState.PLANNED


def test_a_possible_duplicate_stays_noted_when_it_is_found() -> None:
    sent = [replace(one, state=RetrievalState.REQUESTING) for one in planned(1)]
    (one,) = reuse.from_cloud(sent, [there(0, 60)])
    assert (one.state, one.possible_duplicates) == (RetrievalState.FOUND, 1)


def test_an_empty_plan_stays_empty() -> None:
    assert reuse.from_cloud([], [there(0, 60)]) == []


times = st.integers(-300, 2700).map(lambda tenths: tenths / 10)
items = st.builds(
    lambda start, length, camera: there(start, start + length, camera),
    times,
    st.sampled_from([0.05, 5, 20, 40.5, 60, 61, 150]),
    st.sampled_from([ROAD, DRIVER]),
)


@given(st.lists(items, max_size=12))
@example([there(-10, 30), there(-5, 20), there(20, 70)])
@example([there(30, 130), there(-10, 40), there(60, 121), there(115, 300)])
def test_what_is_covered_is_fetched_and_the_rest_asked_for(
    uploaded: list[Media],
) -> None:
    before = planned(4, (ROAD, DRIVER))
    plan = reuse.from_cloud(before, uploaded)
    still_asked = asked(plan)
    found = [one for one in plan if one.state is RetrievalState.FOUND]
    for retrieval in before:
        camera = retrieval.media[0].camera
        of_camera = [one for one in uploaded if one.camera == camera]
        in_cloud = [Window(one.start, one.end) for one in of_camera if one.start and one.end]
        covered = not uncovered(retrieval.window, in_cloud, TOLERANCE)
        assert ((camera.input, retrieval.window) not in still_asked) is covered
        if covered:  # by what is really fetched, and under a window that says so
            fetched = [
                both
                for one in found
                if one.media[0].camera == camera and one.media[0].start and one.media[0].end
                if (both := overlap(Window(one.media[0].start, one.media[0].end), one.window))
            ]
            assert not uncovered(retrieval.window, fetched, TOLERANCE)
    urls = [(one.media[0].camera, one.media[0].url) for one in found]
    assert len(set(urls)) == len(urls), "an item is fetched twice"
    begins = [(one.media[0].camera, one.window.start) for one in found]
    assert len(set(begins)) == len(begins), "two files would have one name"
    assert all(one.media[0].url for one in found)
    assert [one.window for one in plan] == sorted(one.window for one in plan)


# --- from our other jobs --------------------------------------------------------------------------


def job(*retrievals: Retrieval, **changes: object) -> Job:
    return bare_job(*retrievals, minutes=2, **changes)


def accepted(
    *cameras: Camera, minute: int = 0, status: MediaStatus = MediaStatus.PENDING, id: str = "theirs"
) -> Retrieval:
    return Retrieval(
        window(60 * minute),
        [Media(camera, status) for camera in cameras or (ROAD,)],
        state=RetrievalState.ACCEPTED,
        id=id,
        requested_at=at(4000),
    )


def test_a_request_that_another_job_made_is_followed_by_its_id() -> None:
    plan = reuse.from_journals(planned(2), job(), [job(accepted(minute=1))])
    first, second = plan
    assert (first.state, first.from_other_job) == (RetrievalState.PLANNED, False)
    assert (second.state, second.id, second.from_other_job) == (
        RetrievalState.ACCEPTED,
        "theirs",
        True,
    )
    assert second.requested_at == at(4000)
    assert second.media == [Media(ROAD)]  # whatever the other job knows, it is asked anew


@pytest.mark.parametrize(
    ("other", "followed"),
    [
        (job(accepted()), True),
        (job(accepted(status=MediaStatus.AVAILABLE)), True),
        (job(accepted(ROAD, DRIVER)), True),
        (job(accepted(), vehicle=Vehicle("1", "renamed since")), True),
        (job(accepted(), provider="Motive"), False),
        (job(accepted(), vehicle=Vehicle("2", "Truck 42")), False),
        (job(accepted(), vehicle=Vehicle("1", "Truck 42", kind="asset")), False),
        (job(accepted(), media_type=MediaType.LOW), False),
        (job(accepted(DRIVER)), False),
        (job(accepted(minute=1)), False),
        (job(replace(accepted(), window=window(0, 59))), False),
        (job(replace(accepted(), state=RetrievalState.FOUND, id="")), False),
        (job(replace(accepted(), state=RetrievalState.REQUESTING, id="")), False),
        (job(replace(accepted(), state=RetrievalState.PLANNED, id="")), False),
        *((job(accepted(status=status)), False) for status in MediaStatus if status.final),
    ],
)
def test_only_the_same_that_may_still_come_is_followed(other: Job, followed: bool) -> None:
    plan = reuse.from_journals(planned(1), job(), [other])
    assert plan[0].from_other_job is followed
    assert (plan[0].state is RetrievalState.ACCEPTED) is followed
    wanted = planned(1)[0]
    found = ("theirs", wanted.cameras) if followed else ("", ())
    assert reuse.known_id(wanted, job(), [other]) == found


def test_a_clip_that_another_job_has_is_followed_too() -> None:
    other = accepted(status=MediaStatus.AVAILABLE)
    other.media[0].clip = imagined(0, 60)
    (one,) = reuse.from_journals(planned(1), job(), [job(other)])
    assert one.id == "theirs"
    assert one.media[0].clip is None  # its file is in another folder


def test_where_one_of_several_cameras_failed_all_are_anew() -> None:
    other = accepted(ROAD, DRIVER)
    other.media[1].status = MediaStatus.FAILED
    both = [Retrieval(window(0), [Media(ROAD), Media(DRIVER)])]
    assert not reuse.from_journals(both, job(), [job(other)])[0].from_other_job
    assert reuse.from_journals(planned(1), job(), [job(other)])[0].from_other_job


@pytest.mark.parametrize("status", [MediaStatus.INVALID, MediaStatus.UNAVAILABLE])
def test_a_camera_that_is_lacking_does_not_cost_the_others(
    status: MediaStatus,
) -> None:
    other = accepted(ROAD, DRIVER)
    other.media[1].status = status
    both = [Retrieval(window(0), [Media(ROAD), Media(DRIVER)])]
    assert reuse.from_journals(both, job(), [job(other)])[0].from_other_job


def of_all(start: float, seconds: float, id: str = "") -> Retrieval:
    """A recall of two cameras: planned, or accepted where it has an id."""
    state = RetrievalState.ACCEPTED if id else RetrievalState.PLANNED
    both = [Media(ROAD), Media(DRIVER)]
    return Retrieval(window(start, seconds), both, state=state, id=id)


def rest_of(gap: Window, cameras: Sequence[Camera]) -> list[Retrieval]:
    return [Retrieval(gap, [Media(camera) for camera in cameras])]


def test_of_a_longer_window_only_the_rest_is_asked_for() -> None:
    others = [job(of_all(0, 60, "a"), of_all(60, 60, "b"))]
    plan = reuse.from_journals([of_all(0, 180)], job(), others, plan_rest=rest_of)
    assert [(one.id, one.window) for one in plan] == [
        ("a", window(0)),
        ("b", window(60)),
        ("", window(120)),
    ]
    assert [one.from_other_job for one in plan] == [True, True, False]


def test_of_an_overlap_only_the_rest_is_asked_for() -> None:
    """Where that is wanted: an earlier request that sticks out of two windows is followed once."""
    asked, others = [of_all(0, 60), of_all(60, 60)], [job(of_all(50, 40, "a"))]
    plan = reuse.from_journals(asked, job(), others, plan_rest=rest_of, partly=True)
    assert [(one.id, one.window) for one in plan] == [
        ("", window(0, 50)),
        ("a", window(50, 40)),
        ("", window(90, 30)),
    ]
    assert reuse.from_journals(asked, job(), others, plan_rest=rest_of) == asked


def test_where_the_rest_cannot_be_asked_for_all_of_it_is() -> None:
    def never(gap: Window, cameras: Sequence[Camera]) -> list[Retrieval]:
        raise UsageError("no such length")

    plan = reuse.from_journals([of_all(0, 180)], job(), [job(of_all(0, 60, "a"))], plan_rest=never)
    assert plan == [of_all(0, 180)]


def test_windows_within_an_earlier_longer_one_follow_it_once() -> None:
    asked = [of_all(0, 60), of_all(60, 60), of_all(180, 60)]
    plan = reuse.from_journals(asked, job(), [job(of_all(0, 180, "a"))], plan_rest=rest_of)
    assert [(one.id, one.window) for one in plan] == [("a", window(0, 180)), ("", window(180))]


def test_what_is_in_the_cloud_is_not_looked_for_in_journals() -> None:
    found = reuse.from_cloud(planned(1), [there(0, 60)])
    assert reuse.from_journals(found, job(), [job(accepted())]) == found


def test_a_repeated_request_is_followed_not_the_failed_one() -> None:
    failed = accepted(status=MediaStatus.FAILED, id="failed")
    again = replace(accepted(id="again"), repeat=True)
    assert reuse.from_journals(planned(1), job(), [job(failed, again)])[0].id == "again"


def test_the_lowest_limit_learned_for_the_same_footage_counts() -> None:
    others = [
        job(longest=0.0),
        job(longest=300.0),
        job(longest=60.0),
        job(longest=10.0, media_type=MediaType.LOW),
        job(longest=10.0, vehicle=Vehicle("2", "Van")),
    ]
    assert reuse.learned_longest(job(), others) == 60.0
    assert reuse.learned_longest(job(), others[:1]) == 0.0


def test_what_was_not_paid_for_is_what_was_found_or_followed() -> None:
    found, from_other_job, paid = planned(3)
    found.state, from_other_job.from_other_job = RetrievalState.FOUND, True
    assert reuse.reused(job(found, from_other_job, paid)) == [found, from_other_job]


def test_an_id_is_known_for_the_cameras_that_it_covers() -> None:
    wanted = replace(planned(1)[0], media=[Media(ROAD), Media(DRIVER)])
    others = [job(accepted(id="road")), job(accepted(ROAD, DRIVER, id="both"))]
    assert reuse.known_id(wanted, job(), others) == ("both", [ROAD, DRIVER])
    assert reuse.known_id(wanted, job(), others[:1]) == ("road", [ROAD])


# --- of a day -------------------------------------------------------------------------------------

A_DAY = 1440  # minutes


def test_in_a_full_cloud_few_items_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    covering = reuse._covering_items

    def watched(span: Window, items: Sequence[reuse._CloudItem]) -> list[reuse._CloudItem]:
        looked_at.append(len(items))
        return covering(span, items)

    monkeypatch.setattr(reuse, "_covering_items", watched)
    uploaded = [there(60 * n, 60 * n + 60) for n in range(A_DAY)]
    plan = reuse.from_cloud(planned(A_DAY), uploaded)
    assert all(one.state is RetrievalState.FOUND for one in plan)
    assert sum(looked_at) <= 3 * A_DAY, "its own, and those that touch it"


def test_of_full_journals_few_requests_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Retrieval] = []
    usable = reuse._usable_requests

    def watched(wanted: Retrieval, requests: Sequence[Retrieval], *rest: object) -> object:
        looked_at.extend(requests)
        return usable(wanted, requests, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(reuse, "_usable_requests", watched)
    others = [job(*(accepted(minute=n, id=f"{day}-{n}") for n in range(A_DAY))) for day in (1, 2)]
    plan = reuse.from_journals(planned(A_DAY), job(), others)
    assert [one.id for one in plan] == [f"1-{n}" for n in range(A_DAY)]
    assert len(looked_at) <= 3 * len(others) * A_DAY
