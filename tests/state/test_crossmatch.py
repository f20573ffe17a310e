"""The match of an explorer's sources: what the science says, never another question's answer, nothing lost unsaid."""

import threading
from contextlib import suppress
from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, vstack
from astropy.time import Time

from cscwidgets.archive.catalogues.cone_catalogue import ConeCatalogue
from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.demo.sky.objects import EPOCH
from cscwidgets.errors import CscError
from cscwidgets.science.crossmatch import crossmatch
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.counterparts import NO_COUNTERPART
from cscwidgets.science.matches.verdicts import Thresholds
from cscwidgets.state.crossmatch import CrossmatchState
from cscwidgets.state.explorer import ExplorerState

from ..archive.replying import replying, votable


def finish(state):
    state.explorer.desk.tasks.wait(30)


def run(state):
    state.run()
    finish(state)


def said(state):
    return [str(message) for message in state.explorer.desk.messages.entries]


def values(column):
    return np.asarray(np.ma.filled(np.ma.asarray(getattr(column, "value", column), float), np.nan))


def name_of(state, verdict, candidates=1):
    """A source of this verdict with so many candidates or more."""
    table = state.counterparts
    some = (np.asarray(table["verdict"]) == verdict) & (np.asarray(table["candidates"]) >= candidates)
    return str(table["name"][np.flatnonzero(some)[0]])


def verdict_of(state, name):
    table = state.counterparts
    return str(table["verdict"][np.asarray(table["name"]) == name][0])


@pytest.fixture
def infrared(orion_match):
    """The infrared objects as a reader's own table."""
    return QTable(orion_match.objects, meta={})


class Slow(TableCatalogue):
    """Its answer comes when it is let go."""

    def __init__(self, table, title="slow"):
        super().__init__(table, title)
        self.asked, self.go = threading.Event(), threading.Event()

    def near(self, *args, **options):
        self.asked.set()
        assert self.go.wait(20)
        return super().near(*args, **options)


def test_it_is_the_match_of_the_science(orion_match):
    state = orion_match
    sources = state.explorer.table
    objects = find_catalogue("sim_infrared", state.explorer.desk.archive).near(state.explorer.region, 60 * u.arcsec)
    expected = crossmatch(sources, objects, 2 * u.arcsec)
    np.testing.assert_array_equal(state.match.found.sources["p_any"], expected.sources["p_any"])
    assert state.match.found.counts == expected.counts
    table = state.counterparts
    assert list(table["name"]) == list(sources["name"])
    best = expected.sources["catalogue_row"]
    has = ~np.asarray(best.mask)
    assert list(table["designation"][has]) == list(objects["designation"][np.asarray(best[has])])
    assert np.ma.getmaskarray(table["designation"])[~has].all()
    assert state.match.simulated


def test_separations_are_those_of_astropy(orion_match):
    found, sources, objects = orion_match.match.found, orion_match.match.sources, orion_match.match.objects
    rows = found.candidates
    here = SkyCoord(sources["ra"], sources["dec"])[rows["source_row"]]
    there = SkyCoord(objects["RAJ2000"], objects["DEJ2000"])[rows["catalogue_row"]]
    np.testing.assert_allclose(rows["separation"].to_value("arcsec"), here.separation(there).arcsec, atol=1e-7)
    assert len(rows) > 500


def test_the_matched_are_the_true_ones(orion, tucanae, counterparts_truth):
    tucanae.epoch = EPOCH
    run(tucanae)
    for state, column, key in ((orion, "designation", "infrared_id"), (tucanae, "source_id", "optical_id")):
        table = state.counterparts
        matched = table[np.asarray(table["verdict"]) == "matched"]
        right = [str(counterparts_truth[str(row["name"])][key]) == str(row[column]) for row in matched]
        assert len(right) > 30
        # As many as the probabilities say, within three sigma of a binomial.
        expected, error = matched["p_match"].mean(), np.sqrt((matched["p_match"] * (1 - matched["p_match"])).sum())
        assert abs(np.sum(right) - expected * len(right)) <= max(3 * error, 1)


def test_selected_sources_only(orion):
    names = [str(name) for name in orion.explorer.table["name"][5:65]]
    orion.only_selected = True
    with pytest.raises(CscError, match="No sources are selected"):
        orion.run()
    assert orion.match is not None
    orion.explorer.desk.selection.publish("test", names)
    run(orion)
    assert [str(name) for name in orion.match.sources["name"]] == names
    assert len(orion.counterparts) == 60
    assert said(orion) == []


