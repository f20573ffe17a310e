"""Every line of docs/files.md is true: a keyword that is changed is used, said, refused or ignored as it says there."""

import pickle
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.science import lightcurve, spectrum
from cscwidgets.science.region_file import read_regions
from cscwidgets.science.times import read_events

from ..source_files import write_source_files
from ..spectrum_files import AREA, CHANNELS, write_spectrum

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "files.md"
FILES = {
    "Event lists": ("evt.fits", read_events),
    "Spectra": ("s.pha", spectrum.read),
    "Effective areas": ("s.pha", spectrum.read),
    "Matrices": ("s.pha", spectrum.read),
    "Light curves": ("lc3.fits", lightcurve.read),
    "Regions": ("reg3.fits", read_regions),
}


def _lines():
    """Section, keyword and what is done with it, one after the other."""
    section = ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = re.split(r" \(", line[3:])[0]
        elif row := re.match(r"\| `(\w+)` \| ([a-z, ]+) \|", line):
            for how in row[2].split(", "):
                yield section, row[1], how


def _write_events(path):
    header = {
        "MJDREF": 50814.0, "TIMESYS": "TT", "TIMEREF": "LOCAL", "TSTART": 0.0, "TSTOP": 1000.0, "OBS_ID": "78",
        "INSTRUME": "ACIS", "DTCOR": 0.98, "TIMEDEL": 3.2,
    }  # fmt: skip
    tables = []
    for name, columns, cards in (
        (
            "EVENTS",
            {"time": [10.0, 20, 30], "energy": [1e3] * 3, "ccd_id": [6, 7, 7], "x": [1, 2, 3], "y": [1, 2, 3]},
            {},
        ),
        ("GTI", {"START": [0.0], "STOP": [900.0]}, {"CCD_ID": 7, "TIMESYS": "TT"}),
        ("GTI", {"START": [0.0], "STOP": [800.0]}, {"CCD_ID": 6, "TIMESYS": "TT"}),
    ):
        made = [fits.Column(key, "D", array=np.asarray(values, float)) for key, values in columns.items()]
        tables.append(fits.BinTableHDU.from_columns(made, name=name))
        tables[-1].header.update((header if name == "EVENTS" else {}) | cards)
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """Files of each kind, as usual."""
    folder = tmp_path_factory.mktemp("usual")
    write_source_files(folder)
    write_spectrum(folder)
    _write_events(folder / "evt.fits")
    return folder


@pytest.fixture
def folder(usual, tmp_path):
    """A copy of them, to change."""
    for name in (EVT, PHA, "b.pha", ARF, RMF, LC, REG):
        shutil.copyfile(usual / name, tmp_path / name)
    return tmp_path


# Changes of a file; `None` takes a keyword away.


def card(file, extensions=(1,), **cards):
    return partial(_card, file=file, extensions=extensions, cards=cards)


def _card(folder, file, extensions, cards):
    with fits.open(folder / file, mode="update") as hdus:
        for extension in extensions:
            for key, value in cards.items():
                if value is None:
                    del hdus[extension].header[key]
                else:
                    hdus[extension].header[key] = value


def table(file, change, extension=1):
    """Change the columns of a table, a dictionary of arrays."""
    return partial(_table, file=file, extension=extension, change=change)


def _table(folder, file, extension, change):
    with fits.open(folder / file) as hdus:
        made = [hdu.copy() for hdu in hdus]
    old = made[extension]
    columns = {name: np.array(old.data[name]) for name in old.columns.names}
    change(columns)
    new = fits.BinTableHDU.from_columns(
        [
            fits.Column(
                name,
                "16A" if values.dtype.kind == "U" else f"{values[0].size}{'J' if values.dtype.kind == 'i' else 'D'}",
                array=values,
            )
            for name, values in columns.items()
        ],
        name=old.name,
    )
    new.header.extend((one for one in old.header.cards if one.keyword not in new.header), strip=True)
    made[extension] = new
    fits.HDUList(made).writeto(folder / file, overwrite=True)


