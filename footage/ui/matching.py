"""What is typed for a vehicle and for cameras, matched to what the provider has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from footage.errors import UsageError
from footage.system.filenames import with_file_name
from footage.system.text import closest, likeness, pasted, quotable
from footage.ui.terminal import Terminal
from footage.ui.values import yes_by_default

if TYPE_CHECKING:  # the first question does without the model
    from footage.cloud.provider import Provider
    from footage.model import Camera, Vehicle

_ALIKE = 0.8  # "truk 42" and "truck 42" have a likeness of 0.93

# --- vehicles -----------------------------------------------------------------------------------


def match_vehicle(
    text: str, vehicles: Sequence[Vehicle], terminal: Terminal | None = None
) -> Vehicle:
    """The vehicle meant by a name, id, VIN or plate, with its `file_name` filled in.

    Capitals and repeated blanks do not matter; `id:281` means the id only, `name:281` the name.
    Where several fit, `terminal` is asked which, and a person there which of the closest names is
    meant where none fits; without one (the option `--vehicle`, unattended) that is an error.

    Raises UsageError that offers the closest names, or the ids to choose from.
    """
    if not _folded(text):
        raise UsageError(
            "Please type the vehicle's name as it is shown in the provider's dashboard."
        )
    listed = list({vehicle.id: vehicle for vehicle in vehicles}.values())
    if not listed:
        raise UsageError(
            "This API key sees no vehicles: it may be limited to a tag without vehicles, or belong "
            "to another organization; ask whoever made the key."
        )
    fitting = _fitting(text, listed)
    if not fitting and terminal is not None and terminal.interactive:
        fitting = _meant(text, listed, terminal)
    if not fitting:
        raise UsageError(_no_such_vehicle(text, listed))
    if len(fitting) == 1:
        return with_file_name(fitting[0], listed)
    if terminal is None:
        ids = "; ".join(f"id:{quotable(v.id)} for {_described(v)}" for v in fitting)
        raise UsageError(
            f"{len(fitting)} vehicles fit '{quotable(text.strip())}'; give one of these ids "
            f"instead of the name: {ids}."
        )
    terminal.say(f"{len(fitting)} vehicles fit '{quotable(text.strip())}':")
    for number, vehicle in enumerate(fitting, 1):
        terminal.say(f"  {number}  {_described(vehicle)}, id {quotable(vehicle.id)}")
    question = "Which one (its number, VIN, plate or id): "
    return with_file_name(terminal.ask(question, lambda text: _choose(text, fitting)), listed)


def _fitting(text: str, vehicles: Sequence[Vehicle]) -> list[Vehicle]:
    """Those that are called so."""
    wanted = _folded(text)
    fitting = [v for v in vehicles if wanted == "id:" + _folded(v.id)]
    fitting = fitting or [v for v in vehicles if wanted in _names(v)]
    return fitting or [v for v in vehicles if v.name and wanted == "name:" + _folded(v.name)]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", pasted(text)).casefold()


def _names(vehicle: Vehicle) -> set[str]:
    return {_folded(n) for n in (vehicle.name, vehicle.id, vehicle.vin, vehicle.plate)} - {""}


def _described(vehicle: Vehicle) -> str:
    vin = quotable(vehicle.vin) or "unknown"
    plate = quotable(vehicle.plate) or "unknown"
    return f"{quotable(vehicle.name) or 'without a name'}, VIN {vin}, plate {plate}"


def _choose(text: str, candidates: Sequence[Vehicle]) -> Vehicle:
    wanted = _folded(text)
    fits = [
        vehicle
        for number, vehicle in enumerate(candidates, 1)
        if wanted in (_names(vehicle) - {_folded(vehicle.name)})
        or wanted in (str(number), "id:" + _folded(vehicle.id))
    ]
    if len(fits) != 1:
        how = "fits none" if not fits else "fits more than one"
        raise UsageError(
            f"'{quotable(text.strip())}' {how} of them; type a number from 1 to {len(candidates)}, "
            "or a VIN, plate or id from the list."
        )
    return fits[0]


def _meant(text: str, vehicles: Sequence[Vehicle], terminal: Terminal) -> list[Vehicle]:
    """Those of the close name that the person says is meant; none where no name is close."""
    wanted, names = _folded(text), _shown_names(vehicles)
    close = closest(wanted, {name: name for name in names})
    alike = [  # the same but for a letter or so, digits not counted
        name
        for name in close
        if re.findall(r"\d+", name) == re.findall(r"\d+", wanted)
        and likeness(name, wanted) >= _ALIKE
    ]
    sure = close if len(close) == 1 else alike
    if len(sure) == 1:
        agreed = terminal.ask(f"Did you mean {names[sure[0]]}? [Y/n] ", yes_by_default)
        return _called(sure[0], vehicles) if agreed else []
    if not close:
        return []
    return _one_of(text, close, vehicles, terminal)


def _one_of(
    text: str, close: Sequence[str], vehicles: Sequence[Vehicle], terminal: Terminal
) -> list[Vehicle]:
    """Those of the one of these names that is picked by its number, or of another that is typed.

    A number means the name beside it, even where a vehicle is called so: that one is then typed as
    `name:1`, which the question says.
    """
    names = _shown_names(vehicles)
    numbered = {str(number): name for number, name in enumerate(close, 1)}
    offered = ", ".join(f"{number} {names[name]}" for number, name in numbered.items())
    called = next((number for number in numbered if _fitting(number, vehicles)), "")
    hint = f"; for the vehicle called {called} type name:{called} or its id:..." if called else ""
    question = f"Did you mean {offered}? (number, or another name{hint}): "
    terminal.say(f"No {vehicles[0].kind} is called '{quotable(text.strip())}'.")

    def parse(answer: str) -> list[Vehicle]:
        name = numbered.get(_folded(answer))
        found = _called(name, vehicles) if name is not None else _fitting(answer, vehicles)
        if not found:
            raise UsageError(
                f"'{quotable(answer.strip())}' is neither a number from 1 to {len(close)} nor the "
                f"name of a {vehicles[0].kind}."
            )
        return found

    return terminal.ask(question, parse)


def _called(name: str, vehicles: Sequence[Vehicle]) -> list[Vehicle]:
    """Those of a name as it is compared."""
    return [vehicle for vehicle in vehicles if _folded(vehicle.name) == name]


def _shown_names(vehicles: Sequence[Vehicle]) -> dict[str, str]:
    """The vehicles' names as they are compared, and as they are shown."""
    return {_folded(v.name): quotable(v.name.strip()) for v in vehicles if v.name.strip()}


