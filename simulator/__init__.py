"""A local simulation of the fleet clouds, for trying the program out and for its tests.

    from simulator import OnClip, Scenario, start

    with start(Scenario(bad=[OnClip("late", 2.0, camera="analog1")])) as sim:
        ...  # point the program at sim.api_url (Samsara) or sim.motive_url with sim.token

`python -m simulator` runs it by itself. Importing this package loads neither Flask nor NumPy: only
`start` does.
"""

from simulator.cameras import CAMERAS, CameraModel, cameras
from simulator.events import Event, EventStyle, week
from simulator.mishaps import Mishap, OnCall, OnClip, parse
from simulator.motive_style import MotiveStyle
from simulator.scenario import ASSETS, TOKEN, TRUCKS, Scenario, Truck, Uploaded
from simulator.server import Simulator, start

__all__ = [
    "ASSETS",
    "CAMERAS",
    "TOKEN",
    "TRUCKS",
    "CameraModel",
    "Event",
    "EventStyle",
    "Mishap",
    "MotiveStyle",
    "OnCall",
    "OnClip",
    "Scenario",
    "Simulator",
    "Truck",
    "Uploaded",
    "cameras",
    "parse",
    "start",
    "week",
]