def test_nothing_to_match_is_said(warm_demo, orion):
    state = CrossmatchState(ExplorerState(warm_demo))
    with pytest.raises(CscError, match="No catalogue is chosen"):
        state.run()
    state.catalogue = orion.catalogue
    with pytest.raises(CscError, match="No sources are here"):
        state.run()
    assert state.candidates("x").colnames == []
    assert len(state.on_sky("x").ra) == 0


def test_a_prior_is_learnt_from_the_columns(orion):
    match = orion.match
    orion.prior = ("Kmag",)
    run(orion)
    expected = crossmatch(match.sources, match.objects, 2 * u.arcsec, prior="Kmag")
    np.testing.assert_array_equal(orion.match.found.sources["p_any"], expected.sources["p_any"])
    assert orion.counterparts.meta["crossmatch"]["prior"] == ["Kmag"]
    assert np.abs(values(orion.match.found.sources["p_any"]) - values(match.found.sources["p_any"])).max() > 0.001


def test_an_epoch_moves_the_objects_as_astropy_does(tucanae):
    tucanae.epoch = 1996.5
    run(tucanae)
    rows, objects = (
        tucanae.match.found.candidates,
        tucanae.match.objects[tucanae.match.found.candidates["catalogue_row"]],
    )
    moving = np.isfinite(values(objects["pmra"]))
    assert 0 < (~moving).sum() < moving.sum()
    sky = SkyCoord(
        objects["ra"],
        objects["dec"],
        distance=np.full(len(objects), 100) * u.pc,
        pm_ra_cosdec=np.nan_to_num(values(objects["pmra"])) * u.mas / u.yr,
        pm_dec=np.nan_to_num(values(objects["pmdec"])) * u.mas / u.yr,
        radial_velocity=np.zeros(len(objects)) * u.km / u.s,
        obstime=Time(2016.0, format="jyear", scale="tcb"),
    )
    then = sky.apply_space_motion(Time(1996.5, format="jyear", scale="tcb"))
    here = SkyCoord(tucanae.match.sources["ra"], tucanae.match.sources["dec"])[rows["source_row"]]
    np.testing.assert_allclose(rows["separation"].to_value("arcsec"), here.separation(then).arcsec, atol=1e-6)
    moved = np.abs(here.separation(then).arcsec - here.separation(sky).arcsec)
    assert moved.max() > 0.05
    # What the sky shows is where they were, too.
    name = str(rows["name"][int(moved.argmax())])
    seen, listed = tucanae.on_sky(name), tucanae.candidates(name)
    order = [
        np.flatnonzero((rows["name"] == name) & (rows["catalogue_row"] == row))[0] for row in listed["catalogue_row"]
    ]
    assert SkyCoord(seen.ra, seen.dec, unit="deg").separation(SkyCoord(then.ra, then.dec)[order]).arcsec.max() < 1e-6


def test_thresholds_change_verdicts_without_a_new_match(tucanae):
    match, before = tucanae.match, tucanae.counterparts
    tucanae.thresholds = Thresholds(0.99, 0.01)
    table = tucanae.counterparts
    assert tucanae.match is match
    p_any, p_match = values(table["p_any"]), np.nan_to_num(values(table["p_match"]))
    expected = np.where(p_match >= 0.99, "matched", np.where(p_any >= 0.01, "to review", "none"))
    assert list(table["verdict"]) == list(expected)
    assert list(before["verdict"]) != list(expected)
    made = table.meta["crossmatch"]
    assert (made["matched_from"], made["none_below"]) == (0.99, 0.01)
    assert sum(made["counts"][verdict] for verdict in ("matched", "to review", "none")) == len(table)


def test_decisions_are_kept_and_undone(tucanae):
    name = name_of(tucanae, "to review", candidates=2)
    best, other = tucanae.candidates(name)["catalogue_row"][:2]
    tucanae.decide(name, int(other))
    row = tucanae.counterparts[np.asarray(tucanae.counterparts["name"]) == name][0]
    assert (row["verdict"], bool(row["reviewed"])) == ("matched", True)
    assert row["source_id"] == tucanae.match.objects["source_id"][other]
    tucanae.thresholds = Thresholds(1.0, 0.9)
    assert verdict_of(tucanae, name) == "matched"
    tucanae.decide(name, NO_COUNTERPART)
    assert verdict_of(tucanae, name) == "none"
    assert tucanae.counterparts.meta["crossmatch"]["reviewed"] == 1
    tucanae.thresholds = Thresholds()
    tucanae.decide(name, None)
    assert verdict_of(tucanae, name) == "to review"
    assert tucanae.decisions == {}
    tucanae.decide(name, int(best))
    run(tucanae)
    assert tucanae.decisions == {}
    assert tucanae.counterparts.meta["crossmatch"]["reviewed"] == 0


