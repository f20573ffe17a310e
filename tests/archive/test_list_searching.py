"""What the rows of a list are: 10,000 of them against astropy's match of the whole simulated catalogue."""

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table

from cscwidgets import Archive
from cscwidgets.archive.lists.answer import in_words
from cscwidgets.archive.stacks import STACK_RADIUS, stack_positions
from cscwidgets.errors import CscError, QueryCancelled, QueryError, RegionError
from cscwidgets.export.files import write_table
from cscwidgets.service.imports.importer import import_tables
from cscwidgets.sky import names as sky_names
from cscwidgets.sky.sesame import NoAnswer

FIELDS = SkyCoord([23.46, 83.82, 6.02, 164.05], [30.66, -5.39, -72.08, 57.2], unit="deg")


@pytest.fixture(scope="module")
def catalogue(demo_folder):
    """All sources of the demo, and where its stacks point."""
    archive = Archive(demo_folder)
    schema = archive.open().schema
    rows = archive.query(
        f"SELECT name, ra, dec, err_ellipse_r0, err_ellipse_r1, err_ellipse_ang FROM {schema}.master_source"
    )
    members = archive.query(f"SELECT DISTINCT detect_stack_id FROM {schema}.detect_stack")
    return archive, rows, stack_positions(sorted(map(str, members["detect_stack_id"])))


@pytest.fixture(scope="module")
def ten_thousand(catalogue):
    """Near sources, between them, beside the fields, at poles and RA 0, and far away."""
    _, rows, _ = catalogue
    rng = np.random.default_rng(20)
    sources = SkyCoord(rows["ra"], rows["dec"])
    near = sources[rng.integers(0, len(sources), 5000)].directional_offset_by(
        rng.uniform(0, 360, 5000) * u.deg, rng.exponential(1.5, 5000) * u.arcsec
    )
    around = FIELDS[rng.integers(0, 4, 3500)].directional_offset_by(
        rng.uniform(0, 360, 3500) * u.deg, rng.uniform(0, 1, 3500) * u.deg
    )
    far = SkyCoord(rng.uniform(0, 360, 1496), np.degrees(np.arcsin(rng.uniform(-1, 1, 1496))), unit="deg")
    special = SkyCoord([0, 0, 0, 359.99999999], [90, -90, 0, -0.0001], unit="deg")
    parts = (near, around, far, special)
    ra, dec = (np.concatenate([getattr(part, axis).deg for part in parts]) for axis in ("ra", "dec"))
    return SkyCoord(ra, dec, unit="deg")[rng.permutation(10_000)]


def by_astropy(places, rows):
    """Name of the nearest source within whose 95 % ellipse each position lies, and how many there are."""
    sources = SkyCoord(rows["ra"], rows["dec"])
    at, of, apart, _ = sources.search_around_sky(places, 1 * u.arcmin)
    turned = sources[of].position_angle(places[at]) - u.Quantity(rows["err_ellipse_ang"])[of]
    major, minor = (u.Quantity(rows[f"err_ellipse_r{axis}"])[of] for axis in (0, 1))
    inside = np.hypot(apart * np.cos(turned) / major, apart * np.sin(turned) / minor) <= 1
    names, counts = np.full(len(places), "", "U30"), np.bincount(at[inside], minlength=len(places))
    for row, source in sorted(zip(at[inside], of[inside], strict=True), key=lambda pair: -places[pair[0]].ra.deg):
        best = names[row]
        if not best or places[row].separation(sources[source]) < places[row].separation(
            sources[list(rows["name"]).index(best)]
        ):
            names[row] = str(rows["name"][source])
    return names, counts


def test_ten_thousand_positions_are_what_astropy_says(catalogue, ten_thousand):
    archive, rows, stacks = catalogue
    answer = archive.search(ten_thousand)
    names, counts = by_astropy(ten_thousand, rows)
    assert list(answer["name"]) == list(names)
    assert answer["candidates"].tolist() == counts.tolist()
    nearest = ten_thousand.match_to_catalog_sky(stacks)[1].deg
    expected = np.where(names != "", "found", np.where(nearest <= STACK_RADIUS, "near a field", "not observed"))
    assert answer["status"].tolist() == expected.tolist()
    assert answer["line"].tolist() == list(range(1, 10_001))
    there = SkyCoord(answer["ra"], answer["dec"])
    assert there.separation(ten_thousand).max() < 1 * u.uas
    sources = answer.meta["sources"]
    assert set(sources["name"]) == set(names) - {""}
    assert len(set(sources["name"])) == len(sources)
    assert answer.meta["provenance"].simulated
    assert f"{(names != '').sum():,} found" in in_words(answer)


