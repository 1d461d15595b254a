"""The tiles of the side-by-side picture: beside each other, nothing stretched, nothing too wide."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.media import imagined

from footage.media.layout import MAX_HEIGHT, MAX_WIDTH, Tile, make_layout
from footage.model import Arrangement, VideoTrack

SOME = imagined(0, 1).tracks.video


def track(width: int, height: int, aspect: str = "1/1") -> VideoTrack:
    return replace(SOME, width=width, height=height, aspect=aspect)


def test_three_cameras_stand_in_one_row_from_left_to_right() -> None:
    layout = make_layout([track(640, 360), track(480, 360), track(352, 240)])
    assert layout.tiles == (Tile(0, 0, 640, 360), Tile(640, 0, 480, 360), Tile(1120, 0, 528, 360))
    assert (layout.width, layout.height) == (1648, 360)


def test_two_cameras_stand_in_one_row() -> None:
    assert [(t.x, t.y) for t in make_layout([track(640, 360)] * 2).tiles] == [(0, 0), (640, 0)]


@pytest.mark.parametrize(("count", "columns"), [(4, 2), (5, 3), (6, 3)])
def test_four_cameras_stand_as_2x2_and_six_as_3x2(count: int, columns: int) -> None:
    layout = make_layout([track(320, 180)] * count)
    places = [(t.x // 320, t.y // 180) for t in layout.tiles]
    assert places == [(n % columns, n // columns) for n in range(count)]
    assert (layout.width, layout.height) == (320 * columns, 360)


def test_large_pictures_are_made_to_fit_into_3840() -> None:
    layout = make_layout([track(1920, 1080)] * 3)
    assert (layout.width, layout.height) == (3840, 720)


def test_pixels_that_are_not_square_keep_their_shape() -> None:
    # Analog cameras: 720x480 pixels that are shown as 4:3.
    analog = make_layout([track(720, 480, "8/9"), track(640, 480)]).tiles[0]
    assert (analog.width, analog.height) == (640, 480)


# Places (x, y) and sizes of the tiles of cameras of 1280x720.
ROW, GRID, STACKED, FOCUS = Arrangement
PLACES = [
    (ROW, 1, (1280, 720), [(0, 0)]),
    (ROW, 2, (2560, 720), [(0, 0), (1280, 0)]),
    (ROW, 3, (3840, 720), [(0, 0), (1280, 0), (2560, 0)]),
    (GRID, 2, (2560, 720), [(0, 0), (1280, 0)]),
    (GRID, 3, (2560, 1440), [(0, 0), (1280, 0), (0, 720)]),
    (GRID, 4, (2560, 1440), [(0, 0), (1280, 0), (0, 720), (1280, 720)]),
    (STACKED, 2, (1280, 1440), [(0, 0), (0, 720)]),
    (STACKED, 3, (1280, 2160), [(0, 0), (0, 720), (0, 1440)]),
    (FOCUS, 1, (1280, 720), [(0, 0)]),
    (FOCUS, 2, (1920, 720), [(0, 0), (1280, 0)]),
    (FOCUS, 3, (1920, 720), [(0, 0), (1280, 0), (1280, 360)]),
    (FOCUS, 4, (1706, 720), [(0, 0), (1280, 0), (1280, 240), (1280, 480)]),
]


@pytest.mark.parametrize(("arrangement", "count", "size", "places"), PLACES)
def test_where_the_tiles_stand(
    arrangement: Arrangement, count: int, size: tuple[int, int], places: list[tuple[int, int]]
) -> None:
    layout = make_layout([track(1280, 720)] * count, arrangement)
    assert (layout.width, layout.height) == size
    assert [(tile.x, tile.y) for tile in layout.tiles] == places


@pytest.mark.parametrize(
    ("arrangement", "size"),
    [(ROW, (1920, 360)), (GRID, (1920, 1080)), (STACKED, (640, 1080)), (FOCUS, (1920, 720))],
)
def test_a_picture_fits_into_the_frame_asked_for(
    arrangement: Arrangement, size: tuple[int, int]
) -> None:
    layout = make_layout([track(1280, 720)] * 3, arrangement, (1920, 1080))
    assert (layout.width, layout.height) == size


def test_a_turned_camera_stays_upright_beside_the_others() -> None:
    tiles = make_layout([track(1280, 720), track(720, 1280)], FOCUS).tiles
    assert tiles == (Tile(0, 0, 1280, 720), Tile(1280, 0, 202, 360))


tracks = st.lists(
    st.builds(
        track,
        st.integers(80, 2000).map(lambda n: 2 * n),
        st.integers(60, 1200).map(lambda n: 2 * n),
        st.sampled_from(["1/1", "8/9", "40/33", "16/11", "4/3"]),
    ),
    min_size=1,
    max_size=6,
)
arrangements = st.sampled_from(Arrangement)
sizes = st.none() | st.tuples(st.integers(120, 5000), st.integers(120, 5000))


@given(tracks, arrangements, sizes)
def test_any_cameras_fit_with_even_sides(
    sources: list[VideoTrack], arrangement: Arrangement, size: tuple[int, int] | None
) -> None:
    layout = make_layout(sources, arrangement, size)
    assert len(layout.tiles) == len(sources)
    assert layout.width <= min(MAX_WIDTH, (size or (MAX_WIDTH, 0))[0])
    assert layout.height <= min(MAX_HEIGHT, (size or (0, MAX_HEIGHT))[1])
    heights = {tile.height for tile in layout.tiles[arrangement is FOCUS :]}
    assert len(heights) <= 1
    numbers = [n for t in layout.tiles for n in (t.x, t.y, t.width, t.height)]
    assert all(n % 2 == 0 and n >= 0 for n in [*numbers, layout.width, layout.height])


@given(tracks, arrangements)
def test_the_aspect_is_kept_to_within_two_pixels(
    sources: list[VideoTrack], arrangement: Arrangement
) -> None:
    for tile, source in zip(make_layout(sources, arrangement).tiles, sources, strict=True):
        shape = Fraction(source.width, source.height) * Fraction(source.aspect)
        assert abs(tile.width - shape * tile.height) <= 2


@given(tracks, arrangements)
def test_tiles_do_not_cover_each_other_and_stay_in_the_picture(
    sources: list[VideoTrack], arrangement: Arrangement
) -> None:
    layout = make_layout(sources, arrangement)
    for number, a in enumerate(layout.tiles):
        assert a.x + a.width <= layout.width
        assert a.y + a.height <= layout.height
        for b in layout.tiles[number + 1 :]:
            beside = a.x + a.width <= b.x or b.x + b.width <= a.x
            assert beside or a.y + a.height <= b.y or b.y + b.height <= a.y
