"""`--folder-per-job`: each job's files in a folder of their own, and one page that leads to all."""

from __future__ import annotations

from support.runs import Bench, of_each_provider

from simulator import OnClip

OWN = "2025-04-16_13-30-00 Truck 42"


@of_each_provider
def test_a_job_has_a_folder_of_its_own_with_the_same_names(bench: Bench) -> None:
    with bench.cloud() as sim:
        plain = bench.run(sim, cameras="road")
        own = bench.run(sim, "--folder-per-job", "--no-reuse", cameras="road")
    assert plain.status == own.status == 0, own.out
    flat = {path.name for path in bench.videos.iterdir() if path.is_file()}
    inside = {path.name for path in (bench.videos / OWN).iterdir()}
    assert flat - {"index.html"} == inside
    page = (bench.videos / "index.html").read_text(encoding="utf-8")
    assert page.count("<tr>") == 3


def test_resume_goes_on_in_the_jobs_own_folder(bench: Bench) -> None:
    with bench.cloud(OnClip("unavailable", at=1)) as sim:
        bench.run(sim, "--folder-per-job", cameras="road", minutes=2)
        here = set((bench.videos / OWN).iterdir())
        next((bench.videos / OWN).glob("Road_Merged_*")).unlink()
        again = bench.resume(sim, str(next(bench.logs.glob("request_ids_*"))))
    assert "Road_Merged_" in again.out
    assert set((bench.videos / OWN).iterdir()) == here
    assert [path.name for path in bench.videos.iterdir() if path.is_file()] == ["index.html"]
