"""What every column of the catalogue means: type, unit, UCD, words, and the rules of its values.

The catalogue's 800-odd columns are a few families repeated over bands and limits, so they are
spelled here as families. Names and their order follow the CSC 2.1 services.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from .bands import BANDS

__all__ = ["TABLES", "Column", "describe", "hardness_columns", "triple"]


@dataclass(frozen=True, slots=True)
class Column:
    """One catalogue column.

    ``datatype`` is the VOTable type the services deliver (char, double, int, boolean);
    ``unit`` is a VOUnit string, empty where the quantity has none.
    """

    name: str
    datatype: str = "double"
    unit: str = ""
    ucd: str = ""
    description: str = ""


ERG = "erg.s**-1.cm**-2"
PHOTON = "photon.s**-1.cm**-2"
RATE = "count.s**-1"
NH = "10**20.cm**-2"

_LIMITS = {"lolim": "lower", "hilim": "upper"}
_LIMIT_UCD = {"lolim": "stat.min", "hilim": "stat.max"}


def triple(column: str) -> tuple[str, str, str]:
    """Value, lower-limit and upper-limit names of a measured quantity.

    The catalogue puts the limit word before the band suffix (``flux_aper_lolim_b``)
    but after a ratio's bands (``hard_hm_lolim``) and after spectral parameters.

    >>> triple("flux_aper_b")
    ('flux_aper_b', 'flux_aper_lolim_b', 'flux_aper_hilim_b')
    >>> triple("hard_hm")
    ('hard_hm', 'hard_hm_lolim', 'hard_hm_hilim')
    """
    stem, _, suffix = column.rpartition("_")
    if stem and suffix in BANDS:
        return column, f"{stem}_lolim_{suffix}", f"{stem}_hilim_{suffix}"
    return column, f"{column}_lolim", f"{column}_hilim"


def hardness_columns(pair: str) -> tuple[str, str, str]:
    """Columns of the hardness ratio of two bands, harder first (``hm``, ``hs``, ``ms``)."""
    return triple(f"hard_{pair}")


def _limits(column: Column) -> Iterator[Column]:
    for limit, name in zip(_LIMITS, triple(column.name)[1:], strict=True):
        yield replace(
            column,
            name=name,
            ucd=f"{column.ucd};{_LIMIT_UCD[limit]}" if column.ucd else "",
            description=f"{column.description}; {_LIMITS[limit]} 68% confidence limit",
        )


def _over_bands(column: Column, bands: str = "bhmsuw", *, limits: bool = False) -> list[Column]:
    """Repeat a family over bands: all values, then all lower, then all upper limits."""
    values = [
        replace(column, name=f"{column.name}_{band}", description=f"{column.description}; {BANDS[band]}")
        for band in bands
    ]
    if not limits:
        return values
    lower, upper = zip(*(_limits(value) for value in values), strict=True)
    return [*values, *lower, *upper]


def _with_limits(column: Column) -> list[Column]:
    return [column, *_limits(column)]


def _flag(name: str, description: str) -> Column:
    return Column(name, "boolean", ucd="meta.code", description=description)


def _whole(name: str, description: str, ucd: str = "meta.code") -> Column:
    return Column(name, "int", ucd=ucd, description=description)


def _flux(name: str, description: str, unit: str = ERG) -> list[Column]:
    return _over_bands(Column(name, unit=unit, ucd="phot.flux;em.X-ray", description=description), limits=True)


def _extent() -> list[Column]:
    size = "1-sigma {} of the deconvolved source extent"
    return [
        *_over_bands(
            Column("major_axis", unit="arcsec", ucd="phys.angSize", description=size.format("major radius")),
            limits=True,
        ),
        *_over_bands(
            Column("minor_axis", unit="arcsec", ucd="phys.angSize", description=size.format("minor radius")),
            limits=True,
        ),
        *_over_bands(
            Column("pos_angle", unit="deg", ucd="pos.posAng", description=size.format("position angle")),
            limits=True,
        ),
    ]


# Model parameter columns of the catalogue's own spectral fits: (name, unit, UCD, words).
_MODELS: dict[str, tuple[str, tuple[tuple[str, str, str, str], ...]]] = {
    "powlaw": (
        "power law",
        (
            ("gamma", "", "spect.index", "photon index"),
            ("nh", NH, "phys.columnDensity", "absorbing column"),
            ("ampl", "", "arith.factor", "amplitude"),
        ),
    ),
    "bb": (
        "black body",
        (
            ("kt", "keV", "phys.temperature", "temperature"),
            ("nh", NH, "phys.columnDensity", "absorbing column"),
            ("ampl", "", "arith.factor", "amplitude"),
        ),
    ),
    "brems": (
        "bremsstrahlung",
        (
            ("kt", "keV", "phys.temperature", "temperature"),
            ("nh", NH, "phys.columnDensity", "absorbing column"),
            ("norm", "", "arith.factor", "normalisation"),
        ),
    ),
    "apec": (
        "APEC plasma",
        (
            ("kt", "keV", "phys.temperature", "temperature"),
            ("abund", "", "phys.abund", "abundance"),
            ("z", "", "src.redshift", "redshift"),
            ("nh", NH, "phys.columnDensity", "absorbing column"),
            ("norm", "", "arith.factor", "normalisation"),
        ),
    ),
}


def _spectral_fits() -> Iterator[Column]:
    for model, (words, parameters) in _MODELS.items():
        yield from _with_limits(
            Column(f"flux_{model}", unit=ERG, ucd="phot.flux;em.X-ray", description=f"Flux of the fitted {words} model")
        )
        for name, unit, ucd, what in parameters:
            yield from _with_limits(Column(f"{model}_{name}", "double", unit, ucd, f"Fitted {words}: {what}"))
            yield Column(
                f"{model}_{name}_rhat", ucd="stat.value", description=f"Fitted {words}: MCMC convergence of the {what}"
            )
        yield Column(f"{model}_stat", ucd="stat.fit.chi2", description=f"Fitted {words}: reduced chi-square")


_RATIO_WORDS = {"hm": "hard against medium", "hs": "hard against soft", "ms": "medium against soft"}


def _hardness(pair: str) -> list[Column]:
    return _with_limits(
        Column(
            f"hard_{pair}",
            ucd="phot.flux;arith.ratio;em.X-ray",
            description=f"Hardness ratio {_RATIO_WORDS[pair]}, (harder - softer) / sum of aperture photon fluxes",
        )
    )


def _position_columns() -> list[Column]:
    return [
        Column("name", "char", ucd="meta.id;meta.main", description="Source name, '2CXO Jhhmmss.s{+|-}ddmmss[X]'"),
        Column("ra", unit="deg", ucd="pos.eq.ra;meta.main", description="Right ascension, ICRS"),
        Column("dec", unit="deg", ucd="pos.eq.dec;meta.main", description="Declination, ICRS"),
        Column(
            "err_ellipse_r0",
            unit="arcsec",
            ucd="pos.errorEllipse;phys.angSize.smajAxis",
            description="Major radius of the 95% position error ellipse",
        ),
        Column(
            "err_ellipse_r1",
            unit="arcsec",
            ucd="pos.errorEllipse;phys.angSize.sminAxis",
            description="Minor radius of the 95% position error ellipse",
        ),
        Column(
            "err_ellipse_ang",
            unit="deg",
            ucd="pos.errorEllipse;pos.posAng",
            description="Position angle of the major axis of the error ellipse, from local true north",
        ),
        Column("gal_b", unit="deg", ucd="pos.galactic.lat", description="Galactic latitude"),
        Column("gal_l", unit="deg", ucd="pos.galactic.lon", description="Galactic longitude"),
    ]


def _master_flags() -> list[Column]:
    return [
        _flag("extent_flag", "Source is extended, or not consistent with a point source at 90% confidence"),
        _flag("conf_flag", "Source may be confused: its regions overlap those of another source"),
        _flag("pileup_flag", "ACIS pile-up exceeds about 10% in all observations"),
        _flag("var_flag", "Flux varies within or between observations in at least one band"),
        _flag("streak_src_flag", "Source lies on an ACIS readout streak in all observations"),
        _flag("sat_src_flag", "Source is saturated in all observations; its properties are unreliable"),
        _flag("man_add_flag", "Source was added by human review"),
        _flag("man_inc_flag", "Source was included by human review"),
        _flag("man_reg_flag", "Source region was changed by human review"),
        _flag("man_match_flag", "Detections were matched by human review"),
        _flag("man_pos_flag", "Position was changed by human review"),
        _flag("var_inter_hard_flag", "Hardness ratios differ between observations"),
    ]


def _master_fluxes() -> Iterator[Column]:
    apertures = {"aper": "source region", "aper90": "90% PSF fraction"}
    best = "from the longest flux-ordered Bayesian block"
    averaged = "averaged over all observations"
    for unit, prefix, words in ((PHOTON, "photflux", "photon flux"), (ERG, "flux", "energy flux")):
        for aperture, where in apertures.items():
            yield from _flux(f"{prefix}_{aperture}", f"Aperture-corrected net {words}, {where}, {best}", unit)
    for unit, prefix, words in ((PHOTON, "photflux", "photon flux"), (ERG, "flux", "energy flux")):
        for aperture, where in apertures.items():
            yield from _flux(f"{prefix}_{aperture}_avg", f"Aperture-corrected net {words}, {where}, {averaged}", unit)
    shapes = {
        "powlaw": "power law of photon index 2.0",
        "bb": "black body of 0.75 keV",
        "brems": "bremsstrahlung of 3.5 keV",
        "apec": "APEC plasma of 6.5 keV",
    }
    for shape, words in shapes.items():
        for aperture, where in apertures.items():
            yield from _flux(f"flux_{shape}_{aperture}", f"Energy flux of a {words} with Galactic absorption, {where}")


def _master_variability() -> Iterator[Column]:
    for test, words in (("ks", "Kolmogorov-Smirnov"), ("kp", "Kuiper")):
        yield from _over_bands(
            Column(
                f"{test}_intra_prob",
                ucd="stat.probability;src.var",
                description=f"Highest {words} probability of variability within an observation",
            )
        )
    yield from _over_bands(
        Column(
            "var_intra_prob",
            ucd="stat.probability;src.var",
            description="Highest Gregory-Loredo probability of variability within an observation",
        )
    )
    yield from _over_bands(
        _whole("var_intra_index", "Highest variability index (0-10) within an observation", "src.var.index")
    )
    yield from _over_bands(
        Column(
            "var_inter_prob",
            ucd="stat.probability;src.var",
            description="Probability of variability between observations",
        )
    )
    yield from _over_bands(_whole("var_inter_index", "Variability index (0-10) between observations", "src.var.index"))
    yield from _over_bands(
        Column(
            "var_inter_sigma",
            unit=PHOTON,
            ucd="stat.stdev;phot.flux;em.X-ray",
            description="Spread of the photon flux between observations",
        )
    )


def _exposure() -> Iterator[Column]:
    for detector in ("acis", "hrc"):
        for kind, words in (("", ""), ("_hetg", " with the HETG"), ("_letg", " with the LETG")):
            yield _whole(
                f"{detector}{kind}_num", f"Number of {detector.upper()} observations{words}", "meta.number;obs"
            )
        for kind, words in (("", ""), ("_hetg", " with the HETG"), ("_letg", " with the LETG")):
            yield Column(
                f"{detector}{kind}_time",
                unit="s",
                ucd="time.duration;obs.exposure",
                description=f"{detector.upper()} live time{words}",
            )


def _master_source() -> Iterator[Column]:
    yield from _position_columns()
    yield from _master_flags()
    yield from _extent()
    yield from _over_bands(
        Column("src_area", unit="arcsec**2", ucd="phys.angArea", description="Area of the deconvolved extent ellipse")
    )
    yield _whole("phot_nsrcs", "Number of sources fitted together for the photometry", "meta.number;src")
    yield from _master_fluxes()
    yield Column("likelihood", ucd="stat.likelihood", description="Highest detection log likelihood")
    yield Column("likelihood_class", "char", ucd="meta.code.class", description="Detection class, TRUE or MARGINAL")
    yield Column("significance", ucd="stat.snr", description="Highest flux significance (S/N) over stacks and bands")
    yield from _spectral_fits()
    yield Column("nh_gal", unit=NH, ucd="phys.columnDensity", description="Galactic neutral hydrogen column")
    for pair, words in _RATIO_WORDS.items():
        yield from _hardness(pair)
        yield Column(
            f"var_inter_hard_prob_{pair}",
            ucd="stat.probability;src.var",
            description=f"Probability that the hardness ratio {words} varies between observations",
        )
        yield Column(
            f"var_inter_hard_sigma_{pair}",
            ucd="stat.stdev;src.var",
            description=f"Spread of the hardness ratio {words} between observations",
        )
    yield from _master_variability()
    yield _flag("dither_warning_flag", "The strongest period is at the dither frequency or a beat of it")
    yield from _exposure()


def _detection_common() -> Iterator[Column]:
    """Columns that stack and observation tables share."""
    yield from _over_bands(
        Column("flux_significance", ucd="stat.snr;phot.flux", description="Flux significance (S/N)"), "bwhmsu"
    )
    yield from _over_bands(
        Column("likelihood", ucd="stat.likelihood", description="Detection log likelihood"), "bwhmsu"
    )
    yield _whole("conf_code", "Confusion code (bits)")
    yield _whole("extent_code", "Extent code (bits: one a band)")
    yield _flag("sat_src_flag", "Detection is saturated; its properties are unreliable")
    yield _flag("streak_src_flag", "Detection lies on an ACIS readout streak")
    yield from _extent()
    yield from _over_bands(
        Column("src_cnts_aper", unit="count", ucd="phot.count;em.X-ray", description="Aperture-corrected net counts"),
        limits=True,
    )
    yield from _over_bands(
        Column(
            "src_rate_aper",
            unit=RATE,
            ucd="arith.rate;phot.count;em.X-ray",
            description="Aperture-corrected net count rate",
        ),
        limits=True,
    )
    yield from _flux("photflux_aper", "Aperture-corrected net photon flux, source region", PHOTON)
    yield from _flux("flux_aper", "Aperture-corrected net energy flux, source region")
    for pair in _RATIO_WORDS:
        yield from _hardness(pair)
    yield Column("livetime", unit="s", ucd="time.duration;obs.exposure", description="Live time")


_REGION = _whole("region_id", "Region number, unique within its detect stack", "meta.id.part")
_STACK = Column(
    "detect_stack_id", "char", ucd="meta.id", description="Detect stack, '{acis|hrc}fJhhmmsss{p|m}ddmmss_nnn'"
)
_OBSID = _whole("obsid", "Observation identifier", "meta.id;obs")
_OBI = _whole("obi", "Observation interval number", "meta.id.part;obs")


def _stack_source() -> Iterator[Column]:
    yield _STACK
    yield _REGION
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
    yield _flag("var_flag", "Flux varies within or between the stack's observations")
    yield _flag("var_inter_hard_flag", "Hardness ratios differ between the stack's observations")
    yield from _over_bands(
        _whole("var_intra_index", "Highest variability index (0-10) within an observation", "src.var.index")
    )
    yield from _over_bands(_whole("var_inter_index", "Variability index (0-10) between observations", "src.var.index"))


def _observation_source() -> Iterator[Column]:
    yield _OBSID
    yield _OBI
    yield _REGION
    yield Column("instrument", "char", ucd="meta.id;instr", description="ACIS or HRC")
    yield Column("detector", "char", ucd="meta.id;instr.det", description="Detector elements in use")
    yield Column("targname", "char", ucd="meta.id;src", description="Target name given by the observer")
    for suffix, words in (("targ", "target"), ("pnt", "mean pointing"), ("nom", "nominal pointing")):
        yield Column(f"ra_{suffix}", unit="deg", ucd="pos.eq.ra", description=f"Right ascension of the {words}")
        yield Column(f"dec_{suffix}", unit="deg", ucd="pos.eq.dec", description=f"Declination of the {words}")
    for suffix, words in (("pnt", "mean pointing"), ("nom", "nominal pointing")):
        yield Column(f"roll_{suffix}", unit="deg", ucd="pos.posAng", description=f"Roll angle of the {words}")
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
    yield _whole("var_code", "Variability code (bits: one a band)")
    yield _flag("dither_warning_flag", "The strongest period is at the dither frequency or a beat of it")
    yield from _over_bands(
        Column("cnts_aper", "int", "count", "phot.count;em.X-ray", "Total counts in the source region")
    )
    yield from _over_bands(
        Column(
            "cnts_aperbkg", "int", "count", "phot.count;em.X-ray;instr.background", "Counts in the background region"
        )
    )
    yield from _over_bands(_whole("var_index", "Gregory-Loredo variability index (0-10)", "src.var.index"))
    for test, words in (("var", "Gregory-Loredo"), ("ks", "Kolmogorov-Smirnov"), ("kp", "Kuiper")):
        yield from _over_bands(
            Column(f"{test}_prob", ucd="stat.probability;src.var", description=f"{words} probability of variability")
        )
    for what, words in (("mean", "mean"), ("sigma", "spread"), ("min", "minimum"), ("max", "maximum")):
        yield from _over_bands(
            Column(
                f"var_{what}",
                unit=RATE,
                ucd="arith.rate;phot.count;em.X-ray",
                description=f"Gregory-Loredo light curve: {words} of the count rate",
            )
        )
    for shape, words in (("powlaw", "power law"), ("bb", "black body"), ("brems", "bremsstrahlung")):
        yield from _flux(f"flux_{shape}_aper", f"Energy flux of a standard {words} with Galactic absorption")
    yield from _spectral_fits()


TABLES: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        table: MappingProxyType({column.name: column for column in columns})
        for table, columns in {
            "master_source": [*_master_source()],
            "stack_source": [*_stack_source()],
            "observation_source": [*_observation_source()],
            "master_stack_assoc": [
                Column("name", "char", ucd="meta.id;meta.main", description="Source name"),
                _STACK,
                _REGION,
                Column(
                    "match_type",
                    "char",
                    ucd="meta.code",
                    description="u: unique match, a: ambiguous match, n: not detected in this stack",
                ),
            ],
            "stack_observation_assoc": [_STACK, _REGION, _OBSID, _OBI],
            "detect_stack": [
                _STACK,
                _OBSID,
                _OBI,
                Column("cycle", "char", ucd="meta.code", description="Alternating exposure cycle, P or S"),
            ],
        }.items()
    }
)
"""Every table of the catalogue with its columns in service order."""


@cache
def describe(name: str, table: str | None = None) -> Column | None:
    """What is known of a column, or None for a name the catalogue does not have.

    Without a table, the master table is asked first: its meaning is what users expect.
    """
    tables = [table] if table else list(TABLES)
    for candidate in tables:
        if (found := TABLES.get(candidate, {}).get(name)) is not None:
            return found
    return None
