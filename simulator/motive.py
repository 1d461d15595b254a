"""The Motive API as far as its pages describe it: recalls, quota, timelines, images, the fleet.

Where they do not, `MotiveStyle` chooses. Sources: reference pages create-a-video-recall-request,
fetch-details-of-a-specific-video-recall, fetch-the-video-recall-quota-of-your-company,
fetch-the-available-timelines-for-a-vehicle (and -an-asset), begin-image-capture,
fetch-the-captured-image, list-all-the-company-vehicles, lookup-a-vehicle-by-its-number,
list-all-the-company-assets and authentication.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from flask import Flask, Response, jsonify, request

from simulator.api import Api, ApiError, stamp
from simulator.calls import Call, CallLog
from simulator.cloud import Cloud, Item, RefusedError, Retrieval
from simulator.motive_rules import (
    POSITIONS,
    BrokenRuleError,
    Entity,
    WantedRecall,
    on_dashcam,
    read_capture,
    read_recall,
    segments,
)
from simulator.scenario import Truck
from simulator.signing import Signer

UTC = timezone.utc
_POSITION_OF = {name: position for position, name in POSITIONS.items()}
_MEDIA_TYPES = {"regular": "videoHighRes", "timelapse": "hyperlapse"}
_PER_PAGE, _MOST_PER_PAGE = 25, 100
_FIRST_ID = 98_001


@dataclass(frozen=True)
class _Recall:
    retrieval: Retrieval
    wanted: WantedRecall
    created: datetime


@dataclass(frozen=True)
class _Capture:
    retrieval: Retrieval
    entity: Entity
    position: str
    camera_type: str


class MotiveApi(Api):
    """Answers the calls as Motive does; one recall is one retrieval of several cameras.

    Scenario.empty_pages is for cursors only and has no meaning here: pages have numbers.
    """

    unauthorized = "invalid API key"
    not_permitted = "You are not permitted to do this."
    fault = "Something went wrong."

    def __init__(
        self, cloud: Cloud, signer: Signer, log: CallLog, media_url: str, stopping: threading.Event
    ) -> None:
        self._style = cloud.scenario.motive
        rate_limit = self._style.rate_limit
        limits = {"post": rate_limit} if rate_limit else {}
        super().__init__(cloud, signer, log, media_url, stopping, limits)
        self._ids = itertools.count(_FIRST_ID)
        self._recalls: dict[str, _Recall] = {}
        self._captures: dict[str, _Capture] = {}
        self._lock = threading.Lock()  # from the check of quota and duplicates to the asking

    def build(self) -> Flask:
        app = Flask("motive")

        def serve(method: str, path: str, endpoint: str, answer: Callable[..., Any]) -> None:
            view = self._view(endpoint, answer)
            app.add_url_rule(path, f"{method} {path}", view, methods=[method])

        recalls, images = "/v1/video_recall_requests", "/v1/image_captures"
        serve("POST", recalls, "post", self._post)
        serve("GET", f"{recalls}/<recall>", "poll", self._poll)
        serve("GET", f"{recalls}/quota", "quota", self._quota)
        for kind in ("vehicle", "asset"):
            path = f"{recalls}/{kind}s/available_timelines"
            serve("GET", path, "timelines", self._timelines_of(kind))
        serve("POST", images, "post", self._capture)
        serve("GET", f"{images}/<camera_type>/<capture>", "poll", self._image)
        serve("GET", "/v1/vehicles", "vehicles", self._vehicles)
        serve("GET", "/v1/vehicles/lookup", "vehicle", self._lookup)
        serve("GET", "/v1/assets", "vehicles", self._assets)
        app.register_error_handler(404, self._view("", self._nothing))
        app.register_error_handler(405, self._view("", self._not_allowed))
        return app

    # --- as every call is answered --------------------------------------------------------------

    def _key_is_good(self, call: Call) -> bool:
        return request.headers.get("X-Api-Key") == self._scenario.token

    def _failure(self, status: int, message: str) -> Response:
        key = self._style.error_key
        if not key:
            return Response(message, status, mimetype="text/plain")
        response = jsonify({key: [message] if key == "errors" else message})
        response.status_code = status
        return response

    def _too_many(self, wait: str) -> Response:
        response = self._failure(429, "TooManyRequests")
        if self._style.retry_after:
            response.headers["Retry-After"] = wait
        return response

    def _broken(self, error: BrokenRuleError) -> ApiError:
        return ApiError(error.code or self._style.rule_code, str(error))

    def _entity(self, entity: Entity) -> Truck:
        fleet = self._scenario.assets if entity.kind == "asset" else self._scenario.vehicles
        truck = next((truck for truck in fleet if truck.name == entity.name), None)
        if truck is None:
            raise ApiError(404, f"The {entity.kind} was not found.")
        return truck

    # --- recalls --------------------------------------------------------------------------------

    def _post(self, call: Call) -> Response:
        now = datetime.now(UTC)
        try:
            wanted = read_recall(call.body, now)
            truck = self._entity(wanted.entity)
            inputs = self._inputs(truck, wanted)
            self._refuse_what_cannot_be(wanted, now)
        except BrokenRuleError as error:
            raise self._broken(error) from error
        media_type = _MEDIA_TYPES[wanted.kind]
        with self._lock:
            self._refuse_duplicate(wanted)
            if self._used(wanted.kind) + wanted.minutes > self._total(wanted.kind):
                raise ApiError(self._style.quota_code, "The monthly video recall quota is used up.")
            try:
                retrieval = self._cloud.request(
                    truck, media_type, wanted.start, wanted.end, inputs, str(next(self._ids))
                )
            except RefusedError as refusal:
                raise ApiError(self._style.rule_code, str(refusal)) from refusal
            recall = _Recall(retrieval, wanted, now)
            self._recalls[retrieval.id] = recall
        call.accepted = retrieval.id
        response = jsonify(self._wrapped(self._about(recall, self._style.pending)))
        response.status_code = self._style.create_status
        return response

    def _inputs(self, truck: Truck, wanted: WantedRecall) -> tuple[str, ...]:
        """The cameras that are meant and that there are."""
        named = wanted.positions or tuple(POSITIONS)
        inputs = tuple(name for name in map(POSITIONS.__getitem__, named) if name in truck.cameras)
        lacks = wanted.positions is not None and len(inputs) < len(named)
        if not inputs or (lacks and self._scenario.missing_camera == "refuse"):
            raise BrokenRuleError(f"This {wanted.entity.kind} has no camera at that position.")
        return inputs

    def _refuse_what_cannot_be(self, wanted: WantedRecall, now: datetime) -> None:
        if self._style.smart_dashcam and wanted.entity.kind == "vehicle":
            if wanted.kind == "timelapse":
                raise BrokenRuleError("Smart dashcams do not support timelapse.", 422)
            if wanted.minutes > 1:
                raise BrokenRuleError("Smart dashcams are limited to recalls of 1 minute.", 422)
        there = segments(now, self._style.kept, self._scenario.footage_holes)
        if not any(begin <= wanted.start and wanted.end <= end for begin, end in there):
            raise BrokenRuleError("Video is not available for the whole of the requested time.")

    def _refuse_duplicate(self, wanted: WantedRecall) -> None:
        if self._style.duplicates == "accept":
            return
        for recall in self._recalls.values():
            before = recall.wanted
            if (before.entity, before.start, before.minutes, before.kind) == (
                wanted.entity, wanted.start, wanted.minutes, wanted.kind,
            ):  # fmt: skip
                sentence = "Duplicate request: this video has already been requested."
                raise ApiError(self._style.duplicate_code, sentence)

    def _poll(self, _call: Call, recall: str) -> Any:
        known = self._recalls.get(recall)
        items = self._cloud.poll(recall) if known else None
        if known is None or items is None:
            raise ApiError(404, "The video recall request was not found.")
        states = {_POSITION_OF[item.input]: self._state(item) for item in items}
        answer = self._about(known, self._overall(list(states.values())))
        cameras: dict[str, dict[str, Any]] = {}
        for item in items:
            position = _POSITION_OF[item.input]
            if states[position] == self._style.done or not self._style.leaves_out:
                shown = self._style.shown_position(position)
                cameras[shown] = self._camera(item, states[position])
        if self._style.cameras_as == "object":
            answer["cameras"] = cameras
        else:
            key = self._style.position_key
            answer["cameras"] = [{key: position, **cameras[position]} for position in cameras]
        return self._wrapped(answer)

    def _about(self, recall: _Recall, status: str) -> dict[str, Any]:
        """A recall without its cameras; the times are the requested ones."""
        wanted, recall_id = recall.wanted, recall.retrieval.id
        return {
            "id": int(recall_id) if self._style.id_as == "number" else recall_id,
            "status": status,
            **_primary(wanted.entity, recall.retrieval.vehicle),
            "start_time": stamp(wanted.start),
            "end_time": stamp(wanted.end),
            "recall_type": wanted.kind,
            "created_at": stamp(recall.created.replace(microsecond=0)),
        }

    def _wrapped(self, answer: dict[str, Any]) -> dict[str, Any]:
        for name in reversed(list(filter(None, self._style.wrapper.split(".")))):
            answer = {name: answer}
        return answer

    def _state(self, item: Item) -> str:
        """The camera's status in this style's words."""
        odd = item.mishap("odd_status", item.polls)
        if odd:
            return odd.text
        words = {"available": self._style.done, "pending": self._style.pending}
        return words.get(item.status, self._style.failed)

    def _overall(self, states: list[str]) -> str:
        style = self._style
        if not states or not set(states) <= {style.done, style.failed}:
            return style.pending
        if style.failed not in states:
            return style.done
        return (style.mixed or style.done) if style.done in states else style.failed

    def _camera(self, item: Item, state: str) -> dict[str, Any]:
        """One camera of a recall, with a new URL where it can be had."""
        style = self._style
        camera: dict[str, Any] = {"status": state} if style.camera_status else {}
        if style.camera_times:
            camera |= {"start_time": stamp(item.start), "end_time": stamp(item.end)}
        if state != style.done:
            return {**camera, style.url_key: None} if style.url_awaited else camera
        url, expires = self._signed(item)
        camera[style.url_key] = {"text": url, "list": [url], "object": {"mp4": url}}[style.urls_as]
        if style.expiry_key:
            camera[style.expiry_key] = stamp(expires)
        return camera

    # --- quota and timelines --------------------------------------------------------------------

    def _used(self, kind: str) -> int:
        """Minutes of requested video of this kind of recall."""
        style = self._style
        before = style.regular_used if kind == "regular" else style.timelapse_used
        wanted = (recall.wanted for recall in list(self._recalls.values()))
        return before + sum(recall.minutes for recall in wanted if recall.kind == kind)

    def _total(self, kind: str) -> int:
        style = self._style
        return style.regular_minutes if kind == "regular" else style.timelapse_minutes

    def _quota_info(self) -> dict[str, Any]:
        return {
            kind: {
                "used_minutes": self._used(kind),
                "remaining_minutes": max(0, self._total(kind) - self._used(kind)),
                "total_minutes": self._total(kind),
            }
            for kind in _MEDIA_TYPES
        }

    def _quota(self, _call: Call) -> Any:
        self._only_if(self._style.quota_status)
        answer: dict[str, Any] = {"quota_info": self._quota_info()}
        if self._style.rate_limit:
            calls, seconds = self._style.rate_limit
            answer[self._style.rate_limit_key] = {"limit": calls, "period_seconds": seconds}
        return answer

    def _timelines_of(self, kind: str) -> Callable[[Call], Any]:
        def timelines(_call: Call) -> Any:
            self._only_if(self._style.timelines_status)
            name = self._style.timeline_names[kind == "asset"]
            entity = Entity(kind, self._argument(name))
            truck = self._entity(entity)
            there = segments(datetime.now(UTC), self._style.kept, self._scenario.footage_holes)
            answer = {
                **_primary(entity, truck),
                "available_timelines": [
                    {"start_time": stamp(begin), "end_time": stamp(end)} for begin, end in there
                ],
                "quota_info": self._quota_info(),
            }
            if kind == "vehicle":
                return {**answer, "eld_device": _eld_device(truck)}
            return {**answer, "vehicle": None}

        return timelines

    def _only_if(self, status: int) -> None:
        if status != 200:
            raise ApiError(status, "Object not found." if status == 404 else self.fault)

    def _argument(self, name: str) -> str:
        given = request.args.get(name)
        if not given:
            raise ApiError(400, f"{name} is required.")
        return given

    # --- images ---------------------------------------------------------------------------------

    def _capture(self, call: Call) -> Any:
        if not self._style.images:
            sentence = "The feature video_monitoring is not enabled for this company."
            raise ApiError(403, sentence)
        try:
            entity, position = read_capture(call.body)
        except BrokenRuleError as error:
            raise self._broken(error) from error
        truck = self._entity(entity)
        if POSITIONS[position] not in truck.cameras:
            sentence = f"This {entity.kind} has no camera at that position."
            raise ApiError(self._style.rule_code, sentence)
        moment = datetime.now(UTC).replace(microsecond=0)
        inputs = (POSITIONS[position],)
        try:
            retrieval = self._cloud.request(
                truck, "image", moment, moment, inputs, str(next(self._ids))
            )
        except RefusedError as refusal:
            raise ApiError(self._style.rule_code, str(refusal)) from refusal
        camera_type = self._style.dashcam_type if on_dashcam(position) else "omnicam"
        capture = _Capture(retrieval, entity, position, camera_type)
        self._captures[retrieval.id] = capture
        call.accepted = retrieval.id
        return _about_capture(capture, self._style.pending)

    def _image(self, _call: Call, camera_type: str, capture: str) -> Any:
        known = self._captures.get(capture)
        if known and known.camera_type != camera_type:
            known = None
        items = self._cloud.poll(capture) if known else None
        if known is None or items is None:
            raise ApiError(404, "The image capture was not found.")
        state = self._state(items[0]) if items else self._style.pending
        images = {}
        if items and state == self._style.done:
            url, expires = self._signed(items[0])
            images = {known.position: {"url": url, "expires_at": stamp(expires)}}
        return {**_about_capture(known, state), "images": images}

    # --- the fleet ------------------------------------------------------------------------------

    def _vehicles(self, _call: Call) -> Any:
        return self._page("vehicle", [_vehicle(truck) for truck in self._scenario.vehicles])

    def _lookup(self, _call: Call) -> Any:
        truck = self._entity(Entity("vehicle", self._argument("number")))
        device = {"eld_device": _eld_device(truck), "current_driver": None}
        return {"vehicle": {**_vehicle(truck), **device}}

    def _assets(self, _call: Call) -> Any:
        name, status = request.args.get("name", ""), request.args.get("status", "active")
        exact = request.args.get("exact_match", "false").lower() == "true"
        found = [
            {"id": int(truck.id), "name": truck.name, "status": "active", "vin": truck.vin or None}
            for truck in self._scenario.assets
            if status == "active"
            and (truck.name == name if exact and name else name.lower() in truck.name.lower())
        ]
        return self._page("asset", found)

    def _page(self, kind: str, items: list[dict[str, Any]]) -> Any:
        """One page, counted from 1, of items that are wrapped one by one."""
        requested = self._number("per_page", _PER_PAGE, _MOST_PER_PAGE)
        number = self._number("page_no", 1)
        size = min(requested, self._scenario.page_size)
        shown = items[(number - 1) * size : number * size]
        return {
            f"{kind}s": [{kind: item} for item in shown],
            "pagination": {"per_page": size, "page_no": number, "total": len(items)},
        }

    def _number(self, name: str, usual: int, most: int | None = None) -> int:
        text = request.args.get(name, str(usual))
        if not (text.isascii() and text.isdigit()) or int(text) < 1:
            raise ApiError(400, f"{name} must be a positive number.")
        return min(int(text), most) if most else int(text)


def _primary(entity: Entity, truck: Truck) -> dict[str, Any]:
    label = "number" if entity.kind == "vehicle" else "name"
    return {
        "primary_entity": entity.kind,
        entity.kind: {"id": int(truck.id), label: truck.name},
    }


def _about_capture(capture: _Capture, status: str) -> dict[str, Any]:
    about = _primary(capture.entity, capture.retrieval.vehicle)
    return {
        "request_id": int(capture.retrieval.id),
        "camera_type": capture.camera_type,
        "position": capture.position,
        "status": status,
        capture.entity.kind: about[capture.entity.kind],
    }


def _vehicle(truck: Truck) -> dict[str, Any]:
    return {
        "id": int(truck.id),
        "company_id": 1,
        "number": truck.name,
        "status": "active",
        "ifta": False,
        "vin": truck.vin or None,
        "license_plate_number": truck.plate or None,
    }


def _eld_device(truck: Truck) -> dict[str, Any]:
    return {"id": int(truck.id) % 100_000, "identifier": f"AABB{int(truck.id) % 10**8:08}"}