def test_a_decision_for_what_is_no_candidate_is_refused_and_spoils_nothing(tucanae):
    name, before = name_of(tucanae, "matched"), tucanae.counterparts
    stranger = len(tucanae.match.objects) + 5
    for source, row in ((name, stranger), ("nobody", 0)):
        with pytest.raises(CscError, match="no candidate of"):
            tucanae.decide(source, row)
    assert tucanae.decisions == {}
    assert tucanae.counterparts is before
    tucanae.thresholds = Thresholds(0.9, 0.1)
    assert said(tucanae) == []


def test_candidates_are_listed_the_most_probable_first(tucanae):
    name = name_of(tucanae, "to review", candidates=2)
    listed = tucanae.candidates(name)
    assert set(map(str, listed["name"])) == {name}
    assert (np.diff(listed["p_i"]) <= 0).all()
    assert listed["p_i"].sum() == pytest.approx(1)
    assert list(listed["source_id"]) == list(tucanae.match.objects["source_id"][listed["catalogue_row"]])
    assert len(tucanae.candidates("nobody")) == 0


def test_what_the_sky_shows_of_a_source(tucanae, orion):
    state, name = orion, name_of(orion, "matched", candidates=2)
    listed, seen = state.candidates(name), state.on_sky(name)
    objects = state.match.objects[listed["catalogue_row"]]
    there = SkyCoord(objects["RAJ2000"], objects["DEJ2000"])
    assert SkyCoord(seen.ra, seen.dec, unit="deg").separation(there).arcsec.max() < 1e-6
    assert seen.best == 0
    row = state.match.sources[np.asarray(state.match.sources["name"]) == name][0]
    at = SkyCoord(row["ra"], row["dec"])
    own, *others = [SkyCoord(ra, dec, unit="deg") for ra, dec in seen.outlines]
    # The CSC's semi-axes are of the ellipse that holds 95% already; the infrared's are of 1 sigma.
    reach = own.separation(at).arcsec
    assert reach.max() == pytest.approx(row["err_ellipse_r0"].to_value("arcsec"), rel=1e-3)
    assert reach.min() == pytest.approx(row["err_ellipse_r1"].to_value("arcsec"), rel=1e-3)
    sigmas = np.sqrt(-2 * np.log(0.05))
    for outline, place, one in zip(others, there, objects, strict=True):
        assert outline.separation(place).arcsec.max() == pytest.approx(sigmas * one["errMaj"].value, rel=1e-3)
    state.decide(name, int(listed["catalogue_row"][1]))
    assert state.on_sky(name).best == 1
    state.decide(name, NO_COUNTERPART)
    assert state.on_sky(name).best == -1
    lonely = str(state.counterparts["name"][np.flatnonzero(np.asarray(state.counterparts["candidates"]) == 0)[0]])
    assert (len(state.on_sky(lonely).ra), len(state.on_sky(lonely).outlines)) == (0, 1)
    assert state.on_sky("nobody").outlines == ()


def test_objects_are_fetched_when_they_have_to_be(orion):
    run(orion)
    objects = orion.objects
    orion.radius, orion.epoch = 3.0, 2005.0
    run(orion)
    assert orion.objects is objects
    assert orion.counterparts.meta["crossmatch"]["radius_arcsec"] == 3.0
    orion.radius = 20.0  # moved sources reach further than a minute of arc
    run(orion)
    assert len(orion.objects) > len(objects)


def test_other_sources_and_other_catalogues_forget_the_match(orion):
    orion.decide(name_of(orion, "matched"), NO_COUNTERPART)
    orion.roles, orion.prior = ColumnRoles.guess(orion.objects), ("Kmag",)
    explorer = orion.explorer
    explorer.search("M42", "2 arcmin")
    finish(orion)
    assert (orion.match, orion.decisions, orion.counterparts.colnames) == (None, {}, [])
    # The columns are still the catalogue's.
    assert (orion.roles is None, orion.prior) == (False, ("Kmag",))
    orion.prior = ()
    run(orion)
    assert len(orion.match.sources) == len(explorer.table)
    orion.catalogue = find_catalogue("sim_optical", explorer.desk.archive)
    assert (orion.match, orion.roles, orion.prior) == (None, None, ())
    assert orion.objects.colnames == []


