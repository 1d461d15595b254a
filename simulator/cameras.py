"""The simulated cameras: picture size, frame rate and sound of their footage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class CameraModel:
    """One camera and its footage. All fields but the first four are given by name.

    number:  1..6, written into the barcode
    width, height: pixels, even numbers
    fps:     frames a second; may be a fraction such as 30000 / 1001
    tone:    the beep's pitch in Hz
    sound:   False leaves the audio track out
    gop:     frames from one key frame to the next
    encoder: name of the encoder settings, see `simulator.footage.ENCODERS`
    colour:  Cb and Cr of the background
    """

    label: str
    number: int
    width: int = 352
    height: int = 240
    fps: float = 15
    tone: int = 660
    sound: bool = False
    gop: int = 30
    encoder: str = "a"
    colour: tuple[int, int] = (128, 128)


CAMERAS: Mapping[str, CameraModel] = MappingProxyType(
    {
        "dashcamRoadFacing": CameraModel(
            "Road", 1, 640, 360, tone=440, sound=True, colour=(160, 90)
        ),
        "dashcamDriverFacing": CameraModel(
            "Driver", 2, 480, 360, tone=880, sound=True, colour=(90, 165)
        ),
        "analog1": CameraModel("Analog 1", 3, colour=(95, 95)),
        "analog2": CameraModel("Analog 2", 4, colour=(165, 165)),
        "analog3": CameraModel("Analog 3", 5, colour=(175, 128)),
        "analog4": CameraModel("Analog 4", 6, colour=(70, 128)),
    }
)


def low_resolution(model: CameraModel) -> CameraModel:
    """The camera as its low-res footage shows it: half as wide and half as high.

    Not below 80x60, where the barcode could no longer be read.
    """
    width, height = (size // 4 * 2 for size in (model.width, model.height))
    return replace(
        model,
        width=min(model.width, max(80, width)),
        height=min(model.height, max(60, height)),
    )


def cameras(**changes: Any) -> dict[str, CameraModel]:
    """All cameras with the same changes, for tests: `cameras(width=160, height=120, fps=5)`."""
    return {name: replace(model, **changes) for name, model in CAMERAS.items()}
