"""The simulated surveys: what a match finds in them is the truth that they were made with."""

import re
import shutil
import subprocess
import threading

import astropy.units as u
import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest, kstest, spearmanr

from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.demo.simulation import detections
from cscwidgets.demo.sky.fields import FIELDS
from cscwidgets.demo.sky.objects import EPOCH, objects
from cscwidgets.demo.sky.population import SourceClass, population
from cscwidgets.demo.tables.survey_tables import survey_tables
from cscwidgets.science.crossmatch import crossmatch
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.service.server import make_archive_server
from cscwidgets.sky.usable import circle

RADII = (0.6, 0.38, 0.35, 0.63)


@pytest.fixture(scope="module")
def surveys(demo_folder):
    return {name: pq.read_table(demo_folder / f"sim_{name}.parquet") for name in ("optical", "infrared", "truth")}


@pytest.fixture(scope="module")
def truth(surveys):
    return {row["name"]: row for row in surveys["truth"].to_pylist()}


@pytest.fixture(scope="module")
def matched(warm_demo, truth):
    """Of a field and a survey: sources, catalogue, match, and the identifiers of the true counterparts."""
    made = {}

    def match(field, survey):
        if (field, survey) not in made:
            target = FIELDS[field]
            region = circle(target.ra, target.dec, RADII[field])
            sources = warm_demo.search(region)
            catalogue = find_catalogue(f"sim_{survey}", warm_demo).near(region, 10 * u.arcsec)
            found = crossmatch(sources, catalogue, 5 * u.arcsec, source_epoch=EPOCH)
            known = [truth[str(name)][f"{survey}_id"] for name in sources["name"]]
            made[field, survey] = sources, catalogue, found, known
        return made[field, survey]

    return match


def right_and_known(found, known):
    best = found.sources["catalogue_name"]
    has = np.array([one is not None for one in known])
    right = [
        one is not None and two is not np.ma.masked and str(one) == str(two)
        for one, two in zip(known, best, strict=True)
    ]
    return np.array(right), has


def test_they_are_of_a_size_that_is_quickly_made(surveys):
    assert 15_000 < surveys["optical"].num_rows < 100_000
    assert 5_000 < surveys["infrared"].num_rows < 100_000
    assert surveys["truth"].num_rows == len(detections().masters)
    for table in surveys.values():
        assert "SIMULATED" in table.schema.metadata[b"description"].decode()


def test_identifiers_are_unique_and_the_truth_names_objects_that_exist(surveys, truth):
    for survey, key in (("optical", "source_id"), ("infrared", "designation")):
        identifiers = surveys[survey][key].to_pylist()
        assert len(set(identifiers)) == len(identifiers)
        named = [row[f"{survey}_id"] for row in truth.values() if row[f"{survey}_id"] is not None]
        assert set(named) <= set(identifiers)
        assert len(set(named)) == len(named)


def test_every_role_is_guessed(warm_demo):
    region = circle(83.822, -5.391, 0.1)
    optical = ColumnRoles.guess(find_catalogue("sim_optical", warm_demo).near(region, 0 * u.deg))
    assert (optical.name, optical.ra, optical.dec) == ("source_id", "ra", "dec")
    assert (optical.ra_error, optical.dec_error, optical.correlation) == ("ra_error", "dec_error", "ra_dec_corr")
    assert (optical.pmra, optical.pmdec, optical.epoch) == ("pmra", "pmdec", "ref_epoch")
    infrared = ColumnRoles.guess(find_catalogue("sim_infrared", warm_demo).near(region, 0 * u.deg))
    assert (infrared.name, infrared.ra, infrared.dec) == ("designation", "RAJ2000", "DEJ2000")
    assert (infrared.major, infrared.minor, infrared.angle) == ("errMaj", "errMin", "errPA")
    assert (infrared.content, infrared.epoch) == (None, "epoch")


def test_some_motions_and_magnitudes_are_null(surveys):
    for survey, columns in (("optical", ("pmra", "pmdec", "bp_rp")), ("infrared", ("Jmag", "Hmag", "Kmag", "e_Kmag"))):
        for name in columns:
            nulls = surveys[survey][name].null_count
            assert 0 < nulls < surveys[survey].num_rows / 2, name
    assert surveys["optical"]["ra"].null_count == surveys["optical"]["ra_error"].null_count == 0


@pytest.mark.parametrize("survey", ["optical", "infrared"])
def test_offsets_from_the_truth_are_those_the_errors_say(surveys, truth, survey):
    """Against the population's own positions, moved by its own motions."""
    numbers = {
        str(name): int(row)
        for name, row in zip(surveys["truth"]["name"].to_pylist(), detections().masters, strict=True)
    }
    source_of = {row[f"{survey}_id"]: numbers[name] for name, row in truth.items() if row[f"{survey}_id"] is not None}
    key = "source_id" if survey == "optical" else "designation"
    rows = [row for row in surveys[survey].to_pylist() if row[key] in source_of]
    everyone = objects()
    true = everyone.taken(np.flatnonzero(everyone.source >= 0))
    row_of = {int(source): row for row, source in enumerate(true.source)}
    picked = true.taken(np.array([row_of[source_of[row[key]]] for row in rows]))
    epoch, ra, dec = (
        np.array([row[name] for row in rows])
        for name in (("ref_epoch", "ra", "dec") if survey == "optical" else ("epoch", "RAJ2000", "DEJ2000"))
    )
    picked = picked.moved(epoch)
    east = (ra - picked.ra) * np.cos(np.radians(dec)) * 3600
    north = (dec - picked.dec) * 3600
    if survey == "optical":
        a, b, r = (np.array([row[name] for row in rows]) for name in ("ra_error", "dec_error", "ra_dec_corr"))
        x, y = east / a * 1000, north / b * 1000
        chi2 = (x**2 - 2 * r * x * y + y**2) / (1 - r**2)
    else:
        a, b, t = (np.array([row[name] for row in rows]) for name in ("errMaj", "errMin", "errPA"))
        sin, cos = np.sin(np.radians(t)), np.cos(np.radians(t))
        chi2 = ((east * sin + north * cos) / a) ** 2 + ((east * cos - north * sin) / b) ** 2
    assert len(chi2) > 1000
    assert kstest(chi2, "chi2", args=(2,)).pvalue > 1e-3