def put(**values):
    return lambda columns: columns.update({name: np.array(value) for name, value in values.items()})


def scale(name, factor):
    return lambda columns: columns.update({name: columns[name] * factor})


def twice(file, extension=1, **cards):
    """A second table of the same kind."""

    def change(folder):
        with fits.open(folder / file) as hdus:
            made = [hdu.copy() for hdu in hdus]
        other = made[extension].copy()
        other.header.update(cards)
        if "STOP" in other.columns.names:
            other.data["STOP"] -= 50
        fits.HDUList([*made, other]).writeto(folder / file, overwrite=True)

    return change


def both(*changes):
    def change(folder):
        for one in changes:
            one(folder)

    return change


def placed(first):
    """Coordinates of the columns of sky pixels, of which this is the number of the first."""
    axes = (("RA---TAN", 6.0, -1e-4), ("DEC--TAN", -72.0, 1e-4))
    return {
        f"{key}{first + axis}": value
        for axis, values in enumerate(axes)
        for key, value in zip(("TCTYP", "TCRVL", "TCDLT", "TCRPX"), (*values, 4096.5), strict=True)
    }


def as_rates(columns):
    columns["RATE"] = columns.pop("COUNTS") / 7.0


def doubled(columns):
    columns.update({name: np.repeat(values, 2, axis=0) for name, values in columns.items()}, COMPONENT=np.arange(2))


EVT, PHA, ARF, RMF, LC, REG = "evt.fits", "s.pha", "a.arf", "m.rmf", "lc3.fits", "reg3.fits"
BOTH = (1, 2)
FLAGS = np.where(np.arange(CHANNELS) == 9, 1, 0)
BARYCENTRED = both(card(EVT, TIMESYS="TDB", TIMEREF="SOLARSYSTEM"), card(EVT, (2, 3), TIMESYS="TDB"))

