"""What people write finds the catalogue they mean, and an archive's own tables are catalogues too."""

import astropy.units as u
import pytest
from astropy.table import Table

from cscwidgets import Archive
from cscwidgets.archive.catalogues.cone_catalogue import ConeCatalogue
from cscwidgets.archive.catalogues.file_catalogue import FileCatalogue
from cscwidgets.archive.catalogues.finder import ArchiveCatalogue, find_catalogue
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.archive.catalogues.well_known import CATALOGUES, VIZIER_TAP
from cscwidgets.archive.catalogues.xmatch_catalogue import XMatchCatalogue
from cscwidgets.errors import CscError
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.position_error import sigmas_of
from cscwidgets.sky.usable import circle

M42 = circle(83.822, -5.391, 0.1)


@pytest.mark.parametrize("key", CATALOGUES)
def test_a_known_catalogue_is_found_by_key_and_title(key):
    for text in (key, CATALOGUES[key].title, key.upper(), f" {key} "):
        found = find_catalogue(text)
        assert isinstance(found, TapCatalogue)
        assert (found.name, found.table) == (key, CATALOGUES[key].table)


@pytest.mark.parametrize(
    ("text", "key"), [("Gaia", "gaia-dr3"), ("Pan-STARRS", "panstarrs"), ("WISE all", None), ("4XMM-DR13", "4xmm")]
)
def test_the_beginning_of_just_one_will_do(text, key):
    if key is None:
        with pytest.raises(CscError):
            find_catalogue(text)
    else:
        assert find_catalogue(text).name == key


@pytest.mark.parametrize("catalogue", [c for c in CATALOGUES.values() if c.ra], ids=lambda c: c.key)
def test_roles_of_known_catalogues_are_guessed(catalogue):
    roles = ColumnRoles.guess(Table({name: [0.0] for name in (catalogue.ra, catalogue.dec, *catalogue.columns)}))
    assert (roles.ra, roles.dec) == (catalogue.ra, catalogue.dec)
    if catalogue.columns:
        assert roles.name
        assert roles.major or roles.ra_error


@pytest.mark.parametrize("text", ["II/246/out", "vizier:II/246/out", "J/A+A/692/A123/table1", "IX/69/xmm4d13s"])
def test_a_vizier_table_is_asked_of_vizier(text):
    found = find_catalogue(text)
    assert isinstance(found, TapCatalogue)
    assert found.table == text.removeprefix("vizier:")
    assert VIZIER_TAP in repr(found)


@pytest.mark.parametrize(
    ("text", "table", "name"),
    [("xmatch:2MASS", "II/246/out", "2mass"), ("xmatch:I/345/gaia2", "I/345/gaia2", "i_345_gaia2")],
)
def test_cds_xmatch_is_asked_where_told(text, table, name):
    found = find_catalogue(text)
    assert isinstance(found, XMatchCatalogue)
    assert (found.table, found.name) == (table, name)


def test_the_archive_s_session_is_used():
    archive = Archive("csc2.1", connect_timeout=3)
    for text in ("2mass", "xmatch:2mass", "II/246/out", "https://example.org/tap t", "https://example.org/cone"):
        assert find_catalogue(text, archive)._connection.session is archive.session


def test_addresses_and_files(tmp_path):
    tap = find_catalogue("https://gea.esac.esa.int/tap-server/tap gaiadr3.gaia_source")
    assert isinstance(tap, TapCatalogue)
    assert (tap.table, tap.name) == ("gaiadr3.gaia_source", "gaia_source")
    cone = find_catalogue("https://example.org/cone?cat=x&")
    assert isinstance(cone, ConeCatalogue)
    assert cone.address == "https://example.org/cone?cat=x&"
    path = tmp_path / "mine.csv"
    path.write_text("ra,dec\n1,2\n")
    assert isinstance(find_catalogue(str(path)), FileCatalogue)
    with pytest.raises(CscError, match="There is no file"):
        find_catalogue(str(tmp_path / "none.csv"))


@pytest.mark.parametrize("text", ["", "2mss", "no such thing", "sim_optical"])
def test_what_is_none_of_these_is_told_what_there_is(text):
    with pytest.raises(CscError, match=r"There is no catalogue.*2mass, gaia-dr3.*II/246/out"):
        find_catalogue(text)


def test_the_demo_holds_simulated_catalogues(warm_demo):
    titles = [catalogue.title for catalogue in warm_demo.catalogues()]
    assert titles == sorted(titles)
    assert len(titles) == 2
    assert all("SIMULATED" in title for title in titles)
    for title, name in zip(titles, ("sim_infrared", "sim_optical"), strict=True):
        assert find_catalogue(title, warm_demo).name == find_catalogue(name, warm_demo).name == name
        found = find_catalogue(name, warm_demo).near(M42, 5 * u.arcsec)
        assert len(found)
        assert found.meta["provenance"].simulated
    with pytest.raises(CscError, match="sim_infrared, sim_optical"):
        find_catalogue("no such thing", warm_demo)


def test_the_sources_themselves_are_a_catalogue(warm_demo):
    for catalogue in (ArchiveCatalogue(warm_demo), find_catalogue("CSC", warm_demo)):
        found = catalogue.near(M42, 0 * u.deg)
        assert sorted(found["name"]) == sorted(warm_demo.search(M42)["name"])
        assert found["err_ellipse_r0"].unit == u.arcsec
        assert found.meta["provenance"].simulated
        assert catalogue.name == "csc"
        assert catalogue.title == "Simulated demo sky"


def test_a_release_of_the_cxc_holds_no_other_catalogues():
    assert Archive("csc2.1").catalogues() == []


def test_the_name_that_the_first_readme_gave_works_once_more():
    with pytest.warns(DeprecationWarning, match="cscwidgets.archive.find_catalogue now"):
        from cscwidgets.archive.counterparts import find_catalogue as before
    assert before is find_catalogue
    with pytest.raises(ImportError):
        from cscwidgets.archive.counterparts import nothing_of_the_kind  # noqa: F401


@pytest.mark.parametrize(("key", "column", "content"), [("4xmm", "SC_POSERR", 0.632), ("erass1", "posErr", None)])
def test_what_an_error_radius_means_is_the_catalogue_s_to_say(key, column, content):
    known = CATALOGUES[key]
    assert known.error
    assert TapCatalogue.known(known).error_content == known.content == content
    rows = Table({known.ra: [0.0], known.dec: [0.0], column: [1.0]}, meta={"position_error_content": known.content})
    roles = ColumnRoles.guess(rows)
    assert (roles.major, roles.content) == (column, content)


def test_an_error_radius_of_xmm_is_the_root_of_both_axes_squared_errors():
    """SSC's description of POSERR: 63 % of all positions lie within it, so that one axis has 1 / sqrt 2 of it."""
    assert 1 / sigmas_of(CATALOGUES["5xmm"].content) == pytest.approx(1 / 2**0.5, rel=1e-3)


def test_a_catalogue_that_vizier_lacks_is_not_asked_of_x_match():
    with pytest.raises(CscError, match="not among VizieR's tables"):
        find_catalogue("xmatch:5xmm")
