"""Kinds, ids and file names of products, against names of the real archive."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.csc.filenames import ProductFile, ProductName, newest, owner_folder, source_folder
from cscwidgets.csc.products import (
    KINDS,
    Kind,
    Level,
    Observation,
    ProductId,
    Source,
    Stack,
    bands_of,
    kind_of,
    kinds_of,
)
from cscwidgets.errors import ProductError

regions = st.integers(1, 99999)
observations = st.builds(Observation, st.integers(1, 99999), st.integers(0, 99))
stacks = st.builds(Stack, st.from_regex(r"\A(?:acis|hrc)fJ[0-9]{7}[pm][0-9]{6}_[0-9]{3}\Z"))
sources = st.builds(Source, st.from_regex(r"\A(?:2CXO|SIM) J[0-9]{6}\.[0-9][+-][0-9]{6}[A-Z]?\Z"))


@st.composite
def names(draw):
    kind: Kind = draw(st.sampled_from(list(KINDS.values())))
    owners = {Level.MASTER: sources, Level.STACK: stacks, Level.STACK_REGION: stacks}
    owner = draw(owners.get(kind.level, observations))
    if kind.level in {Level.OBSERVATION_REGION, Level.STACK_REGION}:
        owner = type(owner)(*(getattr(owner, slot) for slot in owner.__slots__[:-1]), draw(regions))
    observed = isinstance(owner, Observation)
    return ProductName(
        owner=owner,
        kind=kind,
        version=draw(st.integers(1, 999)),
        band=draw(st.sampled_from("bhmsuw")) if kind.per_band else "",
        cycle=draw(st.sampled_from(["", "e1", "e2"])) if observed else "",
        instrument=draw(st.sampled_from(["acis", "hrc", "pcad"])) if observed else "",
    )


@given(names())
def test_a_name_says_what_it_was_made_of(name):
    assert ProductName.parse(str(name)) == name
    assert ProductName.parse(f"{name}.gz") == name
    assert ProductId.parse(str(name.product)) == name.product


@given(st.text(max_size=60) | st.from_regex(r"acisf[0-9]{5}_[0-9]{3}N[0-9]{3}_.*"))
def test_other_text_is_refused_or_a_name(text):
    try:
        name = ProductName.parse(text)
    except ProductError:
        return
    assert str(name).replace("_e", "e") in text.replace("_e", "e")


@pytest.mark.parametrize(
    ("filename", "product", "version"),
    [
        ("acisf00078_000N021_r0058b_lc3.fits.gz", "78.0.58/lightcurve/b", 21),
        ("acisf00078_000N022_r0058_pha3.fits.gz", "78.0.58/spectrum/", 22),
        ("hrcf01870_000N030_r0001_arf3.fits.gz", "1870.0.1/arf/", 30),
        ("acisfJ1052487p571215_001N022_s_sens3.fits.gz", "acisfJ1052487p571215_001/sensity/s", 22),
        ("acisfJ1325063m430139_001N033_r0085b_regimg3.fits", "acisfJ1325063m430139_001.85/stkregimg/b", 33),
        ("acisfJ1325063m430139_001N020_b_img3.fits", "acisfJ1325063m430139_001/stkecorrimg/b", 20),
        ("acisf02125_000N021_e2_r0003b_lc3.fits", "2125.0.3/lightcurve/b", 21),
        ("2CXOJ0157505p374515N020_blocks3.fits", "2CXO J015750.5+374515/bayesblks/", 20),
        ("2CXOJ0129152m734603XN020_b_phot3.fits", "2CXO J012915.2-734603X/srcaperphot/b", 20),
    ],
)
def test_names_of_the_catalogue_documents(filename, product, version):
    name = ProductName.parse(filename)
    assert (str(name.product), name.version) == (product, version)
    assert str(name) == filename.removesuffix(".gz")


@pytest.mark.real
def test_every_real_file_name_is_read_and_made_again(real):
    files = [*real.glob("lightcurves/*/*/*.fits.gz"), *real.glob("spectra/csc_pha3/*.fits*")]
    assert len(files) > 40
    for path in files:
        name = ProductName.parse(path.name)
        assert str(name) == path.name.removesuffix(".gz")
        if name.kind.name == "lc":
            # These were laid out by search_csc itself.
            assert path.parent.name == owner_folder(name.owner)
    csc = "2CXO J010337.5-720133"
    assert (real / "lightcurves" / source_folder(csc)).is_dir()


@pytest.mark.real
def test_every_real_stack_is_an_owner(real):
    listed = json.loads((real / "stacks" / "version21.sensity.json").read_text())
    for stack, version in listed["versions"].items():
        name = ProductName(Stack(stack), KINDS["sensity"], version, "b")
        assert ProductName.parse(str(name)) == name
    lines = (real / "stacks" / "csc20_pd2_stacks_area_ra_dec.txt").read_text().splitlines()[1:]
    assert len(lines) == 7287
    assert all(isinstance(ProductId.parse(f"{line.split()[0]}/stkevt3/").owner, Stack) for line in lines)


def test_kinds_have_names_and_file_types_of_their_own():
    assert len(KINDS) == 38
    assert len({kind.filetype for kind in KINDS.values()}) == 38
    assert all(kind_of(kind.filetype) is kind is kind_of(kind.name) for kind in KINDS.values())
    assert all(re.fullmatch(r"[a-z]+3", kind.extension) for kind in KINDS.values())


@pytest.mark.parametrize("text", ["", "78.0.58", "78.0.58/lightcurve", "78.0.58/lightcurve/x", "78.0.58/spectrum/b"])
def test_what_is_no_product_is_refused(text):
    with pytest.raises(ProductError):
        ProductId.parse(text)


def test_the_newest_of_each_file():
    names = ["N021_e1", "N022_e1", "N020_e2"]
    files = [ProductFile(f"acisf00078_000{middle}_r0058b_lc3.fits") for middle in names]
    assert newest([*files, *files]) == [files[2], files[1]]


@pytest.mark.parametrize("name", ["../../etc", "a/b", "..", "SIM J<b>&\"é'", ""])
def test_a_source_folder_is_one_step_down(tmp_path, name):
    folder = (tmp_path / source_folder(name)).resolve()
    assert folder.parent == tmp_path.resolve()
    assert folder != tmp_path.resolve()


def test_kinds_and_bands_in_one_word_or_several():
    assert kinds_of("pha, arf,lc,pha") == kinds_of(["pha", "arf", "lc"]) == [KINDS["pha"], KINDS["arf"], KINDS["lc"]]
    assert bands_of("bsb") == bands_of("b, s") == bands_of(["b", "s"]) == ("b", "s")
    for wrong in ("x", ["broad"]):
        with pytest.raises(ProductError, match="no energy band"):
            bands_of(wrong)
    assert kinds_of("") == []
