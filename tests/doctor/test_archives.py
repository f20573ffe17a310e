"""Archives that hold less, or more, than the catalogue are judged by what they are."""

import threading

import pyarrow as pa
import pytest

from cscwidgets import doctor
from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.releases import RELEASES
from cscwidgets.doctor.findings import Outcome
from cscwidgets.service.imports.importer import import_tables
from cscwidgets.service.server import make_archive_server

from .deviating import relaying


def outcomes(examination):
    return {result.name: result.outcome for result in examination.results}


def remarks(examination):
    return "\n".join(remark for result in examination.results for remark in result.remarks)


def test_three_columns_are_no_deviation(tmp_path):
    (tmp_path / "mine.csv").write_text("name,ra,dec\n2CXO J000100.0+020000,0.25,2.0\n2CXO J000102.4+020000,0.26,2.0\n")
    import_tables([tmp_path / "mine.csv"], tmp_path / "mine", title="Mine", release="csc2.1")
    examination = doctor.examine(tmp_path / "mine")
    assert examination.deviations == []
    assert examination.well
    assert "master_source: 3 of 515 columns." in remarks(examination)
    unasked = {name for name, outcome in outcomes(examination).items() if outcome is Outcome.UNASKED}
    assert unasked == {"joins", "limit", "listing", "files"}
    reasons = {result.name: result.reason for result in examination.results}
    assert "the archive has no master_stack_assoc" in reasons["joins"]
    assert "there are 2 sources where it is asked: nothing can be cut" in reasons["limit"]


def test_columns_of_ones_own_are_no_deviation(tmp_path):
    tables = {
        "master_source": pa.table(
            {
                "name": [f"2CXO J0001{second:02d}.0+020000" for second in range(9)],
                "ra": [0.25 + second / 240 for second in range(9)],
                "dec": [2.0] * 9,
                "my_class": ["AGN"] * 9,
            }
        )
    }
    info = ArchiveInfo("Mine", "csc2.1", "csc21", "made for a test", True, "2026-01-01T00:00:00Z")
    write_folder(tmp_path / "mine", tables, info)
    examination = doctor.examine(tmp_path / "mine")
    assert examination.deviations == []
    assert "9 sources in the circle" in remarks(examination)


@pytest.mark.real
def test_real_sources_of_an_import_are_judged_fairly(real, tmp_path):
    files = ("CSC_allmaster_30arcmin_500ks_4512srcs.tsv", "CSC_perobs_30arcmin_500ks_sigh3_hard_noconf_code.tsv")
    import_tables([real / "tables" / file for file in files], tmp_path / "centre", title="Sgr A*", release="csc2.0")
    examination = doctor.examine(tmp_path / "centre")
    assert examination.deviations == []


def test_what_serve_prints_can_be_examined(application):
    server = make_archive_server(application.database.tables.folder, products=application.products, token="word")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        examination = doctor.examine(server.base, pace=doctor.Pace(pause=0.0))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert examination.deviations == []
    assert examination.well


def test_a_service_without_cone_search_and_files_is_asked_the_rest(application):
    with relaying(application) as (base, relay):
        examination = doctor.examine(f"{base}/tap", ["availability", "cone", "listing", "files"])
    assert outcomes(examination) == {
        "availability": Outcome.WELL,
        "cone": Outcome.UNASKED,
        "listing": Outcome.UNASKED,
        "files": Outcome.UNASKED,
    }
    assert len(relay.questions) == 1
    assert examination.well


def test_the_releases_have_references():
    old, new = (doctor.subject_of(name).reference for name in ("csc20", "csc21"))
    assert set(RELEASES) == {"csc2.0", "csc2.1", "current"}
    assert "deltax" not in old.tables["stack_source"]
    assert new.tables is TABLES
    assert [count.number for count in new.counts] == [407_806, 2_143_847, 10_034, 15_533]
    assert new.counts[0].others == {"Chandra Source Catalog 2.0": 317_167}
    assert doctor.subject_of("csc21").companions is not None
    assert doctor.subject_of("demo").companions is None
