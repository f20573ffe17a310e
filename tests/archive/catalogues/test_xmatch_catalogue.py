"""CDS X-Match as its documentation has it, on a port of this machine, over the real stars of M4."""

import csv
import json
from functools import partial

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table

from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.catalogues.xmatch_catalogue import XMatchCatalogue
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.errors import CscError, QueryError, ServiceUnreachable, TruncatedResult
from cscwidgets.science.crossmatch import crossmatch
from cscwidgets.sky.usable import circle

from ..replying import replying, votable

REGION = circle(245.9, -26.5, 0.5)


@pytest.fixture(scope="module")
def gaia(real):
    """19,882 real stars around M4."""
    table = Table.read(real / "crossmatch" / "m4_gaia_2par.fits.gz", unit_parse_strict="silent")
    return table["source_id", "ra", "ra_error", "dec", "dec_error", "ra_dec_corr", "phot_g_mean_mag"]


@pytest.fixture(scope="module")
def recorded(real):
    """What CDS X-Match answered: angDist, position of the X-ray source, source_id."""
    header, *lines = csv.reader((real / "crossmatch" / "cross_match_2_param.csv").read_text().splitlines())
    return [(float(row[0]), float(row[2]), float(row[3]), int(row[header.index("source_id")])) for row in lines]


@pytest.fixture
def sources(recorded):
    return SkyCoord([row[1] for row in recorded], [row[2] for row in recorded], unit="deg")


@pytest.fixture
def options(tmp_path):
    with ServiceSession(read_timeout=20) as session:
        yield {"session": session, "cache": AnswerCache(tmp_path / "answers")}


def xmatch(catalogue, most=10**6):
    """The service; astropy matches."""
    stars = SkyCoord(catalogue["ra"], catalogue["dec"], unit="deg")

    def reply(request):
        form = request.form
        assert request.method == "POST"
        assert (form["request"], form["RESPONSEFORMAT"]) == ("xmatch", "votable")
        if form["cat2"] != "vizier:I/345/gaia2":
            return 400, json.dumps({"error": f"unknown table {form['cat2']}"})
        radius = float(form["distMaxArcsec"])
        assert 0 < radius <= 180
        upload = Table.read(request.files["cat1"].read().decode().splitlines(), format="ascii.csv")
        here = SkyCoord(upload[form["colRA1"]], upload[form["colDec1"]], unit="deg")
        one, other, distance, _ = stars.search_around_sky(here, radius * u.arcsec)
        answer = Table({"angDist": distance.arcsec})
        for name in upload.colnames:
            answer[name] = upload[name][one]
        for name in catalogue.colnames:
            answer[name] = catalogue[name][other]
        return votable(answer[:most], "OVERFLOW" if len(answer) > most else "OK")

    return reply


def test_the_stars_that_cds_found_come_back(gaia, recorded, sources, options):
    with replying(xmatch(gaia)) as (address, asked):
        catalogue = XMatchCatalogue("I/345/gaia2", 20 * u.arcsec, address=address, **options)
        found = catalogue.near(REGION, 1 * u.arcsec, sources=sources)
        assert len(asked) == 1
    assert {row[3] for row in recorded} <= set(found["source_id"])
    assert len(set(found["source_id"])) == len(found) > len(recorded)
    assert not {"angDist", "csc_row", "csc_ra", "csc_dec"} & set(found.colnames)
    rows = {int(row["source_id"]): row for row in found}
    for distance, ra, dec, identifier in recorded:
        star = SkyCoord(rows[identifier]["ra"], rows[identifier]["dec"], unit="deg")
        assert star.separation(SkyCoord(ra, dec, unit="deg")).arcsec == pytest.approx(distance, abs=1e-5)
    assert found.meta["provenance"].complete
    assert found.meta["provenance"].returned == len(found)
    assert "only rows within 20 arcsec of the sources; " in found.meta["provenance"].origin


def test_the_density_is_that_of_the_stars_around(gaia, sources, options):
    with replying(xmatch(gaia)) as (address, _):
        found = XMatchCatalogue("I/345/gaia2", 60 * u.arcsec, address=address, **options).near(
            REGION, 2 * u.arcsec, sources=sources
        )
    stars = SkyCoord(gaia["ra"], gaia["dec"], unit="deg")
    counted = np.array([np.sum((distance := stars.separation(place).arcsec) <= 60) - np.sum(distance <= 2)
                        for place in sources])  # fmt: skip
    expected = counted.sum() / (len(sources) * np.pi * (60**2 - 2**2)) / u.arcsec**2
    assert found.meta["density"].to_value(u.deg**-2) == pytest.approx(expected.to_value(u.deg**-2), rel=1e-9)
    table = Table({"ra": sources.ra, "dec": sources.dec})
    matched = crossmatch(table, found, 2 * u.arcsec, source_error=0.5 * u.arcsec, density=found.meta["density"])
    assert len(matched.candidates) >= len(sources)


def test_without_rows_beyond_the_match_there_is_no_density(gaia, sources, options):
    with replying(xmatch(gaia)) as (address, _):
        found = XMatchCatalogue("I/345/gaia2", 2 * u.arcsec, address=address, **options).near(
            REGION, 2 * u.arcsec, sources=sources
        )
    assert "density" not in found.meta


