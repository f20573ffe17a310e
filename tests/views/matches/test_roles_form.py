"""The form of column roles: shows what was guessed, sets what was edited, and takes any column and content."""

from dataclasses import replace

import astropy.units as u
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.views.matches.roles_form import RolesForm


@pytest.fixture
def form(orion):
    return RolesForm(orion, orion.explorer.desk.messages.guard)


def shown(form):
    return ColumnRoles(**{role: box.value for role, box in form._boxes.items()})


def test_it_shows_what_was_guessed(form, orion):
    expected = ColumnRoles.guess(orion.objects)
    assert (expected.ra, expected.major, expected.epoch) == ("RAJ2000", "errMaj", "epoch")
    assert shown(form) == expected
    assert set(form._boxes) == set(ColumnRoles.__dataclass_fields__)
    assert [value for _, value in form._boxes["ra"].options] == ["", *orion.objects.colnames]
    assert orion.roles is None


def test_an_edit_is_used_and_guessing_again_takes_it_back(form, orion):
    form._boxes["major"].value = "errMin"
    form._boxes["content"].value = 0.95
    form._boxes["error_unit"].value = u.mas
    expected = replace(ColumnRoles.guess(orion.objects), major="errMin", content=0.95, error_unit=u.mas)
    assert orion.roles == expected == orion.guessed_roles
    form._guess.click()
    assert orion.roles is None
    assert shown(form) == ColumnRoles.guess(orion.objects)


def test_what_code_sets_is_shown_whatever_it_is(form, orion):
    roles = ColumnRoles(ra="RAJ2000", dec="elsewhere", major="errMaj", content=0.3935, error_unit=u.arcmin)
    orion.roles = roles
    assert shown(form) == roles == orion.roles
    assert orion.explorer.desk.messages.entries == ()
    orion.roles = None
    assert 0.3935 not in dict(form._boxes["content"].options).values()


def test_another_catalogue_has_other_columns(form, orion):
    form._boxes["angle"].value = ""
    assert orion.roles is not None
    place = SkyCoord(orion.objects["RAJ2000"], orion.objects["DEJ2000"])
    orion.catalogue = TableCatalogue(QTable({"place": place, "pos_err": orion.objects["errMaj"]}), "mine")
    assert shown(form) == ColumnRoles()
    orion.run()
    orion.explorer.desk.tasks.wait(30)
    assert orion.explorer.desk.messages.entries == ()
    assert (form._boxes["ra"].value, form._boxes["dec"].value, form._boxes["major"].value) == (
        "place",
        "place",
        "pos_err",
    )
    assert orion.roles is None
