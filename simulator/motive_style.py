"""What Motive's reference leaves open, as choices: the program has to work with each of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

_CHOICES = {
    "cameras_as": ("list", "object"),
    "id_as": ("string", "number"),
    "urls_as": ("text", "list", "object"),
    "duplicates": ("accept", "reject"),
    "track_list": ("vehicle_locations", "location_histories"),
    "track_units": ("asked", "kmh", "mph"),
    "track_day": ("utc", "company"),
}


@dataclass(frozen=True)
class MotiveStyle:
    """How the simulated Motive answers where the reference says nothing. All is given by name.

    The shape of answers:
    wrapper:          the objects around a recall, outermost first: "", "video_recall_request",
                      "data", "data.video_recall_request"
    id_as:            a recall's id is a "string" or a "number"
    create_status:    HTTP status of an accepted recall
    cameras_as:       a "list", or an "object" keyed by position
    position_key:     names the position in a list: "position", "camera_position", "camera"
    url_key:          "download_url", "url", "video_url", "media_url", "signed_url", "download_urls"
    urls_as:          the URL is "text", the one of a "list", or the one value of an "object"
    url_awaited:      False: the URL's key is left out, instead of null, until there is one
    expiry_key:       key of the time at which the URL expires; "" leaves it out
    camera_status:    False: cameras have no status of their own
    camera_times:     True: cameras have the true start and end of their footage
    leaves_out:       True: cameras that are not done, or have failed, are not mentioned
    renamed:          "side_left=cargo_facing": a position goes by another name in answers
    pending, done, failed: the names of the statuses
    mixed:            the recall's status where some cameras have failed; "" means `done`
    dashcam_type:     what an image capture calls the camera type of a dash-cam
    error_key:        key of the sentence in an error: "error_message", "error", "message";
                      "errors" is a list; "" is plain text instead of JSON

    The rules:
    rule_code:        status of refusals whose code is unknown (camera positions are always 400)
    smart_dashcam:    vehicles' dash-cams give one minute at most, and no timelapse
    duplicates:       "accept", or "reject": the same entity, start, duration and type once only
    duplicate_code:   status of that rejection
    kept:             how long footage stays on the camera; None: since 2020
    images:           False: the company has not switched image capture on

    Quota and limits:
    regular_minutes, timelapse_minutes: of requested video a month, each recall counted once
                      however many cameras it has, when it is accepted
    regular_used, timelapse_used: minutes used before the first request
    quota_code:       status of the refusal when it is used up
    quota_status:     status of the quota endpoint; other than 200 it answers an error
    rate_limit:       (POSTs, seconds); None switches it off
    rate_limit_key:   its key in the answer about the quota
    retry_after:      True: a 429 for too many calls says how long to wait

    Timelines:
    timelines_status: status of the timelines endpoints; other than 200 they answer an error
    timeline_names:   the query's names for a vehicle's number and an asset's name

    Locations:
    track_list:       "vehicle_locations", or "location_histories" as of old
    track_units:      "asked": as X-Metric-Units says, else "kmh" or "mph" whatever is asked for
    track_day:        a day is one of "utc", or of the "company", six hours behind
    track_every:      seconds from one reading to the next
    """

    wrapper: str = ""
    id_as: str = "string"
    create_status: int = 201
    cameras_as: str = "list"
    position_key: str = "position"
    url_key: str = "download_url"
    urls_as: str = "text"
    url_awaited: bool = True
    expiry_key: str = "expires_at"
    camera_status: bool = True
    camera_times: bool = False
    leaves_out: bool = False
    renamed: str = ""
    pending: str = "pending"
    done: str = "success"
    failed: str = "failed"
    mixed: str = ""
    dashcam_type: str = "dashcam"
    error_key: str = "error_message"

    rule_code: int = 422
    smart_dashcam: bool = False
    duplicates: str = "accept"
    duplicate_code: int = 409
    kept: timedelta | None = None
    images: bool = True

    regular_minutes: int = 1000
    regular_used: int = 0
    timelapse_minutes: int = 600
    timelapse_used: int = 0
    quota_code: int = 429
    quota_status: int = 200
    rate_limit: tuple[int, float] | None = (60, 60.0)
    rate_limit_key: str = "rate_limit"
    retry_after: bool = False

    timelines_status: int = 200
    timeline_names: tuple[str, str] = ("vehicle_number", "asset_name")

    track_list: str = "vehicle_locations"
    track_units: str = "asked"
    track_day: str = "utc"
    track_every: int = 5

    def with_choice(self, text: str) -> MotiveStyle:
        """The style with one thing chosen by a text such as `cameras_as=object`.

        Raises ValueError for an unknown name, or a value that is no text, number, or yes or no.
        """
        name, _, value = text.partition("=")
        now = getattr(self, name, None) if name in {one.name for one in fields(self)} else None
        chosen: Any = None
        if isinstance(now, bool):
            chosen = {"yes": True, "no": False}.get(value)
        elif isinstance(now, int):
            chosen = int(value) if value.isdecimal() else None
        elif isinstance(now, str):
            chosen = value
        if chosen is None:
            raise ValueError(f"{text!r} is no choice of Motive's style")
        return replace(self, **{name: chosen})

    def shown_position(self, position: str) -> str:
        """The name of a position in answers."""
        before, _, after = self.renamed.partition("=")
        return after if position == before else position

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is one of {known}, not {getattr(self, name)!r}")