def _no_such_vehicle(text: str, vehicles: Sequence[Vehicle]) -> str:
    close = closest(_folded(text), _shown_names(vehicles))
    asked = quotable(text.strip())
    kind = vehicles[0].kind
    if close:
        offered = ", ".join(f"'{name}'" for name in close)
        names = "names are" if len(close) > 1 else "name is"
        return f"No {kind} is called '{asked}'; the closest {names} {offered}."
    return (
        f"No {kind} is called '{asked}', nor anything like it, among the {len(vehicles)} that "
        "this API key may see; check the name, or whether the key is limited to other tags or "
        "groups."
    )


# --- cameras ------------------------------------------------------------------------------------


def parse_cameras(
    text: str, provider: Provider, possible: Sequence[Camera] | None = None
) -> tuple[list[Camera], bool]:
    """The cameras of a comma-separated list, in the order of the picture, each once; and whether
    they were named, rather than asked for as `all`.

    The provider's words (`road`, `driver`), its own input names and our labels are understood, and
    where the provider has them its names for cameras that are not known here.
    possible: those that this vehicle can have of what is asked for; None for all

    Raises UsageError that lists what there is.
    """
    possible = provider.cameras if possible is None else possible
    others: list[Camera] = []
    inputs = {_squeezed(word): name for word, name in provider.camera_words.items()}
    for camera in provider.cameras:
        for word in (camera.label, camera.input):
            inputs.setdefault(_squeezed(word), camera.input)
    asked = [part.strip() for part in text.split(",") if part.strip()]
    chosen: set[str] = set()
    for part in asked:
        if _squeezed(part) == "all":
            chosen |= {camera.input for camera in possible}
        elif _squeezed(part) in inputs:
            chosen.add(inputs[_squeezed(part)])
        elif other := provider.other_camera(part):
            others.append(other)
        else:
            raise UsageError(
                f"There is no camera '{quotable(part)}'; choose from {camera_words(provider)}."
            )
    if not chosen and not others:
        raise UsageError(f"No camera is named; choose from {camera_words(provider)}.")
    cameras = [camera for camera in provider.cameras if camera.input in chosen]
    for camera in cameras:
        if camera not in possible:
            raise UsageError(
                f"There is no {camera.label} camera for this; choose from "
                f"{camera_words(provider, possible)}."
            )
    named = not any(_squeezed(part) == "all" for part in asked)
    return [*cameras, *dict.fromkeys(others)], named


def camera_words(provider: Provider, possible: Sequence[Camera] | None = None) -> str:
    """What can be typed for `--cameras`: "road, driver, analog1, all"."""
    word = {name: word for word, name in reversed(list(provider.camera_words.items()))}
    cameras = provider.cameras if possible is None else possible
    return ", ".join([*(word[camera.input] for camera in cameras), "all"])


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]+", "", pasted(text)).casefold()