def other_catalogue(state):
    state.catalogue = find_catalogue("sim_optical", state.explorer.desk.archive)


def other_region(state):
    state.explorer.search("M42", "1 arcmin")


def the_same_region_again(state):
    state.explorer.search(state.explorer.region)


@pytest.mark.parametrize("change", [other_catalogue, other_region, the_same_region_again])
def test_an_answer_that_comes_too_late_is_dropped(orion, infrared, change):
    slow = Slow(infrared)
    orion.catalogue = slow
    orion.run()
    assert slow.asked.wait(10)
    before = orion.explorer.table
    change(orion)
    while any(other.key == "search" for other in orion.explorer.desk.tasks.running):
        with suppress(TimeoutError):  # only waiting takes answers in where a loop runs, as it does after a browser test
            orion.explorer.desk.tasks.wait(0.01)
    assert (orion.explorer.table is before) == (change is other_catalogue)
    slow.go.set()
    finish(orion)
    assert orion.match is None
    assert orion.objects.colnames == []
    assert said(orion) == []


def test_the_latest_of_two_questions_counts(orion, infrared):
    slow = Slow(infrared)
    orion.catalogue = slow
    orion.radius = 1.0
    orion.run()
    assert slow.asked.wait(10)
    orion.radius = 2.5
    orion.run()
    slow.go.set()
    finish(orion)
    assert orion.counterparts.meta["crossmatch"]["radius_arcsec"] == 2.5
    assert said(orion) == []


def test_a_service_that_fails_leaves_the_last_match(orion, infrared):
    answers = iter([votable(infrared["designation", "RAJ2000", "DEJ2000", "errMaj"])])
    with replying(lambda request: next(answers, (400, b"out of order"))) as (address, _):
        orion.catalogue = ConeCatalogue(address)
        orion.roles = ColumnRoles(name="designation", ra="RAJ2000", dec="DEJ2000", major="errMaj")
        run(orion)
        good = orion.match
        assert said(orion) == []
        orion.radius = 30.0
        run(orion)
    (message,) = orion.explorer.desk.messages.entries
    assert message.level == "error"
    assert "400" in str(message)
    assert orion.match is good
    assert len(orion.counterparts) == len(orion.explorer.table)


def test_a_prior_that_cannot_be_learnt_leaves_the_last_match(orion):
    good, orion.prior = orion.match, ("errPA",)
    orion.only_selected = True
    orion.explorer.desk.selection.publish("test", [str(name) for name in orion.explorer.table["name"][:4]])
    run(orion)
    (message,) = orion.explorer.desk.messages.entries
    assert (message.level, orion.match) == ("error", good)


def test_an_answer_that_was_cut_is_said(orion):
    orion.catalogue.maxrec = 100
    try:
        run(orion)
    finally:
        orion.catalogue.maxrec = 1_000_000
    (message,) = orion.explorer.desk.messages.entries
    provenance = orion.objects.meta["provenance"]
    assert message.level == "warning"
    assert f"{provenance.truncated:,} of {provenance.requested:,} NOT sent" in message.what
    assert orion.match.found.counts["catalogue"] == len(orion.objects) <= 100


def test_no_rows_match_nothing(orion, infrared):
    orion.catalogue = TableCatalogue(infrared[:0], "nothing")
    run(orion)
    counts = orion.match.found.counts
    assert (counts["catalogue"], counts["none"]) == (0, len(orion.explorer.table))
    assert said(orion) == []
    assert np.ma.getmaskarray(orion.counterparts["designation"]).all()
    assert orion.counterparts["Kmag"].unit == u.mag


def test_a_table_without_errors_is_matched_once_its_error_is_named(orion, infrared):
    infrared["blur"] = infrared["errMaj"]
    infrared.remove_columns(["errMaj", "errMin", "errPA"])
    orion.catalogue = TableCatalogue(infrared, "mine")
    run(orion)
    assert orion.match is None
    assert "No column of the catalogue is known as an error" in said(orion)[0]
    # What there is can be named: the columns are here.
    assert "blur" in orion.objects.colnames
    orion.roles = replace(orion.guessed_roles, major="blur")
    run(orion)
    expected = crossmatch(orion.explorer.table, orion.objects, 2 * u.arcsec, catalogue_roles=orion.roles)
    np.testing.assert_array_equal(orion.match.found.sources["p_any"], expected.sources["p_any"])