CHANGES = {
    "Event lists": {
        "TIMESYS": {"used": BARYCENTRED, "refused": card(EVT, TIMESYS="UTC")},
        "TIMEREF": {"refused": card(EVT, TIMEREF="SOLARSYSTEM")},
        "MJDREF": {"refused": card(EVT, MJDREF=51544.0)},
        "MJDREFI": {"refused": card(EVT, MJDREFI=51544, MJDREFF=0.0)},
        "TIMEUNIT": {"refused": card(EVT, TIMEUNIT="d")},
        "TIMEZERO": {"used": card(EVT, TIMEZERO=5.0)},
        "TSTART": {"used": card(EVT, TSTART=2.0)},
        "TSTOP": {"used": card(EVT, TSTOP=990.0)},
        "TIMEDEL": {"used": card(EVT, TIMEDEL=0.4)},
        "DTCOR": {"used": card(EVT, DTCOR=0.9), "said": card(EVT, DTCOR=None), "refused": card(EVT, DTCOR=1.2)},
        "LIVETIME": {"used": card(EVT, LIVETIME=9.0, ONTIME=10.0)},
        "CLOCKAPP": {"said": card(EVT, CLOCKAPP=False)},
        "READMODE": {"said": card(EVT, READMODE="CONTINUOUS")},
        "OBS_ID": {"used": card(EVT, OBS_ID="79"), "said": card(EVT, OBS_ID="Merged")},
        "INSTRUME": {"used": card(EVT, INSTRUME="HRC")},
        "CCD_ID": {"used": both(card(EVT, (2,), CCD_ID=6), card(EVT, (3,), CCD_ID=7))},
        "HDUCLAS1": {
            "used": card(EVT, (2,), EXTNAME="FLARES", HDUCLAS1="GTI", CCD_ID=9),
            "said": card(EVT, (2,), EXTNAME="FLARES"),
        },
        "EXTVER": {"refused": twice(EVT), "said": twice(EVT, 2)},
        "TUNIT": {"used": card(EVT, (2,), TUNIT2="ks"), "refused": card(EVT, TUNIT1="keV")},
        "DSVAL": {"said": card(EVT, DSTYP3="energy", DSVAL3="500.0:2000.0")},
        "STATUS": {"said": table(EVT, put(STATUS=[0, 4, 0]))},
        "GRADE": {"said": table(EVT, put(GRADE=[0, 7, 0]))},
        "TCROT": {"refused": card(EVT, TCROT5=30.0, **placed(4))},
        "RADESYS": {"refused": card(EVT, RADESYS="FK4", **placed(4))},
        "TIMEPIXR": {"ignored": card(EVT, TIMEPIXR=0.0)},
    },
    "Spectra": {
        "COUNTS": {"used": table(PHA, scale("COUNTS", 2)), "said": table(PHA, scale("COUNTS", 0.7))},
        "RATE": {"used": table(PHA, as_rates), "said": table(PHA, as_rates)},
        "EXPOSURE": {"used": card(PHA, EXPOSURE=4e4), "refused": card(PHA, EXPOSURE=0.0)},
        "BACKSCAL": {
            "used": card(PHA, BACKSCAL=0.02),
            "said": card(PHA, BACKSCAL=None),
            "refused": card(PHA, BACKSCAL=0.0),
        },
        "AREASCAL": {"used": card(PHA, AREASCAL=0.9), "refused": card(PHA, AREASCAL=0.0)},
        "GROUPING": {"used": table(PHA, put(GROUPING=1 - 2 * FLAGS))},
        "QUALITY": {"used": table(PHA, put(QUALITY=FLAGS)), "said": table(PHA, put(QUALITY=FLAGS))},
        "STAT_ERR": {"said": table(PHA, put(STAT_ERR=np.ones(CHANNELS)))},
        "POISSERR": {"said": card(PHA, POISSERR=False)},
        "SYS_ERR": {"said": table(PHA, put(SYS_ERR=np.full(CHANNELS, 0.03)))},
        "DSVAL": {"said": card(PHA, DSTYP1="PI", DSVAL1="69:342")},
        "CORRFILE": {"said": card(PHA, CORRFILE="c.pha")},
        "CORRSCAL": {"said": card(PHA, CORRFILE="c.pha", CORRSCAL=0.5)},
        "HDUCLAS2": {"used": card(PHA, HDUCLAS2="NET"), "said": card(PHA, HDUCLAS2="BKG")},
        "HDUCLAS3": {"refused": card(PHA, HDUCLAS3="TYPE:II")},
        "HDUCLAS4": {"refused": card(PHA, HDUCLAS4="TYPE:II")},
        "SPEC_NUM": {"refused": table(PHA, put(SPEC_NUM=np.arange(CHANNELS)))},
        "DETCHANS": {"said": card(PHA, DETCHANS=1024)},
        "BACKFILE": {
            "used": card(PHA, BACKFILE="none"),
            "said": card(PHA, BACKFILE="/x/b.pha"),
            "refused": card(PHA, BACKFILE="c.pha"),
        },
        "ANCRFILE": {"said": card(PHA, ANCRFILE="/x/a.arf"), "refused": card(PHA, ANCRFILE="c.arf")},
        "RESPFILE": {"said": card(PHA, RESPFILE="/x/m.rmf"), "refused": card(PHA, RESPFILE="c.rmf")},
        "BACKGROUND_UP": {"said": table(PHA, put(BACKGROUND_UP=FLAGS))},
        "BACKGROUND_DOWN": {"said": table(PHA, put(BACKGROUND_DOWN=FLAGS))},
        "EXTVER": {"refused": twice(PHA)},
        "TUNIT": {"used": card(PHA, TUNIT2="count/ks"), "refused": card(PHA, TUNIT2="erg")},
        "INSTRUME": {"used": card(PHA, INSTRUME="HRC")},
        "DTCOR": {"ignored": card(PHA, DTCOR=0.5)},
        "FILTER": {"ignored": card(PHA, FILTER="OPEN")},
    },
    "Effective areas": {
        "SPECRESP": {"used": table(ARF, scale("SPECRESP", 0.5))},
        "TUNIT": {"used": card(ARF, TUNIT3="m**2"), "refused": card(ARF, TUNIT3="keV")},
        "TELESCOP": {"said": both(card(PHA, TELESCOP="CHANDRA"), card(ARF, TELESCOP="XMM"))},
        "INSTRUME": {"said": card(ARF, INSTRUME="EPN")},
        "PHAFILE": {"said": card(ARF, PHAFILE="other.pha")},
        "EXTVER": {"refused": twice(ARF)},
        "EXPOSURE": {"ignored": card(ARF, EXPOSURE=1.0)},
    },
    "Matrices": {
        "TLMIN": {
            "used": both(card(RMF, TLMIN4=0), table(RMF, lambda c: c.update(F_CHAN=np.maximum(c["F_CHAN"] - 2, 0)))),
            "said": both(card(RMF, TLMIN4=0), table(RMF, lambda c: c.update(F_CHAN=c["F_CHAN"] - 1))),
        },
        "CHANNEL": {
            "said": table(RMF, scale("CHANNEL", 0), 2),
            "refused": both(card(RMF, TLMIN4=None), table(RMF, scale("CHANNEL", 0), 2)),
        },
        "HDUCLAS3": {
            "used": both(card(RMF, HDUCLAS3="FULL"), table(RMF, scale("MATRIX", AREA / 2))),
            "said": both(card(RMF, HDUCLAS3="FULL"), table(RMF, scale("MATRIX", AREA))),
        },
        "TUNIT": {
            "used": both(
                card(RMF, TUNIT1="MeV", TUNIT2="MeV"),
                *(table(RMF, scale(name, 1.0001e-3)) for name in ("ENERG_LO", "ENERG_HI")),
            ),
            "refused": card(RMF, TUNIT1="cm"),
        },
        "CHANTYPE": {"said": both(card(PHA, CHANTYPE="PI"), card(RMF, CHANTYPE="PHA"))},
        "TELESCOP": {"said": both(card(PHA, TELESCOP="CHANDRA"), card(RMF, TELESCOP="XMM"))},
        "INSTRUME": {"said": card(RMF, INSTRUME="EPN")},
        "PHAFILE": {"said": card(RMF, PHAFILE="other.pha")},
        "EXTVER": {"refused": twice(RMF)},
        "DETCHANS": {"ignored": card(RMF, DETCHANS=7)},
        "LO_THRES": {"ignored": card(RMF, LO_THRES=1e-3)},
    },
    "Light curves": {
        "TIMESYS": {"used": card(LC, BOTH, TIMESYS="TDB", TIMEREF="SOLARSYSTEM"), "refused": card(LC, TIMESYS="UTC")},
        "TIMEZERO": {"used": card(LC, BOTH, TIMEZERO=5.0)},
        "TIMEPIXR": {"used": card(LC, BOTH, TIMEPIXR=0.0)},
        "TIMEDEL": {"used": card(LC, BOTH, TIMEDEL=50.0)},
        "CLOCKAPP": {"said": card(LC, CLOCKAPP=False)},
        "HDUCLAS2": {"said": card(LC, HDUCLAS2="NET")},
        "FRAC": {"said": card(LC, FRAC=0.5)},
        "APERTURE": {"used": card(LC, APERTURE=7.0)},
        "LIVETIME": {"used": card(LC, LIVETIME=7.0)},
        "INTEGTIM": {"used": card(LC, INTEGTIM=7.0)},
        "TOTCTS": {"used": card(LC, TOTCTS=7)},
        "ODDS": {"used": card(LC, ODDS=7.0)},
        "KS_PROB": {"used": card(LC, KS_PROB=0.7)},
        "EXTVER": {"refused": twice(LC)},
        "TUNIT": {"used": card(LC, TUNIT2="count/ks"), "refused": card(LC, TUNIT2="erg/s")},
        "DTCOR": {"ignored": card(LC, DTCOR=0.5)},
    },
    "Regions": {
        "SHAPE": {"used": table(REG, put(SHAPE=["box"], R=[[9.0, 5.0]])), "refused": table(REG, put(SHAPE=["pie"]))},
        "R": {"used": table(REG, scale("R", 2)), "refused": table(REG, scale("R", 0))},
        "ROTANG": {"used": both(table(REG, put(SHAPE=["ellipse"], R=[[9.0, 5.0]])), table(REG, put(ROTANG=[30.0])))},
        "COMPONENT": {"used": table(REG, doubled)},
        "TUNIT": {"refused": card(REG, TUNIT4="arcsec")},
        "TCRVL": {
            "used": card(REG, BOTH, **placed(2)),
            "refused": both(card(REG, BOTH, **placed(2)), card(REG, TCRVL2=7.0)),
        },
        "RADESYS": {"refused": card(REG, RADESYS="FK4", **placed(2))},
        "EXTVER": {"refused": twice(REG)},
    },
}
BEFORE = {
    ("Event lists", "TSTART"): card(EVT, (2, 3), EXTNAME="OTHER"),
    ("Event lists", "TSTOP"): card(EVT, (2, 3), EXTNAME="OTHER"),
    ("Event lists", "LIVETIME"): card(EVT, DTCOR=None),
    ("Spectra", "TUNIT"): table(PHA, as_rates),
    ("Regions", "ROTANG"): table(REG, put(SHAPE=["ellipse"], R=[[9.0, 5.0]])),
    ("Matrices", "HDUCLAS3"): table(RMF, scale("MATRIX", 1e-3)),
}
"""What has to be so for a keyword to matter."""

