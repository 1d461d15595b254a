"""What is installed, by whichever way: one list of requirements, one version, all modules."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import footage
from footage.ui import preflight

PROJECT = Path(__file__).resolve().parent.parent
SETTINGS = (PROJECT / "pyproject.toml").read_text("utf-8")


def requirements() -> set[str]:
    """The names of the packages that requirements.txt lists for this system."""
    names = set()
    for line in (PROJECT / "requirements.txt").read_text("utf-8").splitlines():
        requirement, _, marker = line.partition(";")
        name = re.match(r"[\w-]+", requirement)
        if name and (not marker or sys.platform in marker):
            names.add(name[0])
    return names


def setting(name: str) -> str:
    """The text of one setting in pyproject.toml."""
    found = re.search(rf"^{re.escape(name)} = (.+)$", SETTINGS, re.M)
    assert found, name
    return found[1]


def test_an_installed_copy_requires_what_requirements_txt_lists() -> None:
    assert setting("dependencies") == '{ file = ["requirements.txt"] }'
    assert setting("dynamic") == '["version", "dependencies"]'


def test_the_first_check_knows_all_requirements() -> None:
    assert set(preflight.PACKAGES) == requirements()
    assert not [module for module in preflight.PACKAGES.values() if find_spec(module) is None]


@pytest.mark.parametrize("installed", [True, False])
def test_a_package_that_is_missing_is_named(
    installed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "_PROJECT", tmp_path)
    if not installed:
        (tmp_path / "requirements.txt").touch()
    sentence = preflight._how_to_install(["gpxpy", "flask"])
    assert "(gpxpy, flask missing)" in sentence
    assert sentence.endswith("pip install ." if installed else "install -r requirements.txt")


def test_the_environment_beside_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    for path in (python, tmp_path / "requirements.txt"):
        path.touch()
    monkeypatch.setattr(preflight, "_PROJECT", tmp_path)
    assert f"{python} main.py" in preflight._how_to_install(["flask"])


def test_the_version_stands_in_one_place() -> None:
    assert setting("version") == '{ attr = "footage.__version__" }'
    assert re.fullmatch(r"\d+\.\d+\.\d+", footage.__version__)


def test_every_module_of_the_top_level_is_installed() -> None:
    modules = sorted(path.stem for path in PROJECT.glob("*.py"))
    assert sorted(re.findall(r'"(\w+)"', setting("py-modules"))) == modules
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")}
    assert packages - {"footage", "simulator"} <= {"benchmarks", "tests"}
