"""What a request to Motive holds, and the windows it can be for. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from footage.cloud.json_fields import utc_text
from footage.errors import RequestRefused
from footage.model import Camera, MediaType, Retrieval, Vehicle, Window

RECALLS = "/v1/video_recall_requests"

# `recall_type` of each kind of video (`create-a-video-recall-request`).
RECALL_TYPES = {MediaType.HIGH: "regular", MediaType.TIMELAPSE: "timelapse"}

# How each kind of vehicle is named: in requests as documented for recalls; for image captures, and
# in the query of timelines, by analogy, as those names are not documented.
NAME_FIELDS = {"vehicle": "vehicle_number", "asset": "asset_name"}
POSITION_FIELD = "position"


def whole_steps(span: Window, step: float) -> Window:
    """The shortest stretch of so many whole steps, in seconds, that ends where `span` does and
    covers it. It begins earlier rather than ending later, for that may be in the future.
    """
    steps = max(1, math.ceil(span.seconds / step))
    return Window(span.end - timedelta(seconds=steps * step), span.end)


def timelapse_windows(span: Window, lengths: Sequence[int]) -> list[Window]:
    """As few windows as Motive's durations allow: with these, the longest first is the fewest.

    lengths: minutes, the longest first, each a multiple of the shortest
    """
    span = whole_steps(span, 60.0 * lengths[-1])
    windows: list[Window] = []
    start = span.start
    for length in lengths:
        while span.end - start >= timedelta(minutes=length):
            windows.append(Window(start, start + timedelta(minutes=length)))
            start = windows[-1].end
    return windows


def recall_body(
    vehicle: Vehicle, retrieval: Retrieval, all_cameras: Collection[Camera]
) -> dict[str, Any]:
    """The body of a video recall. Raises RequestRefused for a window of no whole minutes."""
    minutes, rest = divmod(retrieval.window.seconds, 60)
    if rest or minutes < 1:
        raise RequestRefused("Motive gives video in whole minutes only.")
    body: dict[str, Any] = {
        NAME_FIELDS[vehicle.kind]: vehicle.name,
        "start_time": utc_text(retrieval.window.start),
        "duration": int(minutes),
        "recall_type": RECALL_TYPES[retrieval.media_type],
    }
    positions = [media.camera.input for media in retrieval.media]
    # Left out it means all there are; an empty list is an error.
    if positions and not {camera.input for camera in all_cameras} <= set(positions):
        body["camera_positions"] = positions
    return body


def image_body(vehicle: Vehicle, retrieval: Retrieval) -> dict[str, Any]:
    """The body of an image capture, which is of one camera."""
    return {
        NAME_FIELDS[vehicle.kind]: vehicle.name,
        POSITION_FIELD: retrieval.media[0].camera.input,
    }
