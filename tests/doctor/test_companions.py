"""Services of others, on a port of this machine: what replies as they do, and what does not."""

import io
from dataclasses import replace

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.coordinates.name_resolve import sesame_url
from astropy.table import Table
from mocpy import MOC
from PIL import Image

from cscwidgets import doctor
from cscwidgets.archive.catalogues.well_known import CATALOGUES
from cscwidgets.csc.releases import RELEASES
from cscwidgets.csc.surveys import Survey
from cscwidgets.doctor.findings import Outcome

from ..archive.replying import replying, votable

STEPS = ["hips", "sesame", "vizier", "xmatch"]
PROPERTIES = "hips_order = 5\nhips_tile_format = png\nhips_frame = equatorial\n"
SESAME = (
    "# 3C 273\t#Q22523669\n#=S=Simbad (via url):    1\n%@ 3067\n"
    "%J {ra} {dec} = 12 29 06.69 +02 03 08.5\n#====Done (2026)====\n"
)
CENTRE = SkyCoord(266.4168, -29.0078, unit="deg")


def tile() -> bytes:
    content = io.BytesIO()
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(content, "PNG")
    return content.getvalue()


def moc(around: SkyCoord, tmp_path) -> bytes:
    path = tmp_path / "made.fits"
    made = MOC.from_cone(around.ra, around.dec, radius=3 * u.deg, max_depth=6)
    made.save(path, format="fits", overwrite=True)
    return path.read_bytes()


def stars(count: int, extra=()) -> bytes:
    rows = Table({"RAJ2000": np.full(count, 6.0236), "DEJ2000": -72.0813 + np.arange(count) / 36000})
    for name in ("RAJ2000", "DEJ2000"):
        rows[name].unit = "deg"
    for name, values in extra:
        rows[name] = values
    return votable(rows)


def replies(tmp_path, **other):
    """What the four services answer; any of it may be another thing."""
    said = {
        "properties": PROPERTIES,
        "tile": tile(),
        "moc": moc(CENTRE, tmp_path),
        "sesame": SESAME.format(ra=187.27791594, dec="+02.05238833"),
        "vizier": stars(3),
        "xmatch": stars(
            2, [("angDist", [0.5, 3.0]), ("csc_row", [0, 0]), ("csc_ra", [6.0236] * 2), ("csc_dec", [-72.0813] * 2)]
        ),
    } | other

    def reply(request):
        path = request.path
        for end, name in (
            ("/properties", "properties"),
            ("/Moc.fits", "moc"),
            ("/sync", "vizier"),
            ("/xmatch", "xmatch"),
        ):
            if path.endswith(end):
                return said[name]
        return said["tile" if "/Norder3/Dir0/Npix" in path else "sesame"]

    return reply


def examined(base: str, steps=STEPS, tell=lambda question: None) -> doctor.Examination:
    companions = doctor.Companions(
        survey=Survey("a/survey", "A survey", (f"{base}/hips",), "nobody"),
        catalogue=replace(CATALOGUES["2mass"], service=f"{base}/vizier"),
        xmatch=f"{base}/xmatch",
    )
    subject = doctor.Subject(RELEASES["csc2.1"], companions=companions)
    with sesame_url.set([f"{base}/sesame/"]):
        return doctor.examine(subject, steps, pace=doctor.Pace(pause=0.0), tell=tell)


def test_all_is_well_and_nothing_is_sent_but_what_was_told(tmp_path):
    told = []
    with replying(replies(tmp_path)) as (base, asked):
        examination = examined(base, tell=told.append)
    assert [(result.name, result.outcome, result.deviations) for result in examination.results] == [
        (name, Outcome.WELL, ()) for name in STEPS
    ]
    assert [(one.method, one.url) for one in asked] == [(question.method, question.address) for question in told]
    assert len(told) == 6
    assert dict(asked[-2].form) == dict(told[-2].form)
    assert told[-1].form["cat2"] == "vizier:II/246/out"


@pytest.mark.parametrize(
    ("other", "step", "words"),
    [
        ({"properties": (404, "no")}, "hips", "is not there"),
        ({"properties": "hips_order = 5\n"}, "hips", "its properties lack hips_tile_format, hips_frame"),
        ({"tile": b"GIF89a, or words"}, "hips", "A tile of the survey is no picture"),
        ({"moc": b"SIMPLE  = no"}, "hips", "The coverage (MOC) of the survey"),
        ({"sesame": SESAME.format(ra=10.0, dec="+20.0")}, "sesame", "Sesame gives another position"),
        ({"vizier": stars(0)}, "vizier", "VizieR (2MASS All-Sky Point Sources) finds nothing"),
        ({"vizier": (200, "<html><title>Closed</title></html>")}, "vizier", "a web page (HTTP status 200): Closed"),
        ({"xmatch": stars(2)}, "xmatch", "it lacks angDist"),
        ({"xmatch": (503, "later")}, "xmatch", "HTTP status 503"),
    ],
)
def test_what_deviates_is_named(other, step, words, tmp_path):
    with replying(replies(tmp_path, **other)) as (base, _):
        examination = examined(base, [step])
    (result,) = examination.results
    assert result.outcome is Outcome.DEVIATES
    assert words in doctor.report(examination)


def test_a_coverage_without_the_galactic_centre_is_told(tmp_path):
    with replying(replies(tmp_path, moc=moc(SkyCoord(10, 10, unit="deg"), tmp_path))) as (base, _):
        examination = examined(base, ["hips"])
    assert "lacks the Galactic Centre" in doctor.report(examination)
    assert examination.well


def test_a_resolver_that_does_not_answer_could_not_be_asked():
    examination = examined("http://127.0.0.1:9", ["sesame"])
    assert examination.results[0].outcome is Outcome.UNASKED
    assert "could not be looked up" in examination.results[0].reason