@pytest.mark.parametrize(
    ("field", "survey"), [(2, "infrared"), (2, "optical"), (0, "optical"), (3, "optical"), (3, "infrared")]
)
def test_a_match_recovers_the_truth(matched, field, survey):
    sources, _, found, known = matched(field, survey)
    right, has = right_and_known(found, known)
    assert abs(found.completeness - has.mean()) < 3 * np.hypot(found.completeness_error, 1 / len(sources))
    sure = np.asarray(found.sources["verdict"]) == "matched"
    assert right[sure].mean() > 0.96
    assert right[sure].sum() / has.sum() > 0.93
    p_any = np.asarray(found.sources["p_any"])
    for low, high in ((0, 0.02), (0.02, 0.5), (0.5, 0.95), (0.95, 1.01)):
        some = (p_any >= low) & (p_any < high)
        if some.any():
            expected = float(np.clip(p_any[some].mean(), 1e-4, 1 - 1e-4))
            assert binomtest(int(has[some].sum()), int(some.sum()), expected).pvalue > 1e-3, (low, high)


@pytest.mark.parametrize("survey", ["optical", "infrared"])
def test_in_the_core_of_the_cluster_chance_candidates_are_as_many_as_expected(matched, survey):
    _, _, found, known = matched(1, survey)
    has = np.array([one is not None for one in known])
    assert abs(found.completeness - has.mean()) < 3 * found.completeness_error
    true = np.array([str(one) for one in known])[found.candidates["source_row"]]
    wrong = np.sum(found.candidates["catalogue_name"].astype(str) != true)
    assert found.model.density.sum() * np.pi * 5**2 == pytest.approx(wrong, rel=0.08)


@pytest.mark.parametrize("survey", ["optical", "infrared"])
@pytest.mark.parametrize("field", range(4))
def test_moved_sources_have_the_chance_candidates_of_the_local_density(matched, field, survey):
    false = matched(field, survey)[2].false_matches()
    assert abs(false.chance - false.chance_predicted) < 2 * false.chance_error + 0.08 * false.chance_predicted


def test_nearly_all_young_stars_and_few_galaxies_have_infrared_counterparts(surveys):
    has = np.array([one is not None for one in surveys["truth"]["infrared_id"].to_pylist()])
    everyone, masters = population(), detections().masters
    field, kind = everyone.field[masters], everyone.kind[masters]
    assert has[(field == 2) & (kind == SourceClass.STAR)].mean() > 0.9
    assert has[kind == SourceClass.GALAXY].mean() < 0.1
    assert not has[np.isin(kind, [SourceClass.REMNANT, SourceClass.DIFFUSE])].any()


def test_the_article_s_figures_come_out(matched):
    """Harder young stars are redder, and brighter ones in X-rays are brighter in K: Orion's two diagrams."""
    sources, catalogue, found, _ = matched(2, "infrared")
    sure = np.asarray(found.sources["verdict"]) == "matched"
    row = np.asarray(found.sources["catalogue_row"].filled(0))[sure]
    colour = (catalogue["Jmag"] - catalogue["Kmag"]).value[row]
    hardness = np.asarray(sources["hard_hs"], float)[sure]
    both = np.isfinite(colour) & np.isfinite(hardness)
    assert both.sum() > 800
    assert spearmanr(colour[both], hardness[both]).statistic > 0.3
    flux, k = sources["flux_aper_b"].value[sure], catalogue["Kmag"].value[row]
    both = np.isfinite(k) & (flux > 0)
    assert spearmanr(k[both], np.log10(flux[both])).statistic < -0.4
    assert 10 < np.median(k[both]) < 13


def test_the_core_of_the_cluster_is_crowded(surveys):
    optical = surveys["optical"]
    ra, dec = (optical[name].to_numpy() for name in ("ra", "dec"))
    centre = FIELDS[1]
    distance = 60 * np.hypot((ra - centre.ra) * np.cos(np.radians(centre.dec)), dec - centre.dec)
    densities = [np.sum((distance >= low) & (distance < high)) / np.pi / (high**2 - low**2) for low, high in
                 ((0, 1), (3, 5), (15, 20))]  # fmt: skip
    assert densities[0] > 3 * densities[1] > 9 * densities[2]


def test_they_are_always_the_same():
    names = [""] * len(detections().masters)
    first, second = (survey_tables(names, detections().masters) for _ in range(2))
    assert all(first[name].equals(second[name]) for name in first)


@pytest.mark.stilts
@pytest.mark.slow
def test_taplint_finds_no_error_and_no_warning_about_them(demo_folder):
    stilts = shutil.which("stilts")
    if stilts is None:
        pytest.skip("STILTS is not installed")
    server = make_archive_server(demo_folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        command = [
            *(stilts, "taplint", f"tapurl=http://127.0.0.1:{server.port}/tap", "interface=tap1.1"),
            *("report=EWF", "stages=TMV TME TMS TMC MDQ", "maxrepeat=9999"),
        ]
        output = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False).stdout
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert re.search(r"Totals: Errors: 0;", output), output[-2000:]
    assert not [line for line in output.splitlines() if "csc21.sim_" in line]
