"""The tours run from top to bottom without a network, and find what was put into the simulation."""

import pytest

from cscwidgets.demo import build

from .browser.lab import NO_NETWORK, ROOT

TRUTH = {
    "02_one_source": """
assert len(curve) == len(detections) > 5
assert smoothed.counts == tests.events
assert abs(power.period / 11_181.5 - 1) < 0.02
assert len(spectra) == 10
assert abs(result.value("kT") / 6.0 - 1) < 0.1
""",
    "03_counterparts": """
assert len(matched) == len(young_stars) > 500
right = np.mean([true_name[str(row["name"])] == str(row["designation"]) for row in young_stars])
assert abs(right - np.mean(young_stars["p_match"])) < 0.01  # as often as the probabilities say
""",
    "04_sky_coverage": """
assert len(files) == 9
for area in (curve.total, app.coverage.curve.total, histogram["cumulative_area"][-1]):
    assert abs(area.to_value("deg2") / 0.1177 - 1) < 1e-3
assert app.coverage.limit_at(places)["status"].tolist()[-1] == "not observed"
""",
    "05_images": """
assert stacks["obsids"][stacks["stack"] == longest].tolist() == [" ".join(str(90501 + n) for n in range(8))]
assert abs(start - 150_697_563) < 100  # the flare that was put in begins then, and decays by e in 3509 s
assert 2 * 3509 < stop - start < 4 * 3509
assert flaring == len(photons.during(start, stop)) < always == len(photons)
assert abs(smooth.sum() / counts.values.sum() - 1) < 1e-5
assert app.images.state.shown.picture.simulated
assert max(zip(strip, seen), key=lambda pair: pair[0].values.max())[1] == "90506 flare"
""",
}


@pytest.mark.parametrize("name", TRUTH)
def test_a_tour(name, demo_folder, tmp_path, monkeypatch):
    for variable, value in {**NO_NETWORK, build.CACHE_VARIABLE: str(demo_folder.parent)}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(ROOT / "cscwidgets" / "tours" / f"{name}.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(f"assert app.messages == []\n{TRUTH[name]}"))
    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(tmp_path)}}).execute()
