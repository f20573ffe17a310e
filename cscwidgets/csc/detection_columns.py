"""Columns of the stack and observation tables: one row a detection."""

from __future__ import annotations

from collections.abc import Iterator

from .families import (
    PHOTON,
    RATE,
    RATIO_WORDS,
    Column,
    extent,
    flag,
    flux,
    hardness,
    over_bands,
    spectral_fits,
    whole,
)

__all__ = ["OBI", "OBSID", "REGION", "STACK", "observation_source", "stack_source"]


def _detection_common() -> Iterator[Column]:
    """Columns that stack and observation tables share."""
    yield from over_bands(
        Column("flux_significance", ucd="stat.snr;phot.flux", description="Flux significance (S/N)"), "bwhmsu"
    )
    yield from over_bands(Column("likelihood", ucd="stat.likelihood", description="Detection log likelihood"), "bwhmsu")
    yield whole("conf_code", "Confusion code (bits)")
    yield whole("extent_code", "Extent code (bits: one a band)")
    yield flag("sat_src_flag", "Detection is saturated; its properties are unreliable")
    yield flag("streak_src_flag", "Detection lies on an ACIS readout streak")
    yield from extent()
    yield from over_bands(
        Column("src_cnts_aper", unit="count", ucd="phot.count;em.X-ray", description="Aperture-corrected net counts"),
        limits=True,
    )
    yield from over_bands(
        Column(
            "src_rate_aper",
            unit=RATE,
            ucd="arith.rate;phot.count;em.X-ray",
            description="Aperture-corrected net count rate",
        ),
        limits=True,
    )
    yield from flux("photflux_aper", "Aperture-corrected net photon flux, source region", PHOTON)
    yield from flux("flux_aper", "Aperture-corrected net energy flux, source region")
    yield from _within_90_percent()
    for pair in RATIO_WORDS:
        yield from hardness(pair)
    yield Column("livetime", unit="s", ucd="time.duration;obs.exposure", description="Live time")


def _within_90_percent() -> Iterator[Column]:
    where = "90% PSF fraction"
    counts, rate = "Aperture-corrected net counts", "Aperture-corrected net count rate"
    yield from over_bands(
        Column("src_cnts_aper90", unit="count", ucd="phot.count;em.X-ray", description=f"{counts}, {where}"),
        limits=True,
    )
    yield from over_bands(
        Column("src_rate_aper90", unit=RATE, ucd="arith.rate;phot.count;em.X-ray", description=f"{rate}, {where}"),
        limits=True,
    )
    yield from flux("photflux_aper90", f"Aperture-corrected net photon flux, {where}", PHOTON)
    yield from flux("flux_aper90", f"Aperture-corrected net energy flux, {where}")


def _processing() -> Iterator[Column]:
    yield Column("ascdsver", "char", ucd="meta.version;meta.software", description="Version of the processing software")
    yield Column("caldbver", "char", ucd="meta.version", description="Version of the calibration database")
    yield Column("crdate", "char", ucd="time.creation", description="When the record was made")


REGION = whole("region_id", "Region number, unique within its detect stack", "meta.id.part")
STACK = Column(
    "detect_stack_id", "char", ucd="meta.id", description="Detect stack, '{acis|hrc}fJhhmmsss{p|m}ddmmss_nnn'"
)
OBSID = whole("obsid", "Observation identifier", "meta.id;obs")
OBI = whole("obi", "Observation interval number", "meta.id.part;obs")


def stack_source() -> Iterator[Column]:
    yield STACK
    yield REGION
    yield Column("instrument", "char", ucd="meta.id;instr", description="ACIS or HRC")
    yield Column("ra_stack", unit="deg", ucd="pos.eq.ra", description="Right ascension of the stack's tangent point")
    yield Column("dec_stack", unit="deg", ucd="pos.eq.dec", description="Declination of the stack's tangent point")
    yield Column("ra", unit="deg", ucd="pos.eq.ra", description="Right ascension of the detection, ICRS")
    yield Column("dec", unit="deg", ucd="pos.eq.dec", description="Declination of the detection, ICRS")
    yield Column("grating", "char", ucd="instr.dispersion", description="Grating in the beam: NONE, HETG or LETG")
    for axis in ("deltax", "deltay"):
        yield Column(axis, unit="arcsec", ucd="pos", description=f"Astrometric correction to Gaia, {axis[-1]}")
    yield Column("deltarot", unit="deg", ucd="pos.posAng", description="Astrometric correction to Gaia, roll")
    yield Column("theta_mean", unit="arcmin", ucd="pos.angDistance", description="Mean off-axis angle")
    yield from _detection_common()
    yield Column("detect_significance", ucd="stat.snr", description="Highest detection significance over bands")
    yield flag("var_flag", "Flux varies within or between the stack's observations")
    yield flag("var_inter_hard_flag", "Hardness ratios differ between the stack's observations")
    yield from over_bands(
        whole("var_intra_index", "Highest variability index (0-10) within an observation", "src.var.index")
    )
    yield from over_bands(whole("var_inter_index", "Variability index (0-10) between observations", "src.var.index"))
    yield from _processing()