def test_the_same_question_goes_out_once(gaia, sources, options):
    with replying(xmatch(gaia)) as (address, asked):
        catalogue = XMatchCatalogue("I/345/gaia2", 20 * u.arcsec, address=address, **options)
        first = catalogue.near(REGION, 1 * u.arcsec, sources=sources)
        again = catalogue.near(REGION, 5 * u.arcsec, sources=sources)
        assert len(asked) == 1
        assert list(first["source_id"]) == list(again["source_id"])
        assert "cached" in again.meta["provenance"].origin
        assert again.meta["density"] != first.meta["density"]
        catalogue.near(REGION, 1 * u.arcsec, sources=sources[:-1])
        catalogue.near(REGION, 1 * u.arcsec, sources=sources, refresh=True)
        assert len(asked) == 3


def test_an_answer_that_is_cut_says_so_and_the_rest_can_be_had(gaia, sources, options):
    with replying(xmatch(gaia)) as (address, _):
        whole = XMatchCatalogue("I/345/gaia2", 6 * u.arcsec, address=address, **options).near(
            REGION, 1 * u.arcsec, sources=sources
        )
    with replying(xmatch(gaia, most=60)) as (address, _):
        catalogue = XMatchCatalogue("I/345/gaia2", 6 * u.arcsec, address=address, **options)
        with pytest.warns(TruncatedResult):
            cut = catalogue.near(REGION, 1 * u.arcsec, sources=sources)
        assert not cut.meta["provenance"].complete
        rest = catalogue.near(REGION, 1 * u.arcsec, sources=sources, complete=True)
    assert sorted(rest["source_id"]) == sorted(whole["source_id"])
    assert rest.meta["provenance"].complete


def test_nothing_near_is_an_empty_table(gaia, options):
    with replying(xmatch(gaia)) as (address, _):
        found = XMatchCatalogue("I/345/gaia2", 20 * u.arcsec, address=address, **options).near(
            REGION, 1 * u.arcsec, sources=SkyCoord([10.0, 11.0], [50.0, 51.0], unit="deg")
        )
    assert len(found) == 0
    assert "source_id" in found.colnames
    assert found.meta["provenance"].complete
    expected = 1 / (2 * np.pi * (20**2 - 1)) / u.arcsec**2
    assert found.meta["density"].to_value(u.arcsec**-2) == pytest.approx(expected.to_value(u.arcsec**-2))


@pytest.mark.parametrize("sources", [None, SkyCoord([np.nan], [1.0], unit="deg"), SkyCoord(1, 2, unit="deg")])
def test_without_positions_nothing_is_asked(options, sources):
    with pytest.raises(CscError, match="needs the positions of sources"):
        XMatchCatalogue("2mass", **options).near(REGION, 1 * u.arcsec, sources=sources)


def test_sources_without_a_position_are_not_uploaded(gaia, sources, options):
    ra, dec = sources.ra.deg.copy(), sources.dec.deg.copy()
    ra[0] = np.nan
    uploaded = []

    def reply(request):
        uploaded.append(request.files["cat1"].read().decode().splitlines())
        return votable(Table({"angDist": [1.0], "csc_row": [1], "ra": [1.0], "dec": [1.0]}))

    with replying(reply) as (address, _):
        XMatchCatalogue("I/345/gaia2", address=address, **options).near(
            REGION, 1 * u.arcsec, sources=SkyCoord(ra, dec, unit="deg")
        )
    assert [int(line.split(",")[0]) for line in uploaded[0][1:]] == list(range(1, len(sources)))


@pytest.mark.parametrize(
    ("table", "radius", "margin", "given", "words"),
    [
        ("I/345/gaia2", 200 * u.arcsec, 1, True, "radius 200.0 arcsec is not between 0 and 180"),
        ("I/345/gaia2", 5 * u.arcsec, 6, True, "match reaches 6 arcsec, the rows asked for 5 arcsec"),
        ("I/345/gaia2", 5 * u.arcsec, 1, False, "needs the positions of sources"),
        ("I/345/gaia3", 5 * u.arcsec, 1, True, "refused the request.*unknown table vizier:I/345/gaia3"),
    ],
)
def test_what_cannot_be_asked_is_said(gaia, sources, options, table, radius, margin, given, words):
    with replying(xmatch(gaia)) as (address, _):
        ask = partial(XMatchCatalogue, table, radius, address=address, **options)
        with pytest.raises(CscError, match=words):
            ask().near(REGION, margin * u.arcsec, sources=sources if given else None)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ((500, b"busy"), ServiceUnreachable, "X-Match. cannot answer now"),
        (b"<html>sorry</html>", QueryError, "could not be understood"),
        (b"", QueryError, "could not be understood"),
        (votable(Table({"a": [1]})), QueryError, "lacks angDist"),
    ],
)
def test_a_service_that_fails_says_how(options, answer, kind, words):
    options["session"]._timeout = (1, 5)
    with replying(lambda request: answer) as (address, _):
        catalogue = XMatchCatalogue("2mass", address=address, **options)
        with pytest.raises(kind, match=words):
            catalogue.near(REGION, 1 * u.arcsec, sources=SkyCoord([1.0], [2.0], unit="deg"))
