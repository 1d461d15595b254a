"""`--vehicles`, and why nothing comes: what the provider tells of a vehicle's connection."""

from __future__ import annotations

import csv
import json

import pytest
from support.runs import NOTHING_ANSWERED, WRONG_KEY, Bench, Ran, of_each_provider

from simulator import TRUCKS, Simulator

OFFLINE = {TRUCKS[0].id: 11_000.0}


def listed(bench: Bench, sim: Simulator, *options: str, key: str | None = None) -> Ran:
    given = [f"--provider={bench.side.key}", f"--logs={bench.logs}", *options]
    return bench.run_as(sim, ["--vehicles", *given], key)


@of_each_provider
def test_the_vehicles_are_listed(bench: Bench) -> None:
    with bench.cloud(offline=OFFLINE) as sim:
        ran = listed(bench, sim, "--timezone=America/Chicago")
        summary = json.loads(listed(bench, sim, "--json").lines[-1])
    assert ran.status == 0
    (line,) = ran.lines_with("Truck 42")
    assert "1FUJGLDR9CLBP8834    8XYZ042" in line and "(3 h ago), " in line
    assert summary["jobs"] == []
    (truck,) = (one for one in summary["vehicles"] if one["name"] == "Truck 42")
    assert (truck["id"], truck["provider"]) == (TRUCKS[0].id, bench.side.name)
    assert truck["cameras"] in (["dash cam CSIM710042"], ["dc54 (road, driver)"])
    assert truck["last_online"]["online_since"] is False
    kinds = {one["kind"] for one in summary["vehicles"]}
    assert kinds == ({"vehicle", "asset"} if bench.side.key == "motive" else {"vehicle"})


@of_each_provider
def test_without_the_permission_the_rest_is_listed(bench: Bench) -> None:
    with bench.cloud(contacts_status=403) as sim:
        ran = listed(bench, sim)
    assert ran.status == 0
    assert ran.lines_with("Truck 42") and "ago" not in ran.out and "403" not in ran.out


@of_each_provider
def test_a_key_that_may_not_list_is_told_so(bench: Bench) -> None:
    with bench.cloud() as sim:
        wrong = listed(bench, sim, key=WRONG_KEY)
        other = listed(bench, sim, "--minutes=5")
    assert wrong.status == other.status == 2
    (line,) = wrong.lines
    assert bench.side.unknown in line
    assert "leave out --minutes" in other.out


@of_each_provider
@pytest.mark.parametrize("allowed", [True, False])
def test_what_keeps_footage_from_coming_is_told(bench: Bench, allowed: bool) -> None:
    status = 200 if allowed else 403
    with bench.cloud(offline=OFFLINE, contacts_status=status, delay=3600.0) as sim:
        ran = bench.run(sim, "--json", "--max-wait=0.01", cameras="road")
        asked = [call for call in sim.calls if call.endpoint == "contacts"]
    assert ran.status == 4
    assert len(asked) == 1
    (job,) = json.loads(ran.lines_with('"version"')[-1])["jobs"]
    (report,) = ran.videos.glob("Report_*")
    told = "was last online on" in report.read_text("utf-8")
    assert told is allowed is (job["last_online"] is not None)
    assert ("was last online on" in ran.out) is allowed
    assert ran.log.count("says that the ") == allowed
    if allowed:
        assert job["last_online"]["state"] in ("Unplugged", "disconnected")


@of_each_provider
def test_once_all_is_here_nothing_of_it_is_said(bench: Bench) -> None:
    with bench.cloud(offline=OFFLINE, delay=3600.0) as sim:
        bench.run(sim, "--max-wait=0.01", cameras="road")
        sim.finish_uploads()
        ran = bench.resume(sim)
    assert ran.status == 0, ran.out
    assert "last online" not in ran.out
    (report,) = ran.videos.glob("Report_*")
    assert "last online" not in report.read_text("utf-8")


def test_a_list_tells_it_of_the_rows_that_wait(bench: Bench) -> None:
    listing = bench.folder / "claims.csv"
    listing.write_text("vehicle,at\nTruck 42,04/16/2025 13:31:00\n", "utf-8")
    with bench.cloud(offline=OFFLINE, delay=3600.0) as sim:
        given = ("--before=10", "--after=10", "--yes", "--max-wait=0.01")
        ran = bench.run(sim, f"--incidents={listing}", *given, cameras="road", **NOTHING_ANSWERED)
    assert ran.status == 4, ran.out
    (row,) = csv.DictReader((bench.folder / "claims.csv.results.csv").open(encoding="utf-8-sig"))
    assert "the vehicle was last online on" in row["message"]