@pytest.mark.parametrize(
    "way",
    [
        lambda places, path: places.galactic,
        lambda places, path: places.to_string("hmsdms", precision=6),
        lambda places, path: "\n".join(places.to_string("decimal", precision=8)),
        lambda places, path: Table({"l": places.galactic.l.deg, "b": places.galactic.b.deg}),
        lambda places, path: QTable({"where": places}),
        lambda places, path: pd.DataFrame({"RA_ICRS": places.ra.deg, "DE_ICRS": places.dec.deg}),
        lambda places, path: pa.table({"ra": places.ra.deg, "dec": places.dec.deg}),
        lambda places, path: _written(places, path / "mine.csv"),
        lambda places, path: str(_written(places, path / "mine.vot")),
        lambda places, path: _lines(places, path / "mine.txt"),
    ],
)
def test_every_kind_of_list_has_one_answer(catalogue, ten_thousand, way, tmp_path):
    archive, _, _ = catalogue
    some = ten_thousand[:60]
    expected = archive.search_list(some)
    answer = archive.search(way(some, tmp_path))
    for column in ("status", "name", "candidates"):
        assert answer[column].tolist() == expected[column].tolist()


def _written(places, path):
    table = Table({"ra": places.ra.deg, "dec": places.dec.deg})
    table.write(path, format="votable" if path.suffix == ".vot" else "csv")
    return path


def _lines(places, path):
    path.write_text("# of mine\n" + "\n".join(places.to_string("hmsdms", sep=":", precision=6)))
    return path


def test_names_duplicates_and_what_is_none_are_told_row_by_row(catalogue, monkeypatch):
    archive, rows, _ = catalogue
    name = str(rows["name"][7])
    old = name.replace("SIM", "2CXO")

    def silent(_):
        raise NoAnswer("it is not there")

    asked = []
    monkeypatch.setattr(sky_names, "look_up", lambda one: asked.append(one) or silent(one))
    place = f"{rows['ra'][7].value:.7f} {rows['dec'][7].value:+.7f}"
    answer = archive.search_list(
        [name, "", name.removeprefix("SIM "), old, place, "M33", "M33", "Vela X-1", "Cyg X-3", "?!"]
    )
    assert answer["line"].tolist() == [1, 3, 4, 5, 6, 7, 8, 9, 10]
    assert answer["name"].tolist()[:4] == [name] * 4
    assert answer["repeats"].filled(0).tolist() == [0, 1, 1, 1, 0, 6, 0, 0, 0]
    assert answer["status"].tolist()[4:] == ["near a field"] * 2 + ["not understood"] * 3
    assert "no source of this name" in answer["note"][2]
    assert asked == ["Vela X-1"]  # who does not answer is not asked again
    assert all("Sesame" in note for note in answer["note"][6:8])
    assert in_words(answer).startswith("4 found, 2 near a field, 3 not understood")


def test_a_radius_takes_the_place_of_errors(catalogue):
    archive, rows, _ = catalogue
    sources = SkyCoord(rows["ra"], rows["dec"])
    places = sources[:200].directional_offset_by(70 * u.deg, 20 * u.arcsec)
    answer = archive.search(places, radius="25 arcsec")
    at, _of, _, _ = sources.search_around_sky(places, 25 * u.arcsec)
    assert answer["candidates"].tolist() == np.bincount(at, minlength=200).tolist()
    nearest = places.match_to_catalog_sky(sources)[0]
    assert answer["name"].tolist() == [str(rows["name"][one]) for one in nearest]


def test_columns_and_cuts_are_those_of_the_sources(catalogue):
    archive, rows, _ = catalogue
    names = list(map(str, rows["name"][:300]))
    answer = archive.search_list(names, ["powlaw_gamma"], "acis_num > 1")
    sources = answer.meta["sources"]
    assert "powlaw_gamma" in sources.colnames
    kept = archive.query(
        f"SELECT name FROM {archive.open().schema}.master_source WHERE acis_num > 1 AND name IN ("
        + ", ".join(f"'{name}'" for name in names)
        + ")"
    )
    assert set(sources["name"]) == set(kept["name"])
    others = answer[answer["status"] != "found"]
    assert len(others) == 300 - len(kept) > 0  # another source nearby does not take a name's place
    assert set(others["note"]) == {"no source of this name for which the conditions hold"}
    assert "acis_num > 1" in answer.meta["notes"][0]
    with pytest.raises(QueryError, match="'powlaw_gama'"):
        archive.search_list(names, ["powlaw_gama"])


def test_tables_that_go_along_and_pieces_bring_the_same(catalogue, ten_thousand, monkeypatch):
    archive, rows, _ = catalogue
    both = [*ten_thousand[:3000].to_string("decimal", precision=8), *map(str, rows["name"][:450])]
    sent = []
    tap = Archive._tap

    def counted(self, adql, maxrec, table, monitor, uploads=None):
        sent.append((adql, uploads is not None))
        return tap(self, adql, maxrec, table, monitor, uploads)

    monkeypatch.setattr(Archive, "_tap", counted)
    along = archive.search_list(both)
    assert any("TAP_UPLOAD" in adql for adql, uploaded in sent if uploaded)
    assert len(sent) <= 5
    sent.clear()
    monkeypatch.setattr(
        "cscwidgets.archive.list_searching.parse_capabilities", None
    )  # as a service without capabilities
    pieces = archive.search_list(both)
    assert not any(uploaded for _, uploaded in sent)
    assert len(sent) <= 8
    for column in ("status", "name", "candidates"):
        assert along[column].tolist() == pieces[column].tolist()
    assert sorted(along.meta["sources"]["name"]) == sorted(pieces.meta["sources"]["name"])


