"""The JSON in which Motive answers, in the shape that `MotiveStyle` chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.api import stamp
from simulator.cloud import Item, Retrieval
from simulator.motive_rules import POSITIONS, Entity, WantedRecall
from simulator.motive_style import MotiveStyle
from simulator.scenario import Truck

_POSITION_OF = {name: position for position, name in POSITIONS.items()}
SignedUrl = Callable[[Item], tuple[str, datetime]]


@dataclass(frozen=True)
class Recall:
    """An accepted request for video; `created` is when it was accepted (UTC)."""

    retrieval: Retrieval
    wanted: WantedRecall
    created: datetime


@dataclass(frozen=True)
class Capture:
    """An accepted request for one image."""

    retrieval: Retrieval
    entity: Entity
    position: str
    camera_type: str


class RecallAnswers:
    """Describes recalls; `signed` makes a new URL for an item and says when it expires."""

    def __init__(self, style: MotiveStyle, signed: SignedUrl) -> None:
        self._style = style
        self._signed = signed

    def created(self, recall: Recall) -> dict[str, Any]:
        """The answer to the request itself: the recall without its cameras."""
        return self._wrapped(self._recall(recall, self._style.pending))

    def details(self, recall: Recall, items: Sequence[Item]) -> dict[str, Any]:
        """The recall with each of its cameras, and a new URL for each that is available."""
        states = {_POSITION_OF[item.input]: self.status(item) for item in items}
        answer = self._recall(recall, self._overall(list(states.values())))
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

    def status(self, item: Item) -> str:
        """The status of one camera, by the style's name for it."""
        odd = item.mishap("odd_status", item.polls)
        if odd:
            return odd.text
        names = {"available": self._style.done, "pending": self._style.pending}
        return names.get(item.status, self._style.failed)

    def _recall(self, recall: Recall, status: str) -> dict[str, Any]:
        """A recall without its cameras; the times are the requested ones."""
        wanted, recall_id = recall.wanted, recall.retrieval.id
        return {
            "id": int(recall_id) if self._style.id_as == "number" else recall_id,
            "status": status,
            **primary_entity(wanted.entity, recall.retrieval.vehicle),
            "start_time": stamp(wanted.start),
            "end_time": stamp(wanted.end),
            "recall_type": wanted.kind,
            "created_at": stamp(recall.created.replace(microsecond=0)),
        }

    def _wrapped(self, answer: dict[str, Any]) -> dict[str, Any]:
        for name in reversed(list(filter(None, self._style.wrapper.split(".")))):
            answer = {name: answer}
        return answer

    def _overall(self, states: list[str]) -> str:
        """The status of a recall whose cameras have these."""
        style = self._style
        if not states or not set(states) <= {style.done, style.failed}:
            return style.pending
        if style.failed not in states:
            return style.done
        return (style.mixed or style.done) if style.done in states else style.failed

    def _camera(self, item: Item, status: str) -> dict[str, Any]:
        style = self._style
        camera: dict[str, Any] = {"status": status} if style.camera_status else {}
        if style.camera_times:
            camera |= {"start_time": stamp(item.start), "end_time": stamp(item.end)}
        if status != style.done:
            return {**camera, style.url_key: None} if style.url_awaited else camera
        url, expires = self._signed(item)
        camera[style.url_key] = {"text": url, "list": [url], "object": {"mp4": url}}[style.urls_as]
        if style.expiry_key:
            camera[style.expiry_key] = stamp(expires)
        return camera


def capture_answer(capture: Capture, status: str) -> dict[str, Any]:
    """An image capture without its images."""
    kind = capture.entity.kind
    return {
        "request_id": int(capture.retrieval.id),
        "camera_type": capture.camera_type,
        "position": capture.position,
        "status": status,
        kind: primary_entity(capture.entity, capture.retrieval.vehicle)[kind],
    }


def primary_entity(entity: Entity, truck: Truck) -> dict[str, Any]:
    """Of which vehicle or asset an answer is."""
    label = "number" if entity.kind == "vehicle" else "name"
    return {
        "primary_entity": entity.kind,
        entity.kind: {"id": int(truck.id), label: truck.name},
    }


def vehicle_answer(truck: Truck) -> dict[str, Any]:
    """A vehicle as the lists show it."""
    return {
        "id": int(truck.id),
        "company_id": 1,
        "number": truck.name,
        "status": "active",
        "ifta": False,
        "vin": truck.vin or None,
        "license_plate_number": truck.plate or None,
    }


def asset_answer(truck: Truck) -> dict[str, Any]:
    """An asset as the lists show it."""
    return {"id": int(truck.id), "name": truck.name, "status": "active", "vin": truck.vin or None}


def eld_device(truck: Truck) -> dict[str, Any]:
    """The vehicle's logging device."""
    return {"id": int(truck.id) % 100_000, "identifier": f"AABB{int(truck.id) % 10**8:08}"}
