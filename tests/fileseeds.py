"""What readers are tried with before it is damaged: made up for all of them, and real where there are real ones."""

from __future__ import annotations

import gzip
import json
import shutil
import warnings
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.io.votable import from_table, writeto
from astropy.table import QTable, Table

from cscwidgets.csc.products import KINDS, Observation, ProductId
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.io.fits_headers import BLOCK, FitsWalker

from .answerreaders import KINDS_SENT, name_of
from .archive.fileserver import tar_of
from .picture_files import picture_bytes
from .product_files import product_bytes, write_two_sources
from .sensitivity_fields import Fields, write_map
from .source_files import write_source_files

__all__ = ["REAL_SEEDS", "make_seeds"]

REAL_CURVE = "lightcurves/2CXOJ010337.5-720133/01311_000/acisf01311_000N021_r0084b_lc3.fits.gz"
REAL_TABLES = {
    "import fits": "tables/47tuc_heinke2005_x_csc_heasarc.fits",
    "import tsv": "tables/CSC_perobs_30arcmin_500ks_sigh3_hard_noconf_code.tsv",
    "import csv": "tables/per_observation_2CXO_J010337.5-720133.csv",
}
REAL_VOTABLES = {"answer tabledata": "scs/csc_scs_m4_verb2.vot"}
REAL_SEEDS = frozenset({"lc3", "pha", "arf", "rmf", *REAL_TABLES})
"""Readers that real files are there for."""

ROWS = 40
QUERIES = """\
SELECT name, ra, dec FROM csc21.master_source WHERE ra > 2 AND dec < 5 ORDER BY ra
SELECT TOP 2 m.name, s.region_id FROM csc21.master_source m JOIN csc21.master_stack_assoc s ON m.name = s.name
SELECT COUNT(*) AS n, MIN(ra) FROM csc21.master_source GROUP BY dec HAVING COUNT(*) > 0
SELECT * FROM csc21.master_source WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 2.5, 1.0, 0.1))
SELECT name FROM csc21.master_source WHERE name IN ('a', 'b') OR name LIKE 'SIM%' AND NOT ra IS NULL
SELECT CASE WHEN ra > 2.5 THEN 1 ELSE 0 END AS side, LOG10(ra) FROM csc21.master_source
SELECT name FROM csc21.master_source WHERE dbo.cone_distance(ra, dec, 2.5, 1.0) <= 3
SELECT column_name, ucd FROM TAP_SCHEMA.columns WHERE table_name = 'csc21.master_source'
WITH near AS (SELECT name, ra FROM csc21.master_source) SELECT a.name FROM near a, near b WHERE a.ra <= b.ra"""
SESAME = """# M42\t#Q1\n#=S=Simbad (via url):    1\n%@ 1\n%I.0 M  42\n%C.0 HII
%J 83.82208 -5.39111 = 05:35:17.3 -05:23:28
%J.E [9999.00 9999.00 0] C 2006AJ....131.1163S\n#B 12\n\n#====Done (2026-Jan-01,00:00:00z)====\n"""


def make_seeds(name: str, folder: Path, real: Path | None = None) -> None:
    """Fill a folder with the seeds of a reader: real files where `real` is their folder, else made-up ones."""
    if real is not None:
        _real_seeds(name, folder, real)
    elif name.startswith("answer "):
        _votable(name.rpartition(" ")[2], folder)
    elif name in _WORDS:
        _WORDS[name](folder)
    elif name.startswith(("import ", "catalogue ")):
        _table(name, folder)
    elif name == "picture":
        (folder / "seed.fits").write_bytes(gzip.decompress(picture_bytes()))
    elif name == "sens3":
        write_map(folder / "seed_acisfJ1052487p571215_001N022_s_sens3.fits", Fields.simulate(1).map(0, 60))
    elif name in {"pha", "arf", "rmf"}:
        _spectrum(folder)
    else:
        _product(name, folder)


def _product(name: str, folder: Path) -> None:
    """A file of the demo, or one of a made-up source."""
    if name in {"fov3", "events", "reg3"}:
        owner = Observation(90001, 0) if name == "fov3" else Observation(90001, 0, 1)
        kind = {"fov3": "fov", "events": "regevt", "reg3": "reg"}[name]
        store = demo_store()
        (file,) = store.browse(ProductId(owner, KINDS[kind], ""))
        (folder / "seed.fits").write_bytes(gzip.decompress(store.read(KINDS[kind].filetype, file.filename)))
    else:
        made = folder / "made"
        made.mkdir()
        write_source_files(made)
        shutil.copyfile(made / f"{name}.fits", folder / "seed.fits")
        shutil.rmtree(made)


def _spectrum(folder: Path) -> None:
    """A spectrum of the demo with its responses, under the names that it refers to them by."""
    store = demo_store()
    owner = Observation(90501, 0, 1)
    for kind in ("pha", "arf", "rmf"):
        (file,) = store.browse(ProductId(owner, KINDS[kind], ""))
        content = gzip.decompress(store.read(KINDS[kind].filetype, file.filename))
        (folder / file.filename).write_bytes(content)