WORDS = {
    "EXTVER": "tables|spectra|matrices", "HDUCLAS1": "FLARES", "MJDREF": "MJD", "MJDREFI": "MJD",
    "HDUCLAS3": "type II|HDUCLAS3",
    "HDUCLAS4": "type II", "SPEC_NUM": "type II", "BACKFILE": "background", "ANCRFILE": "effective area",
    "RESPFILE": "redistribution matrix", "TCRVL": "TCRVL", "SHAPE": "pie", "TIMESYS": "TIMESYS",
}  # fmt: skip
"""By which a keyword is named where that is plainer."""


def _state(result):
    """All that a result holds but its words."""
    if getattr(result, "response", None) is not None:
        result = replace(result, response=replace(result.response, notes=()))
    return pickle.dumps(replace(result, notes=()) if hasattr(result, "notes") else result)


def _notes(result):
    return getattr(result, "notes", ())


def test_every_line_has_its_test():
    tested = [(section, key, how) for section, keys in CHANGES.items() for key, hows in keys.items() for how in hows]
    assert sorted(_lines()) == sorted(tested)


@pytest.mark.parametrize(("section", "key", "how"), list(_lines()))
def test_a_keyword_is_taken_as_the_document_says(folder, section, key, how):
    file, read = FILES[section]
    if (section, key) in BEFORE:
        BEFORE[section, key](folder)
    before = read(folder / file)
    CHANGES[section][key][how](folder)
    words = WORDS.get(key, key)
    if how == "refused":
        with pytest.raises(CscError, match=words):
            read(folder / file)
        return
    after = read(folder / file)
    new = [note for note in _notes(after) if note not in _notes(before)]
    if how == "used":
        assert _state(after) != _state(before)
    elif how == "said":
        assert any(re.search(words, note) for note in new)
    else:
        assert (_state(after), new) == (_state(before), [])


def test_usual_files_need_no_words(folder):
    for section in ("Event lists", "Spectra", "Light curves"):
        file, read = FILES[section]
        assert _notes(read(folder / file)) == ()
