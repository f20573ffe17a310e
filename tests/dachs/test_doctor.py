"""The examination of an archive before a service of others: all that is there is well."""

from collections.abc import Mapping

import pytest

from cscwidgets import doctor
from cscwidgets.csc.releases import Release
from cscwidgets.doctor import Outcome

pytestmark = pytest.mark.dachs

CENTRE = (23.4621, 30.6599)  # M33 of the demo


@pytest.mark.parametrize("service", ["dachs", "embedded"])
def test_all_is_well(releases: Mapping[str, Release], service: str) -> None:
    subject = doctor.Subject(releases[f"{service} csc21"], doctor.Reference(complete=True, centre=CENTRE))
    examination = doctor.examine(subject)
    assert {one.name for one in examination.results if one.outcome is Outcome.UNASKED} == {
        "listing",
        "files",
    }  # neither has products here
    assert [deviation for deviation in examination.deviations if deviation.matters] == []
    assert examination.well
