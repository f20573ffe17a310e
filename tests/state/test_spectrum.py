"""Spectra of the source in focus: fetched when looked at, in words where there are none, never another's."""

import os
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.demo import build
from cscwidgets.errors import CscError, IncompleteFetch
from cscwidgets.science.spectrum import Spectrum
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.observed import Missing
from cscwidgets.state.source import SourceState
from cscwidgets.state.spectrum import SpectrumState

OF_THE_HRC = "SIM J013258.6+305657"


def wait(spectra):
    spectra.desk.tasks.wait(60)


def messages(spectra):
    return spectra.desk.messages.entries


def rows_by_key(spectra):
    return {f"{row['obsid']}.{row['obi']}.{row['region_id']}": row for row in spectra.source.detections}


def test_the_longest_detections_with_energies_are_chosen(spectra):
    rows = rows_by_key(spectra)
    assert spectra.observations.keys() == rows.keys()
    times = [rows[key]["time"].mjd for key in spectra.observations]
    assert times == sorted(times)
    fit_for_it = [
        key
        for key, row in rows.items()
        if str(row["instrument"]).strip() == "ACIS" and str(row["match_type"]).strip() != "n"
    ]
    longest = sorted(fit_for_it, key=lambda key: -rows[key]["livetime"].value)[: len(spectra.chosen)]
    assert set(spectra.chosen) == set(longest)
    assert len(spectra.chosen) == min(5, len(fit_for_it))
    assert f"ObsID {rows[spectra.chosen[0]]['obsid']}" in spectra.observations[spectra.chosen[0]]


@pytest.mark.parametrize("way", ["clicked again", "left and opened again", "another region"])
def test_a_file_that_could_not_be_fetched_is_asked_for_again(demo, eclipser, monkeypatch, way):
    fetch = Archive.fetch

    def cut_off(self, products, **options):
        first, *others = map(str, products["filename"])
        fetched = dict(zip(others, fetch(self, products[1:], **options), strict=True))
        raise IncompleteFetch(fetched, {first: CscError("no network")})

    spectra = SpectrumState(SourceState(ExplorerState(demo)))
    explorer = spectra.source.explorer
    spectra.source.open(eclipser[0])
    wait(spectra)
    monkeypatch.setattr(Archive, "fetch", cut_off)
    spectra.active = True
    wait(spectra)
    (missing,) = [key for key in spectra.chosen if isinstance(spectra.spectra[key], Missing)]
    assert "no network" in spectra.spectra[missing].why
    monkeypatch.setattr(Archive, "fetch", fetch)
    if way == "clicked again":
        explorer.picked("table", eclipser[0], None)
    elif way == "left and opened again":
        explorer.focus = ""
        spectra.source.open(eclipser[0])
    else:
        explorer.search("M33", "1 arcmin")
    wait(spectra)
    assert spectra.shown.keys() == set(spectra.chosen)


def test_nothing_is_fetched_while_nobody_looks(demo, eclipser):
    spectra = SpectrumState(SourceState(ExplorerState(demo)))
    spectra.source.open(eclipser[0])
    wait(spectra)
    spectra.chosen = spectra.chosen[:1]
    wait(spectra)
    assert (spectra.spectra, spectra.shown, demo.cache.size) == ({}, {}, 0)
    spectra.active = True
    wait(spectra)
    assert spectra.shown.keys() == set(spectra.chosen)
    assert demo.cache.size > 0


def test_spectra_are_the_tables(spectra, warm_demo):
    spectra.active = True
    wait(spectra)
    rows = rows_by_key(spectra)
    assert [f"{one.obsid}.{one.obi}.{one.region}" for one in spectra.shown.values()] == list(spectra.chosen)
    for key, one in spectra.shown.items():
        assert one.simulated
        # The catalogue counts in the same energies and the same region; channels overlap the band's ends.
        obsid, obi, region = key.split(".")
        here = f"obsid = {obsid} AND obi = {obi} AND region_id = {region}"
        counted = warm_demo.query(f"SELECT cnts_aper_b FROM csc21.observation_source WHERE {here}")["cnts_aper_b"][0]
        assert one.source.counts[one.within(0.5, 7.0)].sum() == pytest.approx(counted, rel=0.02)
        assert one.source.exposure == pytest.approx(rows[key]["livetime"].value, rel=0.01)
    assert spectra.fittable == list(spectra.shown.values())
    assert messages(spectra) == ()


def test_more_observations_keep_those_there_are(spectra):
    spectra.chosen, spectra.active = spectra.chosen[:1], True
    wait(spectra)
    (first,) = spectra.chosen
    before = spectra.spectra[first]
    others = [key for key in spectra.observations if key != first][:2]
    spectra.chosen = (*others, first)
    wait(spectra)
    assert spectra.spectra[first] is before
    # In the order in which they are chosen.
    assert list(spectra.shown) == [*others, first]


def test_the_hrc_is_refused_in_words(spectra):
    spectra.active = True
    spectra.source.open(OF_THE_HRC)
    wait(spectra)
    (one,) = spectra.shown.values()
    assert one.response is None
    assert "HRC measures no energies" in one.refusal
    assert spectra.fittable == []


def pretend(source, name, rows):
    """Put some of a source's rows into the place of another source's."""
    with source.hold_trait_notifications():
        source.detections, source.name = rows, name