def test_roles_that_were_edited_are_used(orion):
    orion.roles = replace(orion.guessed_roles, content=0.95)
    run(orion)
    expected = crossmatch(orion.explorer.table, orion.objects, 2 * u.arcsec, catalogue_roles=orion.roles)
    np.testing.assert_array_equal(orion.match.found.candidates["sigmas"], expected.candidates["sigmas"])
    guessed = crossmatch(orion.explorer.table, orion.objects, 2 * u.arcsec).candidates["sigmas"]
    assert np.median(orion.match.found.candidates["sigmas"] / guessed) > 1.05


def test_rows_that_cannot_be_used_are_counted(orion, infrared):
    number = len(infrared)
    broken = QTable(infrared, masked=True)
    ra, error = broken["RAJ2000"].value.copy(), broken["errMaj"].value.copy()
    ra[:7], error[7:12] = np.nan, np.nan
    del broken["RAJ2000"], broken["errMaj"]
    broken["RAJ2000"] = MaskedColumn(ra, mask=np.arange(number) == 20, unit="deg")
    broken["errMaj"] = MaskedColumn(error, mask=np.arange(number) == 21, unit="arcsec")
    twice = vstack([broken, broken[30:40]], metadata_conflicts="silent")
    orion.catalogue = TableCatalogue(twice, "mine")
    run(orion)
    assert said(orion) == []
    counts, provenance = orion.match.found.counts, orion.objects.meta["provenance"]
    assert provenance.unplaced == 8
    assert provenance.returned == number + 10 == provenance.unplaced + provenance.outside + counts["catalogue"]
    assert (counts["catalogue_repeated"], counts["catalogue_without_error"]) == (10, 6)
    rest = counts["catalogue_without_position"] + counts["catalogue_repeated"]
    assert counts["catalogue"] == counts["catalogue_used"] + rest
    assert counts["sources"] == sum(counts[verdict] for verdict in ("matched", "to review", "none"))


@pytest.mark.parametrize(
    ("column", "unit", "words"),
    [("RAJ2000", u.m, "RAJ2000 is in m"), ("errMaj", u.mag, "errMaj is in mag, which is not an angle")],
)
def test_wrong_units_are_said(orion, infrared, column, unit, words):
    infrared[column] = infrared[column].value * unit
    orion.catalogue = TableCatalogue(infrared, "mine")
    run(orion)
    (message,) = said(orion)
    assert words in message
    assert orion.match is None


def test_coordinates_and_times_of_a_table_are_kept(orion, infrared):
    infrared["place"] = SkyCoord(infrared["RAJ2000"], infrared["DEJ2000"])
    infrared["seen"] = Time(values(infrared["epoch"]), format="jyear")
    infrared.remove_columns(["RAJ2000", "DEJ2000", "epoch"])
    expected = orion.match.found.sources["p_any"]
    orion.catalogue = TableCatalogue(infrared, "mine")
    run(orion)
    assert said(orion) == []
    np.testing.assert_allclose(orion.match.found.sources["p_any"], expected, rtol=1e-6)
    name = name_of(orion, "matched")
    assert orion.candidates(name)["seen"][0].jyear == pytest.approx(orion.counterparts["seen"].jyear[0], abs=5)


def test_what_can_be_chosen_is_offered_once(orion):
    orion.offer()
    finish(orion)
    titles = [catalogue.title for catalogue in orion.offered]
    for name in ("sim_optical", "sim_infrared", "gaia", "2mass", "csc"):
        assert find_catalogue(name, orion.explorer.desk.archive).title in titles
    assert len(set(titles)) == len(titles)
    before = orion.offered
    orion.offer()
    assert orion.explorer.desk.tasks.running == ()
    assert orion.offered is before


def test_x_match_reaches_as_far_as_moved_sources_go():
    assert find_catalogue("xmatch:2mass").radius > 60 * u.arcsec


def test_a_file_that_was_written_again_is_matched_as_it_is_now(orion, infrared, tmp_path):
    path = tmp_path / "mine.ecsv"
    infrared.write(path, format="ascii.ecsv")
    orion.catalogue = find_catalogue(str(path))
    run(orion)
    assert len(orion.objects) > 1
    infrared[:1].write(path, format="ascii.ecsv", overwrite=True)
    run(orion)
    assert said(orion) == []
    assert len(orion.match.objects) == 1
