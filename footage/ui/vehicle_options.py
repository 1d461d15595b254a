"""The option of the list of vehicles."""

from __future__ import annotations

from dataclasses import dataclass

from footage.ui.command_line import option

FOOTAGE = "which footage"


@dataclass(frozen=True)
class VehicleOptions:
    """Whether the vehicles are listed, and nothing else is done."""

    vehicles: bool = option(
        FOOTAGE,
        "list the vehicles (id, name, VIN, plate, cameras, when last online) and end",
        default=False,
        action="store_true",
    )
