"""CDS's list of HiPS, asked of a server of this machine that answers in its format."""

import json
import threading
import time

import pytest

from cscwidgets.archive import mocserver
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.errors import NotFound, QueryError, ServiceUnreachable

from .replying import replying

# A record as the server sends them (here of xcatdb/P/XMM/PN/color, cut to the fields that are asked for).
XMM = {
    "ID": "xcatdb/P/XMM/PN/color",
    "obs_title": "False color X-ray images (Red=0.5-1 Green=1-2 Blue=2-4.5)Kev",
    "hips_service_url": "http://saada.unistra.fr/PNColor",
    "hips_service_url_1": "http://alasky.u-strasbg.fr/SSC/xcatdb_P_XMM_PN_color",
    "hips_service_url_3": "https://alaskybis.u-strasbg.fr/SSC/xcatdb_P_XMM_PN_color/",
}


@pytest.fixture
def served(monkeypatch):
    """Let servers of this machine stand in for CDS's."""

    def serve(*addresses):
        monkeypatch.setattr(mocserver, "MOCSERVERS", addresses)

    return serve


def test_a_survey_is_found_by_its_identifier(served):
    with replying(lambda request: json.dumps([{**XMM, "ID": XMM["ID"] + "2"}, XMM])) as (address, asked):
        served(address)
        survey = mocserver.survey_called("ivo://xcatdb/P/XMM/PN/color")
    assert (survey.identifier, survey.name, survey.credit) == (XMM["ID"], XMM["obs_title"], "")
    assert survey.addresses == (
        "https://alaskybis.u-strasbg.fr/SSC/xcatdb_P_XMM_PN_color",
        "http://saada.unistra.fr/PNColor",
        "http://alasky.u-strasbg.fr/SSC/xcatdb_P_XMM_PN_color",
    )
    (request,) = asked
    assert dict(request.args) == {
        "ID": XMM["ID"],
        "get": "record",
        "fmt": "json",
        "fields": "ID,obs_title,obs_copyright,hips_service_url*",
    }


def test_words_are_looked_for_in_titles_and_identifiers(served):
    with replying(lambda request: json.dumps([XMM])) as (address, asked):
        served(address)
        assert [survey.identifier for survey in mocserver.find_surveys("x-ray colour)||(")] == [XMM["ID"]]
    assert asked[0].args["expr"] == (
        "dataproduct_type=image&&hips_service_url=*&&(obs_title=*x-ray*||ID=*x-ray*)&&(obs_title=*colour*||ID=*colour*)"
    )
    assert asked[0].args["casesensitive"] == "false"
    with pytest.raises(QueryError, match="There is no word"):
        mocserver.find_surveys(" ()")


def test_the_mirror_is_asked_when_the_first_does_not_answer(served):
    with replying(lambda request: json.dumps([XMM])) as (address, asked):
        served("http://127.0.0.1:9/query", address)
        assert mocserver.survey_called(XMM["ID"]).identifier == XMM["ID"]
    assert len(asked) == 1


def test_without_a_network_there_is_one_sentence(served):
    served("http://127.0.0.1:9/query", "http://127.0.0.1:9/query")
    with pytest.raises(ServiceUnreachable, match=r"CDS's list of HiPS could not be reached\. .*127\.0\.0\.1"):
        mocserver.find_surveys("radio")


def test_what_is_not_listed_is_said(served):
    with replying(lambda request: "[]") as (address, _):
        served(address)
        with pytest.raises(NotFound, match="'CDS/P/nothing' is not in CDS's list of HiPS"):
            mocserver.survey_called("CDS/P/nothing")
        assert mocserver.find_surveys("nothing") == []


@pytest.mark.parametrize(
    "answer", ["<html>Down</html>", '{"ID": "a"}', "[1]", "[" * 100_000, b"\xff\xfe", "x" * 5_000_000]
)
def test_an_answer_of_another_kind_is_refused(served, answer):
    with replying(lambda request: answer) as (address, _):
        served(address)
        with pytest.raises(QueryError):
            mocserver.find_surveys("radio")


@pytest.mark.parametrize("record", [{}, {"ID": 3}, {**XMM, "ID": ""}, {"ID": "a", "hips_service_url": "file:///etc"}])
def test_a_record_without_name_or_address_is_left_out(served, record):
    with replying(lambda request: json.dumps([record, XMM])) as (address, _):
        served(address)
        assert [survey.identifier for survey in mocserver.find_surveys("x")] == [XMM["ID"]]


def test_a_server_that_does_not_answer_is_given_up(served, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(mocserver, "_SECONDS", 0.5)
    with replying(lambda request: over.wait(20) and "[]") as (address, _):
        served(address)
        start = time.monotonic()
        with pytest.raises(ServiceUnreachable, match="did not answer in time"):
            mocserver.survey_called("CDS/P/slow", session=ServiceSession(1.0, 0.5))
        assert time.monotonic() - start < 5
        over.set()


def test_records_without_a_usable_address_are_not_no_surveys(served):
    records = [{"ID": "a", "hips_service_url": "brightish"}]
    with replying(lambda request: json.dumps(records)) as (address, _):
        served(address)
        with pytest.raises(QueryError, match="None of its records has an identifier and an address"):
            mocserver.find_surveys("radio")