@pytest.mark.parametrize("ending", ["ecsv", "vot", "fits", "parquet"])
def test_an_answer_is_written_as_other_tables_are(catalogue, ending, tmp_path):
    archive, rows, _ = catalogue
    answer = archive.search_list([str(rows["name"][0]), "200 -60", "?!"])
    path = write_table(answer, tmp_path / f"mine.{ending}")
    again = archive.search_list(path)  # a file of an answer is a list again
    assert again["status"].tolist() == ["found", "not observed", "not understood"]
    assert again["name"][0] == rows["name"][0]
    answer.write(tmp_path / "plain.ecsv")
    assert QTable.read(tmp_path / "plain.ecsv").meta["sources"] == "1 sources, not in this file"


def test_an_archive_without_stacks_does_not_say_what_was_observed(catalogue, tmp_path):
    _, rows, _ = catalogue
    rows[:50].write(tmp_path / "mine.csv")
    import_tables([tmp_path / "mine.csv"], tmp_path / "archive")
    archive = Archive(tmp_path / "archive")
    answer = archive.search_list([str(rows["name"][3]), "200 -60"], radius="2 arcsec")
    assert answer["status"].tolist() == ["found", "not found"]
    assert in_words(answer) == "1 found, 1 not found"


@pytest.mark.real
def test_the_real_pulsars_are_found_by_position_and_by_name(real, tmp_path):
    import_tables([real / "tables" / "csc20_full_schema_137_pulsars.tsv"], tmp_path / "archive")
    archive = Archive(tmp_path / "archive")
    rows = archive.query("SELECT name, ra, dec, err_ellipse_r0 FROM csc21.master_source")
    places = SkyCoord(rows["ra"], rows["dec"])
    assert len(rows) > 130
    assert archive.search(places)["name"].tolist() == list(map(str, rows["name"]))
    assert archive.search(places.galactic.to_string("decimal", precision=8))["status"].tolist() != ["found"] * len(rows)
    galactic = ["galactic", *places.galactic.to_string("decimal", precision=8)]
    assert archive.search(galactic)["name"].tolist() == list(map(str, rows["name"]))
    # Names of an older release, whose last digits are other ones: 9 becomes 0, and is too far.
    written = [
        str(name)[:-1] + str((int(name[-1]) + 1) % 10) if name[-1].isdigit() else str(name) for name in rows["name"]
    ]
    others = archive.search(written)
    assert np.count_nonzero(others["status"] == "found") > 0.8 * len(rows)


def test_where_no_stack_looked_nothing_is_asked(catalogue, monkeypatch):
    archive, _, _ = catalogue
    answer = archive.search_list(["200 -60", "10 80"])
    assert answer["status"].tolist() == ["not observed"] * 2
    assert len(answer.meta["sources"]) == 0
    assert "name" in answer.meta["sources"].colnames


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ([], "type list|no position"),
        ("# nothing\n\n", "no position and no name"),
        (Table({"x": [1.0]}), "None of its columns x is known"),
        (QTable({"ra": [1] * u.kpc, "dec": [1] * u.deg}), "ra is in kpc"),
        ("missing.csv", "no file"),
        (3, "type int"),
        (SkyCoord(np.zeros(100_001), np.zeros(100_001), unit="deg"), "more than 100,000"),
    ],
)
def test_what_is_no_list_is_one_clear_error(catalogue, wrong, why):
    archive, _, _ = catalogue
    with pytest.raises(CscError, match=why):
        archive.search_list(wrong)
    with pytest.raises(RegionError, match="radius"):
        archive.search_list(["10 10"], radius="12 kpc")
    with pytest.raises(QueryError, match="detections"):
        archive.search(["10 10", "20 20"], table="stack_source")


def test_one_position_and_a_region_stay_what_they_were(catalogue):
    archive, _, _ = catalogue
    rows = archive.search(SkyCoord(23.46, 30.66, unit="deg"), radius="3 arcmin")
    assert "status" not in rows.colnames
    assert len(rows) > 10
    assert len(archive.search('icrs\ncircle(23.46, 30.66, 180")')) == len(rows)


def test_it_can_be_cancelled(catalogue, ten_thousand):
    archive, _, _ = catalogue

    class Impatient:
        def report(self, message, fraction=None):
            if "matching" in message or "asked for" in message:
                raise QueryCancelled("enough")

        def check(self):
            pass

    with pytest.raises(QueryCancelled):
        archive.search_list(ten_thousand, monitor=Impatient())