def observation_source() -> Iterator[Column]:
    yield OBSID
    yield OBI
    yield REGION
    yield Column("instrument", "char", ucd="meta.id;instr", description="ACIS or HRC")
    yield Column("detector", "char", ucd="meta.id;instr.det", description="Detector elements in use")
    yield Column("grating", "char", ucd="instr.dispersion", description="Grating in the beam: NONE, HETG or LETG")
    yield Column("datamode", "char", ucd="meta.code;instr.setup", description="Mode in which events were sent down")
    yield whole("ao", "Announcement of Opportunity, the observing cycle", "meta.id;obs")
    yield Column("targname", "char", ucd="meta.id;src", description="Target name given by the observer")
    for suffix, words in (("targ", "target"), ("pnt", "mean pointing"), ("nom", "nominal pointing")):
        yield Column(f"ra_{suffix}", unit="deg", ucd="pos.eq.ra", description=f"Right ascension of the {words}")
        yield Column(f"dec_{suffix}", unit="deg", ucd="pos.eq.dec", description=f"Declination of the {words}")
    for suffix, words in (("pnt", "mean pointing"), ("nom", "nominal pointing")):
        yield Column(f"roll_{suffix}", unit="deg", ucd="pos.posAng", description=f"Roll angle of the {words}")
    yield whole("chip_id_pnt", "Chip at the pointing", "meta.id;instr.det")
    for axis in "xy":
        yield Column(
            f"chip{axis}_pnt",
            unit="pixel",
            ucd=f"pos.cartesian.{axis};instr.det",
            description=f"Chip {axis.upper()} of the pointing",
        )
    yield Column("theta", unit="arcmin", ucd="pos.angDistance", description="Off-axis angle")
    yield Column("phi", unit="deg", ucd="pos.posAng", description="Azimuth on the detector")
    met = "seconds since 1998-01-01T00:00:00 TT"
    yield Column("gti_start", unit="s", ucd="time.start", description=f"Start of good time, {met}")
    yield Column("gti_stop", unit="s", ucd="time.end", description=f"End of good time, {met}")
    yield Column("gti_elapse", unit="s", ucd="time.duration", description="Elapsed time, gti_stop - gti_start")
    yield Column("gti_obs", "char", ucd="time.start;obs", description="Start of good time, ISO 8601, TT")
    yield Column("gti_end", "char", ucd="time.end;obs", description="End of good time, ISO 8601, TT")
    yield Column("gti_mjd_obs", unit="d", ucd="time.start;obs", description="Start of good time, MJD, TT")
    yield Column("mjd_ref", unit="d", ucd="time.epoch", description="MJD of mission time zero")
    yield from _detection_common()
    yield whole("edge_code", "Code of a detection near an edge of a chip (bits)")
    yield whole("multi_chip_code", "Code of a detection dithered over several chips (bits)")
    yield Column(
        "pileup_warning",
        ucd="meta.code.error;instr",
        description="ACIS pile-up warning: events a frame and pixel at the peak",
    )
    yield whole("var_code", "Variability code (bits: one a band)")
    yield flag("dither_warning_flag", "The strongest period is at the dither frequency or a beat of it")
    yield from over_bands(
        Column("cnts_aper", "int", "count", "phot.count;em.X-ray", "Total counts in the source region")
    )
    yield from over_bands(
        Column(
            "cnts_aperbkg", "int", "count", "phot.count;em.X-ray;instr.background", "Counts in the background region"
        )
    )
    yield from over_bands(whole("var_index", "Gregory-Loredo variability index (0-10)", "src.var.index"))
    for test, words in (("var", "Gregory-Loredo"), ("ks", "Kolmogorov-Smirnov"), ("kp", "Kuiper")):
        yield from over_bands(
            Column(f"{test}_prob", ucd="stat.probability;src.var", description=f"{words} probability of variability")
        )
    for what, words in (("mean", "mean"), ("sigma", "spread"), ("min", "minimum"), ("max", "maximum")):
        yield from over_bands(
            Column(
                f"var_{what}",
                unit=RATE,
                ucd="arith.rate;phot.count;em.X-ray",
                description=f"Gregory-Loredo light curve: {words} of the count rate",
            )
        )
    for shape, words in (("powlaw", "power law"), ("bb", "black body"), ("brems", "bremsstrahlung")):
        yield from flux(f"flux_{shape}_aper", f"Energy flux of a standard {words} with Galactic absorption")
    yield from spectral_fits()
    yield from _processing()