def _stars() -> QTable:
    rng = np.random.default_rng(1)
    return QTable(
        {
            "name": [f"S{number}" for number in range(ROWS)],
            "ra": rng.uniform(8, 12, ROWS) * u.deg,
            "dec": rng.uniform(18, 22, ROWS) * u.deg,
            "mag": rng.normal(20, 1, ROWS) * u.mag,
            "n": rng.integers(0, 9, ROWS),
            "good": rng.random(ROWS) > 0.5,
        }
    )


def _sources() -> QTable:
    """The same as sources of the catalogue."""
    table = _stars()
    table["name"] = [f"2CXO J0040{number:02d}.0+200000" for number in range(ROWS)]
    table.rename_columns(["mag", "n", "good"], ["significance", "acis_num", "var_flag"])
    table["significance"] = table["significance"].value
    return table


_HOW = {"csv": "ascii.csv", "txt": "ascii.basic", "tsv": "ascii.tab", "ecsv": "ascii.ecsv", "vot": "votable"}


def _table(name: str, folder: Path) -> None:
    use, ending = name.split()
    ending = {"votable": "vot"}.get(ending, ending)
    table = _sources() if use == "import" else _stars()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = table if ending in {"ecsv", "fits", "parquet", "vot"} else Table(table)
        plain.write(folder / f"seed.{ending}", format=_HOW.get(ending, ending))


def _votable(form: str, folder: Path) -> None:
    table = Table(_stars())
    if form == "numbers":
        table = table["ra", "dec", "mag", "n"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = from_table(table)
        document.resources[0].type = "results"
        tabledata = {"tabledata": "tabledata", "binary2": "binary2"}.get(form, "binary")
        writeto(document, str(folder / "seed.vot"), tabledata_format=tabledata)


def _tar(folder: Path) -> None:
    files = {name_of(kind): product_bytes(seed) for seed, kind in enumerate(KINDS_SENT)}
    (folder / "sent").mkdir()
    for name, content in files.items():
        (folder / "sent" / f"{name}.gz").write_bytes(content)
    (folder / "seed.tar").write_bytes(tar_of((f"{name}.gz", content) for name, content in files.items()))


def _listing(folder: Path) -> None:
    entries = [
        {"productId": at, "filename": name_of(kind), "filetype": KINDS[kind].filetype, "size": 1000 + at}
        for at, kind in enumerate(KINDS_SENT)
    ]
    (folder / "seed.json").write_text(json.dumps(entries))


def _surveys(folder: Path) -> None:
    records = [
        {"ID": f"CDS/P/{n}", "obs_title": f"Survey {n}", "hips_service_url": f"https://hips.example/{n}"}
        for n in range(5)
    ]
    (folder / "seed.json").write_text(json.dumps(records))


def _adql(folder: Path) -> None:
    write_two_sources(folder / "archive")
    (folder / "seed.adql").write_text(QUERIES)


_WORDS = {
    "ds9": lambda folder: (folder / "seed.reg").write_text(
        '# DS9\nglobal color=green\nicrs\ncircle(23.46,30.66,30")\n'
    ),
    "sesame": lambda folder: (folder / "seed.txt").write_text(SESAME),
    "tar": _tar,
    "listing": _listing,
    "surveys": _surveys,
    "adql": _adql,
}


def _real_seeds(name: str, folder: Path, real: Path) -> None:
    if name == "lc3":
        (folder / "seed.fits").write_bytes(gzip.decompress((real / REAL_CURVE).read_bytes()))
    elif name in {"pha", "arf", "rmf"}:
        for path in (real / "spectra" / "csc_pha3").glob("acisf04938*"):
            shutil.copyfile(path, folder / path.name)
    else:
        path = real / REAL_TABLES[name]
        if path.suffix == ".fits":
            (folder / "seed.fits").write_bytes(_first_rows(path.read_bytes()))
            return
        lines = path.read_bytes().splitlines(keepends=True)
        first = next(at for at, line in enumerate(lines) if not line.startswith(b"#"))
        (folder / f"seed{path.suffix}").write_bytes(b"".join(lines[: first + 12]))


def _first_rows(content: bytes) -> bytes:
    """A FITS file with the first rows of its only table, byte for byte."""
    walker = FitsWalker(len(content))
    walker.feed(content)
    primary, table = walker.units
    width, rows = table.axes()
    header = content[primary.start : table.start]
    card = f"NAXIS2  = {rows:>20}".encode()
    assert card in header
    data = content[table.start : table.start + ROWS * width]
    return (
        content[: primary.start]
        + header.replace(card, f"NAXIS2  = {ROWS:>20}".encode())
        + data
        + b" " * (-len(data) % BLOCK)
    )
