"""Every reader of files under damaged files: one clear error, or numbers that are numbers, in time and in bounds."""

import gzip
import re
import shutil

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable, Table

from cscwidgets.csc.products import KINDS, Observation, ProductId, Stack
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.io.fits_headers import BLOCK, FitsWalker

from ..filefuzz import fuzz
from ..filereaders import READERS
from ..picture_files import picture_bytes
from ..sensitivity_fields import Fields, write_map

FEW, MANY = 60, 1000  # files
SLOW = 3  # times that an import takes longer than a reading
REAL_CURVE = "lightcurves/2CXOJ010337.5-720133/01311_000/acisf01311_000N021_r0084b_lc3.fits.gz"
REAL_TABLES = {
    "import fits": "47tuc_heinke2005_x_csc_heasarc.fits",
    "import tsv": "CSC_perobs_30arcmin_500ks_sigh3_hard_noconf_code.tsv",
    "import csv": "per_observation_2CXO_J010337.5-720133.csv",
}
ROWS = 40


def _of_the_demo(kind, owner):
    store = demo_store()
    (file,) = store.browse(ProductId(owner, KINDS[kind], "b" if KINDS[kind].per_band else ""))
    return gzip.decompress(store.read(KINDS[kind].filetype, file.filename))


def _imported(real, name, folder):
    path = real / "tables" / REAL_TABLES[name]
    if path.suffix == ".fits":
        (folder / "seed.fits").write_bytes(_first_rows(path.read_bytes()))
        return
    lines = path.read_bytes().splitlines(keepends=True)
    first = next(at for at, line in enumerate(lines) if not line.startswith(b"#"))
    (folder / f"seed{path.suffix}").write_bytes(b"".join(lines[: first + 12]))


def _first_rows(content):
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


def _catalogue(ending, folder):
    rng = np.random.default_rng(1)
    table = QTable(
        {
            "name": [f"S{number}" for number in range(ROWS)],
            "ra": rng.uniform(8, 12, ROWS) * u.deg,
            "dec": rng.uniform(18, 22, ROWS) * u.deg,
            "mag": rng.normal(20, 1, ROWS) * u.mag,
            "n": rng.integers(0, 9, ROWS),
            "good": rng.random(ROWS) > 0.5,
        }
    )
    how = {"csv": "ascii.csv", "txt": "ascii.basic", "ecsv": "ascii.ecsv", "fits": "fits", "parquet": "parquet"}
    (table if ending in {"ecsv", "fits", "parquet"} else Table(table)).write(
        folder / f"seed.{ending}", format=how[ending]
    )


DEMO_PRODUCTS = {
    "fov3": ("fov", Observation(90001, 0)),
    "events": ("regevt", Observation(90001, 0, 1)),
    "reg3": ("reg", Observation(90001, 0, 1)),
}


@pytest.fixture
def seeds(request, tmp_path):
    """A folder with the files that a reader's are made from: real ones, or the demo's where there are none."""

    def make(name):
        if name == "picture":
            (tmp_path / "seed.fits").write_bytes(gzip.decompress(picture_bytes()))
        elif name == "lc3":
            real = request.getfixturevalue("real")
            (tmp_path / "seed.fits").write_bytes(gzip.decompress((real / REAL_CURVE).read_bytes()))
        elif name in {"pha", "arf", "rmf"}:
            for path in (request.getfixturevalue("real") / "spectra" / "csc_pha3").glob("acisf04938*"):
                shutil.copyfile(path, tmp_path / path.name)
        elif name in DEMO_PRODUCTS:
            (tmp_path / "seed.fits").write_bytes(_of_the_demo(*DEMO_PRODUCTS[name]))
        elif name == "sens3":
            write_map(tmp_path / "seed_acisfJ1052487p571215_001N022_s_sens3.fits", Fields.simulate(1).map(0, 60))
        elif name in REAL_TABLES:
            _imported(request.getfixturevalue("real"), name, tmp_path)
        elif name == "ds9":
            (tmp_path / "seed.reg").write_text('# DS9\nglobal color=green\nicrs\ncircle(23.46,30.66,30")\n')
        else:
            _catalogue(name.split()[-1], tmp_path)
        return tmp_path

    return make


@pytest.mark.parametrize("reader", READERS)
def test_a_damaged_file_is_refused_in_words_or_read(reader, seeds):
    few = FEW // SLOW if reader in REAL_TABLES else FEW
    outcomes = fuzz(reader, seeds(reader), few)
    assert outcomes["read"] > 0
    assert outcomes["refused"] > few / 4


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("reader", READERS)
def test_a_thousand_damaged_files(reader, seeds):
    assert fuzz(reader, seeds(reader), MANY, first=FEW).total() == MANY


def test_the_demos_maps_are_read_like_the_real_ones(tmp_path):
    """What the fuzz of sens3 is made from is small; one damaged map of the demo's size is as quick."""
    from cscwidgets.demo.telescope.observations import stacks

    stack = next(one.stack_id for one in stacks() if one.mapped and one.instrument == "ACIS")
    (tmp_path / "seed.fits").write_bytes(_of_the_demo("sensity", Stack(stack)))
    assert fuzz("sens3", tmp_path, 10).total() == 10


def test_the_fuzz_sees_what_must_not_happen(tmp_path):
    (tmp_path / "seed.txt").write_text("photons")
    with pytest.raises(AssertionError) as seen:
        fuzz("staged failures", tmp_path, 5)
    for words in ("raw: .*KeyError", "hangs", "reaches outside: .'opens /etc/", "takes more than 1 GB", "that is none"):
        assert re.search(words, str(seen.value), re.DOTALL), words
