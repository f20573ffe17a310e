"""Services of others that the package asks beside the archive: a HiPS, Sesame, VizieR, CDS X-Match."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import astropy.units as u
from astropy.coordinates import Galactic, Latitude, Longitude, SkyCoord
from astropy.coordinates.name_resolve import sesame_database, sesame_url
from cdshealpix.nested import lonlat_to_healpix
from mocpy import MOC

from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.archive.catalogues.xmatch_catalogue import XMatchCatalogue
from cscwidgets.errors import CscError, RegionError
from cscwidgets.sky.names import KNOWN_TARGETS, resolve
from cscwidgets.sky.region import Region

from ..findings import NEWER
from ..questions import Question
from ..subject import Companions
from ..visit import NothingToAsk, Step, Visit

__all__ = ["HIPS", "NAMES", "VIZIER", "XMATCH"]

_ORDER = 3  # of the tile that is fetched
_CROWDED = KNOWN_TARGETS["47tuc"]
_SEEN = KNOWN_TARGETS["sgra*"]  # by Chandra, and by all that see the whole sky
_RADIUS = 60 * u.arcsec
_IMAGES = {"png": b"\x89PNG", "jpg": b"\xff\xd8", "jpeg": b"\xff\xd8", "webp": b"RIFF", "fits": b"SIMPLE"}


def _companions(visit: Visit) -> Companions:
    if visit.subject.companions is None:
        raise NothingToAsk("services of others are asked with releases of the CSC only")
    return visit.subject.companions


def _hips(visit: Visit) -> None:
    survey = _companions(visit).survey
    address = survey.addresses[0]
    properties: Mapping[str, str] = {}
    with visit.part(f"The properties of the survey {survey.name}"):
        text = visit.document(f"{address}/properties").decode("utf-8", "replace")
        properties = dict(re.findall(r"^\s*(\w+)\s*=\s*(.*?)\s*$", text, re.MULTILINE))
        if lacking := [key for key in ("hips_order", "hips_tile_format", "hips_frame") if key not in properties]:
            raise CscError("It is no HiPS", f"its properties lack {', '.join(lacking)}")
        visit.remark(f"HiPS of order {properties['hips_order']}, tiles in {properties['hips_tile_format']}.")
    if "hips_tile_format" not in properties:
        return
    with visit.part("A tile of the survey"):
        _tile(visit, address, properties)
    with visit.part("The coverage (MOC) of the survey"):
        path = visit.folder / "Moc.fits"
        path.write_bytes(visit.document(f"{address}/Moc.fits"))
        coverage = MOC.load(path, format="fits")
        visit.remark(f"Its coverage is {100 * coverage.sky_fraction:.3g} % of the sky.")
        if not coverage.contains_skycoords(SkyCoord(*_SEEN, unit="deg")):
            visit.deviates(
                "The coverage of the survey lacks the Galactic Centre",
                expected="Sgr A* in its MOC, as Chandra has seen it",
                found=f"{100 * coverage.sky_fraction:.3g} % of the sky, without it",
                follows="Fields may stay dark on the sky.",
                do="Choose another survey in the menu of the sky.",
                matters=False,
            )


def _tile(visit: Visit, address: str, properties: Mapping[str, str]) -> None:
    formats = properties["hips_tile_format"].split()
    kind = next((known for known in ("png", "jpeg", "webp", "fits") if known in formats), "")
    if not kind:
        raise CscError("Its tiles are in no form that is shown", properties["hips_tile_format"])
    order = min(_ORDER, int(properties["hips_order"]))
    place = SkyCoord(*_SEEN, unit="deg")
    lon, lat = place.ra, place.dec
    if properties["hips_frame"].lower().startswith("gal"):
        galactic = place.transform_to(Galactic())
        lon, lat = galactic.l, galactic.b
    cell = int(lonlat_to_healpix(Longitude([lon]), Latitude([lat]), order)[0])
    suffix = "jpg" if kind == "jpeg" else kind
    content = visit.document(f"{address}/Norder{order}/Dir{cell // 10000 * 10000}/Npix{cell}.{suffix}")
    if content.startswith(_IMAGES[suffix]):
        visit.remark(f"A tile has {len(content) / 1e3:,.0f} kB.")
        return
    visit.deviates(
        "A tile of the survey is no picture",
        expected=f"a picture in {kind}",
        found=f"{content[:40]!r}",
        follows="The sky below the sources stays dark.",
        do="Choose another survey in the menu of the sky.",
    )


def _names(visit: Visit) -> None:
    companions = _companions(visit)
    place = SkyCoord(*companions.position, unit="deg")
    database = str(sesame_database.get()).upper()[0]
    path = f"{'SNV' if database == 'A' else database}?{quote(companions.target)}"
    for address in sesame_url.get():
        with visit.part(f"Sesame at {address.split('/')[2]}"):
            visit.session.tell(Question("GET", f"{address.rstrip('/')}/{path}"))
            # The look-up has a session of its own, and tries one address after the other: it is given one.
            with sesame_url.set([address]):
                try:
                    found = resolve(companions.target)
                except RegionError as error:
                    visit.reasons.append(f"{error.what}: {error.why}")
                    continue
            visit.reasons.clear()  # of a mirror that did not answer before
            _compare(visit, companions.target, found, place)
            return


def _compare(visit: Visit, target: str, found: SkyCoord, place: SkyCoord) -> None:
    apart = found.separation(place).arcsec
    if apart < 60:
        visit.remark(f"{target} lies {apart:.2g} arcsec from where it should.")
        return
    visit.deviates(
        "Sesame gives another position",
        expected=f"{target} at {place.to_string(precision=4)}",
        found=f"{found.to_string(precision=4)}, {apart / 3600:.3g} deg away",
        follows="Names of objects lead to other places.",
        do="Give positions in degrees.",
    )


def _vizier(visit: Visit) -> None:
    known = _companions(visit).catalogue
    with visit.part(f"{known.title} at VizieR"):
        catalogue = TapCatalogue.known(known, session=visit.session, cache=AnswerCache(visit.folder / "answers"))
        circle = Region.circle(SkyCoord(*_CROWDED, unit="deg"), _RADIUS.to_value(u.deg))
        _some(visit, f"VizieR ({known.title})", len(catalogue.near(circle.shape, 0 * u.arcsec, quiet=True)))


def _xmatch(visit: Visit) -> None:
    companions = _companions(visit)
    with visit.part("CDS X-Match"):
        catalogue = XMatchCatalogue(
            companions.catalogue.key,
            _RADIUS,
            address=companions.xmatch,
            session=visit.session,
            cache=AnswerCache(visit.folder / "answers"),
        )
        source = SkyCoord([_CROWDED[0]], [_CROWDED[1]], unit="deg")
        circle = Region.circle(source[0], _RADIUS.to_value(u.deg))
        rows = catalogue.near(circle.shape, 1 * u.arcsec, sources=source, quiet=True)
        _some(visit, "CDS X-Match", len(rows))


def _some(visit: Visit, what: str, number: int) -> None:
    if number:
        visit.remark(f"{number:,} objects within {_RADIUS:g} of the centre of 47 Tuc.")
        return
    visit.deviates(
        f"{what} finds nothing",
        expected=f"objects within {_RADIUS:g} of the centre of 47 Tuc",
        found="no rows",
        follows="Counterparts are not found.",
        do="Match with another catalogue, or with a file. " + NEWER,
    )


HIPS = Step("hips", "A survey to lay below: properties, a tile, coverage", _hips, companion=True)
NAMES = Step("sesame", "Sesame, which knows objects by name", _names, companion=True)
VIZIER = Step("vizier", "Counterparts from VizieR", _vizier, companion=True)
XMATCH = Step("xmatch", "Counterparts from CDS X-Match", _xmatch, companion=True)
