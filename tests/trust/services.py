"""The services behind the faulty server: the embedded one over the demo, and what speaks the protocols of others."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.coordinates import SkyCoord
from astropy.table import Table
from werkzeug import Request, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.utils import redirect, send_file

from cscwidgets.archive.catalogues.well_known import HEASARC_TAP, VIZIER_TAP, XMATCH
from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.archive.tables_on_disk import sorted_by_cell
from cscwidgets.csc.filenames import ProductName
from cscwidgets.csc.products import KINDS, Level, Observation, Source, Stack
from cscwidgets.csc.releases import RELEASES
from cscwidgets.csc.surveys import MOCSERVERS
from cscwidgets.io.hats import write_hats
from cscwidgets.service.app import application
from cscwidgets.service.pictures import FolderPictures
from cscwidgets.service.products import FolderStore

from ..archive.replying import votable
from ..picture_files import picture_bytes
from ..product_files import product_bytes

__all__ = ["HATS", "PICTURES", "SESAME", "all_services", "write_products", "write_survey"]

PICTURES = "https://pictures.example/pictures"
CONE = "https://cones.example/scs/coneSearch"
SESAME = "http://sesame.example/cgi-bin/nph-sesame/"
HATS = "https://hats.example/stars"
STARS = 3000


def write_products(folder: Path, owners: dict[Level, Observation | Stack | Source], kinds: tuple[str, ...]) -> None:
    """A whole file of each kind, made with astropy."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, kind in enumerate(kinds):
        chosen, owner = KINDS[kind], owners[KINDS[kind].level]
        instrument = "acis" if isinstance(owner, Observation) else ""
        name = ProductName(owner, chosen, 21, "b" if chosen.per_band else "", instrument=instrument)
        content = b"\xff\xd8" + bytes(5000) + b"\xff\xd9" if chosen.suffix == "jpg" else product_bytes(seed)
        (folder / (str(name) if chosen.suffix == "jpg" else f"{name}.gz")).write_bytes(content)


def write_survey(folder: Path, ra: float, dec: float) -> Path:
    """A folder with a survey of made-up stars about a position."""
    rng = np.random.default_rng(3)
    where = np.cos(np.radians(dec))

    def column(name: str, values: Any, ucd: str, unit: str = "") -> tuple[pa.Array, pa.Field]:
        array = pa.array(values)
        return array, pa.field(name, array.type, metadata={"ucd": ucd, "unit": unit})

    columns = [
        column("Source", np.arange(STARS), "meta.id;meta.main"),
        column("RA_ICRS", ra + rng.uniform(-0.1, 0.1, STARS) / where, "pos.eq.ra;meta.main", "deg"),
        column("DE_ICRS", dec + rng.uniform(-0.1, 0.1, STARS), "pos.eq.dec;meta.main", "deg"),
        column("Gmag", rng.normal(17, 2, STARS), "phot.mag;em.opt", "mag"),
    ]
    schema = pa.schema([field for _, field in columns], metadata={"description": "A survey for a test"})
    stars = pa.Table.from_arrays([values for values, _ in columns], schema=schema)
    made = datetime.now(UTC).isoformat()
    info = ArchiveInfo("Survey", "csc2.1", "vo", "made for a test", True, made)
    write_folder(folder, {"survey": stars, "master_source": _as_sources(stars)}, info)
    said = {"obs_collection": "Stars", "csc_simulated": "true"}
    write_hats(folder / "hats", [sorted_by_cell(_as_sources(stars))], said)
    return folder


def _as_sources(stars: pa.Table) -> pa.Table:
    names = pa.array([f"star {row}" for row in range(len(stars))])
    return pa.table({"name": names, "ra": stars["RA_ICRS"], "dec": stars["DE_ICRS"]})


def _moved(app: Any, place: str) -> Any:
    """An application whose root is a place of another."""

    def moved(environ: dict[str, Any], start: Any) -> Any:
        return app(environ | {"PATH_INFO": place + environ["PATH_INFO"], "SCRIPT_NAME": ""}, start)

    return moved


def _xmatch(stars: SkyCoord) -> Any:
    @Request.application
    def app(request: Request) -> Response:
        upload = Table.read(request.files["cat1"].read().decode().splitlines(), format="ascii.csv")
        here = SkyCoord(upload[request.form["colRA1"]], upload[request.form["colDec1"]], unit="deg")
        one, other, distance, _ = stars.search_around_sky(here, float(request.form["distMaxArcsec"]) * u.arcsec)
        answer = Table({"angDist": distance.arcsec, **{name: upload[name][one] for name in upload.colnames}})
        answer["Source"], answer["RA_ICRS"], answer["DE_ICRS"] = other, stars.ra.deg[other], stars.dec.deg[other]
        return Response(votable(answer), mimetype="text/xml")

    return app


def _files_of(folder: Path) -> Any:
    """A web server of files that knows ranges of bytes."""

    @Request.application
    def app(request: Request) -> Response:
        path = folder / request.path.lstrip("/")
        if not path.is_file():
            return Response("there is no such file", status=404)
        return send_file(path, request.environ, conditional=True)

    return app


@Request.application
def _mocserver(request: Request) -> Response:
    record = {"ID": "CDS/P/Made/Up", "obs_title": "A made-up survey", "hips_service_url": "https://hips.example/up"}
    return Response(json.dumps([record]), mimetype="application/json")


@Request.application
def _sesame(request: Request) -> Response:
    return Response(
        "# NGC 9999\t#Q1\n#=S=Simbad (via url):    1\n%@ 1\n%I.0 NGC  9999\n"
        "%J 83.25000000 -5.50000000 = 05:33:00 -05:30:00\n#====Done\n",
        mimetype="text/plain",
    )


@Request.application
def _page(request: Request) -> Response:
    return Response("<html><head><title>Moved</title></head></html>", mimetype="text/html")


@Request.application
def _loop(request: Request) -> Response:
    return redirect(request.url)


def all_services(demo: Path, products: Path, survey: Path) -> Any:
    """All of them, each below the host that it is at in the world."""
    pictures = products / "pictures"
    pictures.mkdir(exist_ok=True)
    (pictures / "made.fits.gz").write_bytes(picture_bytes())
    archive = application(demo, FolderStore(products), FolderPictures(pictures))
    stars = application(survey)
    release = RELEASES["csc2.1"]
    places = {
        release.tap: _moved(archive, "/tap"),
        release.cone: _moved(archive, "/scs/coneSearch"),
        release.csccli: _moved(archive, "/csccli"),
        PICTURES: _moved(archive, "/pictures"),
        VIZIER_TAP: _moved(stars, "/tap"),
        HEASARC_TAP: _moved(stars, "/tap"),
        CONE: _moved(stars, "/scs/coneSearch"),
        XMATCH: _xmatch(_positions(survey)),
        MOCSERVERS[0]: _mocserver,
        MOCSERVERS[1]: _mocserver,
        SESAME.rstrip("/"): _sesame,
        HATS: _files_of(survey / "hats"),
        "http://loop.example": _loop,
    }
    return DispatcherMiddleware(_page, {"/" + url.partition("://")[2]: app for url, app in places.items()})


def _positions(survey: Path) -> SkyCoord:
    table = pq.read_table(survey / "survey.parquet")
    return SkyCoord(table["RA_ICRS"].to_numpy(), table["DE_ICRS"].to_numpy(), unit="deg")
