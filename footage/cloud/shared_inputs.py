"""Several cameras on one input of the vehicle, told apart by their serial numbers. Pure functions.

The first whose serial becomes known is the camera that was asked for. Each other one is a camera of
its own, whose `input` has the serial behind the provider's name: "analog1/CSS6-23A-HJF".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from footage.model import Camera, Media

Shot = tuple[str, str, "datetime | None", "datetime | None"]

_SEPARATOR = "/"
_TAIL = 6  # characters of a serial that are enough to know a camera by


def input_of(camera: Camera) -> str:
    """The provider's own name of the input that a camera is on."""
    return camera.input.partition(_SEPARATOR)[0]


def is_further(camera: Camera) -> bool:
    """Whether it is another camera on the input of one that was asked for."""
    return _SEPARATOR in camera.input


def asked_for(cameras: Sequence[Camera], known: Sequence[Camera]) -> list[Camera]:
    """The cameras, of those that are `known`, by whose inputs the provider is asked."""
    inputs = dict.fromkeys(map(input_of, cameras))
    every = (*cameras, *known)
    return [next(camera for camera in every if camera.input == name) for name in inputs]


def by_input(cameras: Iterable[Camera]) -> list[list[Camera]]:
    """The cameras in groups, those on one input together."""
    groups: dict[str, list[Camera]] = {}
    for camera in cameras:
        groups.setdefault(input_of(camera), []).append(camera)
    return list(groups.values())


def shot_of(media: Media) -> Shot:
    """What is the same for the same footage in every answer: input, serial, and times."""
    return input_of(media.camera), media.serial, media.start, media.end


def told_apart(
    answers: Sequence[Media], serials: Mapping[str, str], cameras: Iterable[Camera]
) -> tuple[list[Media], dict[str, str]]:
    """The answers, those of a further camera under that; and the serials as known by now.

    serials: input -> serial of the camera that was asked for
    cameras: of the job so far, so that no two have the same label
    """
    known = dict(serials)
    for media in sorted(answers, key=lambda media: media.serial):
        if media.serial:
            known.setdefault(input_of(media.camera), media.serial)
    further: dict[str, Camera] = {camera.input: camera for camera in cameras}
    apart: list[Media] = []
    for media in answers:
        if media.serial and media.serial != known[input_of(media.camera)]:
            name = f"{input_of(media.camera)}{_SEPARATOR}{media.serial}"
            if name not in further:
                label = _label(media, {camera.label for camera in further.values()})
                further[name] = Camera(name, label)
            media = replace(media, camera=further[name])
        apart.append(media)
    return apart, known


def _label(media: Media, taken: Iterable[str]) -> str:
    """ "Analog (3A-HJF)", with the whole serial where another camera has that label already."""
    short = f"{media.camera.label} ({media.serial[-_TAIL:].strip('- ')})"
    return short if short not in taken else f"{media.camera.label} ({media.serial})"
