"""What is copied as code runs where no widget is, and makes the same numbers as the panel that it was copied from."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table

from cscwidgets import Explorer
from cscwidgets.archive import Cut
from cscwidgets.demo import build
from cscwidgets.errors import CscError
from cscwidgets.science.matches import Thresholds
from cscwidgets.state.periods import BETWEEN

from .browser.lab import NO_NETWORK, ROOT

RUNNER = """
import contextlib, io, pickle, runpy, sys
sys.path.insert(0, {root!r})
answers = {{}}
for name, (path, wanted) in pickle.load(open({asked!r}, "rb")).items():
    with contextlib.redirect_stdout(io.StringIO()) as said:
        made = runpy.run_path(path)
    answers[name] = {{one: eval(one, made) for one in wanted}}, said.getvalue()
assert not {{"ipywidgets", "ipyaladin", "bqplot", "anywidget"}} & sys.modules.keys()
pickle.dump(answers, open({answers!r}, "wb"))
"""

FLARE = (150_697_000.0, 150_705_000.0)


class Scripts:
    """Scripts by name, each with Python expressions and what their values must be."""

    def __init__(self):
        self.texts, self.expected = {}, {}

    def add(self, name, text, **expected):
        self.texts[name], self.expected[name] = text, expected

    def run(self, folder, cache):
        """All of them in one process that is as clean as one can be: what they made and printed."""
        asked = {}
        for name, text in self.texts.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
            asked[name] = str(folder / f"{name}.py"), list(self.expected[name])
        (folder / "asked").write_bytes(pickle.dumps(asked))
        code = RUNNER.format(root=str(ROOT), asked=str(folder / "asked"), answers=str(folder / "answers"))
        environment = {**NO_NETWORK, build.CACHE_VARIABLE: str(cache), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
        # Equal to the last bit are numbers of equal arithmetic: another core type of OpenBLAS sums in another order.
        environment |= {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
        done = subprocess.run(
            [sys.executable, "-I", "-W", "error::UserWarning", "-c", code],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return pickle.loads((folder / "answers").read_bytes())


def hardness_and_selection(scripts, archive):
    app = Explorer("M33", "1 deg", archive=archive)
    varied = app.table["name"][(app.table["hard_hm"] > 0) & (app.table["var_inter_prob_b"] > 0.9)]
    app.select(varied)
    app.add_column("hard_flux", "flux_aper_b * (hard_hs + 1)")
    app.subset("bright", condition="flux_aper_b > 1e-14")
    app.subset("mine", names=varied[:3])
    app.label("look", names=varied[:2])
    scripts.add("sources", app.script(), sources=app.table, selected=app.selected)
    scripts.add("hardness", app.hardness.script(), table=app.hardness.table)
    state = app.workspace.diagrams
    state.count = 2
    state.diagrams[1].x = "hard_flux"
    scripts.add("diagrams", app.diagrams.script(), table=app.diagrams.table)
    app.query.search(["powlaw_gamma"], [Cut("flux_aper_b", ">", 1e-14, "erg / (s cm2)"), "m.var_flag = 1"])
    app.wait()
    assert 0 < len(app.table) < 700
    scripts.add("cut", app.query.script(), sources=app.table)
    app.query.search(["theta"], Cut("theta", "<", 2, "arcmin"), table="observation_source")
    scripts.add("detections", app.query.script(), rows=app.query.table)
    app.query.run("SELECT TOP 5 name, flux_aper_b\nFROM csc21.master_source\nWHERE name LIKE '%\"J01%'  OR ra < 30")
    scripts.add("adql", app.query.script(), rows=app.query.table)
    scripts.add("named", app.script(), sources=app.table)
    app.close()


def one_source(scripts, archive, name):
    app = Explorer("47 Tuc", "1.5 arcmin", archive=archive)
    app.wait()
    app.focus = name
    app.wait()
    scripts.add("source", app.source.script(), **{"len(detections)": len(app.source.table)})
    curves = app.lightcurve.state
    tables = app.lightcurve.tables
    found = curves.longterm.constancy()
    scripts.add(
        "curves",
        app.lightcurve.script(),
        **{"table": Table(app.lightcurve.table), "tables": tables, "constancy.chi2": found.chi2},
        **{"constancy.probability": found.probability, "blocks.edges": curves.longterm.blocks().edges},
    )
    periods = app.lightcurve.periods
    periods.key, periods.shortest, periods.longest = BETWEEN, 10.0, 300.0
    periods.search()
    app.wait()
    scripts.add(
        "years",
        app.lightcurve.script(),
        **{"periodogram.power": periods.periodogram.power, "phases": periods.phased},
    )
    curves.of_events, curves.energies, curves.width = True, (0.5, 2.0), 2000.0
    curves.settle()
    periods.key = str(curves.chosen[0])
    periods.shortest, periods.longest = 5000.0, 20_000.0
    periods.search()
    app.wait()
    (timing,) = curves.timings.values()
    scripts.add(
        "events",
        app.lightcurve.script(),
        **{"tables": app.lightcurve.tables, "periodogram.period": app.lightcurve.periods.periodogram.period},
        **{"folded.table()": app.lightcurve.periods.folded.table()},
        **{"timings[observations[0]].blocks.edges": timing.blocks.edges},
    )
    scripts.add("counted", app.spectrum.script())
    app.spectrum.model.change("tbabs.nH", fixed=True, value=0.05)
    app.spectrum.fit("powerlaw")
    fitting = app.spectrum.fitting
    fitting.find_intervals(0.9)
    app.wait()
    fitting.find_fluxes(0.5, 7.0, distance=4.5 * u.kpc)
    app.wait()
    scripts.add(
        "fit",
        app.spectrum.script(),
        **{"table": app.spectrum.table, "result.statistic": app.spectrum.result.statistic},
        **{"[one.value for one in fluxes.values()]": [one.value for one in fitting.fluxes.values()]},
        **{"[one.upper for one in fluxes.values()]": [one.upper for one in fitting.fluxes.values()]},
    )
    app.spectrum.model.band = (6.5, 7.0)
    fitting.fit()
    app.wait()
    assert fitting.limit is not None
    scripts.add("limit", app.spectrum.script(), limit=fitting.limit.flux)
    app.close()


def counterparts(scripts, archive, folder):
    app = Explorer("M42", "3 arcmin", archive=archive)
    app.crossmatch.match("sim_infrared", 2 * u.arcsec, prior="Kmag")
    state = app.crossmatch.state
    review = app.crossmatch.table["name"][np.asarray(app.crossmatch.table["verdict"]) == "to review"]
    state.decide(str(review[0]), int(state.candidates(str(review[0]))["catalogue_row"][0]))
    scripts.add(
        "counterparts",
        app.crossmatch.script(),
        **{"table": app.crossmatch.table, "found.completeness": state.match.found.completeness},
    )
    app.select(app.table["name"][:200])
    state.only_selected = True
    app.crossmatch.match("sim_optical", 3 * u.arcsec, prior=(), epoch=2012.5)
    state.roles = replace(state.guessed_roles, pmra="", pmdec="")
    state.thresholds = Thresholds(matched=0.9, none=0.1)
    app.crossmatch.match()
    assert len(app.crossmatch.table) == 200
    scripts.add("some", app.crossmatch.script(), table=app.crossmatch.table, selected=app.selected)
    stars = app.archive.query("SELECT designation, RAJ2000, DEJ2000, errMaj, errMin, errPA FROM csc21.sim_infrared")
    stars.write(folder / "stars.ecsv")
    app.crossmatch.match(str(folder / "stars.ecsv"), 2 * u.arcsec)
    scripts.add("file", app.crossmatch.script(), table=app.crossmatch.table)
    app.crossmatch.match(stars)
    with pytest.raises(CscError, match="session alone"):
        app.crossmatch.script()
    app.close()


def sky_coverage(scripts, archive):
    app = Explorer("Lockman Hole", "12 arcmin", archive=archive)
    app.wait()
    app.coverage.run()
    app.wait()
    app.coverage.state.unit = "CSC"
    scripts.add(
        "coverage",
        app.coverage.script(),
        **{"table": app.coverage.table, "curve.total": app.coverage.curve.total},
        **{"counts.cumulative()": app.coverage.counts.cumulative()},
    )
    app.select(app.table["name"][np.asarray(app.table["flux_aper_b"].value) > 1e-15])
    state = app.coverage.state
    state.unit, state.nh, state.photon_index, state.only_selected, state.background = "power law", 0.1, 1.7, True, 2.0
    scripts.add(
        "corrected",
        app.coverage.script(),
        **{"table": app.coverage.table, "counts.cumulative()": app.coverage.counts.cumulative()},
    )
    app.close()


def images_on_the_sky(scripts, archive):
    app = Explorer("icrs; polygon(6.0, -72.1, 6.05, -72.1, 6.05, -72.07, 6.0, -72.07)", archive=archive)

    def shown(name):
        values = [image.values for image in app.images.images]
        picture = app.images.state.shown.picture
        scripts.add(
            name,
            app.images.script(),
            **{"[image.values for image in shown]": values, "picture.rgba": picture.rgba, "picture.cuts": picture.cuts},
        )

    app.wait()
    app.images.state.bands = "b"
    app.images.state.find()
    app.images.show("stkecorrimg", "b", app.images.table["image"][:2])
    shown("stacks")
    app.focus = "SIM J002402.2-720616"
    app.wait()
    app.images.show("regevt", "smh")
    app.images.state.times = FLARE
    shown("photons")
    app.close()


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scripts(warm_demo, eclipser, tmp_path_factory):
    made = Scripts()
    hardness_and_selection(made, warm_demo)
    one_source(made, warm_demo, eclipser[0])
    counterparts(made, warm_demo, tmp_path_factory.mktemp("stars"))
    sky_coverage(made, warm_demo)
    images_on_the_sky(made, warm_demo)
    return made


def same(made, expected, place):
    """Whether two results are the same to the last bit."""
    if isinstance(expected, Table):
        assert set(expected.colnames) <= set(made.colnames), place
        assert len(made) == len(expected), place
        for name in expected.colnames:
            same(made[name], expected[name], f"{place}[{name!r}]")
    elif isinstance(expected, dict):
        assert list(map(str, made)) == list(map(str, expected)), place
        for one, other in zip(made.values(), expected.values(), strict=True):
            same(one, other, place)
    elif isinstance(expected, list | tuple):
        assert len(made) == len(expected), place
        for one, other in zip(made, expected, strict=True):
            same(one, other, place)
    elif hasattr(expected, "jd1"):
        assert (made == expected).all(), place
    else:
        assert getattr(made, "unit", None) == getattr(expected, "unit", None), place
        np.testing.assert_array_equal(np.ma.getmaskarray(made), np.ma.getmaskarray(expected), err_msg=place)
        np.testing.assert_array_equal(getattr(made, "value", made), getattr(expected, "value", expected), err_msg=place)


def test_every_script_makes_the_panels_numbers_where_there_are_no_widgets(scripts, demo_folder, tmp_path):
    answers = scripts.run(tmp_path, demo_folder.parent)
    for name, expected in scripts.expected.items():
        values, said = answers[name]
        assert said.strip(), name
        for expression, value in expected.items():
            same(values[expression], value, f"{name}: {expression}")


def test_the_scripts_pass_a_linter_and_say_what_they_rest_on(scripts, tmp_path):
    for name, text in scripts.texts.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        head = text[: text.index('"""', 3)]
        for said in (
            "SIMULATED",
            "Asked of http",
            "SELECT ",
            "cscwidgets 0",
            "astropy ",
            "Evans et al. 2024, ApJS 274",
        ):
            assert said in head, (name, said)
        assert ("Freeman et al. 2001" in head) == (name in {"fit", "limit"})
        assert str(ROOT) not in text
    rules = "E4,E7,E9,F,I,N,UP,B,C4,SIM,PLE"
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", rules, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