def test_a_source_without_detections_does_not_keep_the_last_ones_spectra(spectra):
    spectra.active = True
    wait(spectra)
    assert spectra.shown
    pretend(spectra.source, "SIM J000000.0+000000", spectra.source.detections[:0])
    assert (spectra.spectra, spectra.shown, spectra.chosen, spectra.observations) == ({}, {}, (), {})
    assert spectra.absent == "The archive has no detections of SIM J000000.0+000000."


def test_detections_without_spectra_say_so(spectra):
    rows = spectra.source.detections[:2].copy()
    # Counts were measured here, yet the archive has no files of this region.
    rows["region_id"] = 9_999
    pretend(spectra.source, "SIM J000000.0+000001", rows)
    spectra.chosen = tuple(spectra.observations)
    spectra.load()
    wait(spectra)
    words = Missing("the archive has no spectrum (pha3) of this detection")
    assert spectra.spectra == dict.fromkeys(spectra.observations, words)
    assert spectra.fittable == []
    assert messages(spectra) == ()


@pytest.fixture(scope="module")
def whole(warm_demo, eclipser, tmp_path_factory):
    """A folder of the source with all its spectra."""
    place = warm_demo.query(f"SELECT ra, dec FROM csc21.master_source WHERE name = '{eclipser[0]}'")
    region = f'icrs; circle({place["ra"][0].value}, {place["dec"][0].value}, 1")'
    return warm_demo.mirror(region, tmp_path_factory.mktemp("whole") / "mirror", ("pha", "arf", "rmf"), "b")


def _cut(path):
    path.write_bytes(path.read_bytes()[:3000])


def _without_matrix(path):
    with fits.open(path) as hdus:
        kept = fits.HDUList([hdu for hdu in hdus if "MATRIX" not in hdu.name])
        kept.writeto(path, overwrite=True)


@pytest.mark.parametrize(
    ("harm", "kind", "words"),
    [
        (_cut, "rmf", "rmf"),
        (_without_matrix, "rmf", "No table in it has a MATRIX column"),
        (_cut, "pha", "pha"),
        (lambda path: path.unlink(), "arf", "effective area"),
    ],
)
def test_a_damaged_file_is_words_for_its_observation_and_the_others_count(whole, spectra, tmp_path, harm, kind, words):
    bad, good = spectra.chosen[:2]
    pattern = f"*{int(bad.split('.')[0]):05d}*_{kind}3.fits*"
    (path,) = (whole / "products").rglob(pattern)
    before = path.read_bytes()
    try:
        harm(path)
        damaged = SpectrumState(SourceState(ExplorerState(Archive(whole, cache=Cache(tmp_path / "again")))))
        damaged.source.open(spectra.source.name)
        wait(damaged)
        damaged.chosen, damaged.active = (bad, good), True
        wait(damaged)
    finally:
        path.write_bytes(before)
    assert isinstance(damaged.spectra[good], Spectrum)
    assert isinstance(damaged.spectra[bad], Missing)
    assert words in damaged.spectra[bad].why
    assert path.name.removesuffix(".gz") in damaged.spectra[bad].why
    assert damaged.fittable == [damaged.spectra[good]]


def test_another_source_while_files_come_gets_none_of_them(spectra):
    spectra.active = True
    spectra.source.open(OF_THE_HRC)
    wait(spectra)
    assert spectra.spectra.keys() == set(spectra.observations)
    assert spectra.observations.keys() == rows_by_key(spectra).keys()


_WITHOUT_SHERPA = """
import sys

sys.modules["sherpa"] = None
from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.workspace import Workspace
from cscwidgets.views.panels.spectrum import SpectrumPanel
from cscwidgets.views.sky import Sky

panel = SpectrumPanel(Workspace(ExplorerState(Archive("demo", cache=Cache(sys.argv[1])))), Sky())
tasks = panel.state.desk.tasks
panel.state.source.open(sys.argv[2])
tasks.wait(60)
panel.state.active = True
tasks.wait(60)
panel._together.value = False
print(len(panel.state.shown), sum(len(layer.x) > 2 for layer in panel.plot.data.layers))
print(panel.model.problem)
print(panel.state.desk.messages.entries)
"""


@pytest.mark.slow
def test_without_sherpa_the_data_are_drawn(demo_folder, eclipser, spectra, tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _WITHOUT_SHERPA, str(tmp_path / "cache"), eclipser[0]],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {build.CACHE_VARIABLE: str(demo_folder.parent), "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    numbers, problem, said = run.stdout.splitlines()
    shown, drawn = (int(number) for number in numbers.split())
    assert shown == len(spectra.chosen)
    assert drawn >= 2 * shown  # crosses: along and across
    assert "pip install sherpa" in problem
    assert said == "()"


def test_words_stand_where_a_table_has_less(spectra):
    rows = spectra.source.detections[["obsid", "obi", "region_id"]].copy()
    pretend(spectra.source, "SIM J000000.0+000002", rows)
    assert len(spectra.observations) == len(rows)
    assert all(f"ObsID {key.split('.')[0]}" in words for key, words in spectra.observations.items())
    assert messages(spectra) == ()
    assert np.isin(spectra.chosen, list(spectra.observations)).all()
