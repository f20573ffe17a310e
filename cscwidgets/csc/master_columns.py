"""Columns of the master table: one row a source."""

from __future__ import annotations

from collections.abc import Iterator

from .families import (
    ERG,
    NH,
    PHOTON,
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

__all__ = ["master_source"]


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
        flag("extent_flag", "Source is extended, or not consistent with a point source at 90% confidence"),
        flag("conf_flag", "Source may be confused: its regions overlap those of another source"),
        flag("pileup_flag", "ACIS pile-up exceeds about 10% in all observations"),
        flag("var_flag", "Flux varies within or between observations in at least one band"),
        flag("streak_src_flag", "Source lies on an ACIS readout streak in all observations"),
        flag("sat_src_flag", "Source is saturated in all observations; its properties are unreliable"),
        flag("man_add_flag", "Source was added by human review"),
        flag("man_inc_flag", "Source was included by human review"),
        flag("man_reg_flag", "Source region was changed by human review"),
        flag("man_match_flag", "Detections were matched by human review"),
        flag("man_pos_flag", "Position was changed by human review"),
        flag("var_inter_hard_flag", "Hardness ratios differ between observations"),
    ]


def _master_fluxes() -> Iterator[Column]:
    apertures = {"aper": "source region", "aper90": "90% PSF fraction"}
    best = "from the longest flux-ordered Bayesian block"
    averaged = "averaged over all observations"
    for unit, prefix, words in ((PHOTON, "photflux", "photon flux"), (ERG, "flux", "energy flux")):
        for aperture, where in apertures.items():
            yield from flux(f"{prefix}_{aperture}", f"Aperture-corrected net {words}, {where}, {best}", unit)
    for unit, prefix, words in ((PHOTON, "photflux", "photon flux"), (ERG, "flux", "energy flux")):
        for aperture, where in apertures.items():
            yield from flux(f"{prefix}_{aperture}_avg", f"Aperture-corrected net {words}, {where}, {averaged}", unit)
    shapes = {
        "powlaw": "power law of photon index 2.0",
        "bb": "black body of 0.75 keV",
        "brems": "bremsstrahlung of 3.5 keV",
        "apec": "APEC plasma of 6.5 keV",
    }
    for shape, words in shapes.items():
        for aperture, where in apertures.items():
            yield from flux(f"flux_{shape}_{aperture}", f"Energy flux of a {words} with Galactic absorption, {where}")


def _master_variability() -> Iterator[Column]:
    for test, words in (("ks", "Kolmogorov-Smirnov"), ("kp", "Kuiper")):
        yield from over_bands(
            Column(
                f"{test}_intra_prob",
                ucd="stat.probability;src.var",
                description=f"Highest {words} probability of variability within an observation",
            )
        )
    yield from over_bands(
        Column(
            "var_intra_prob",
            ucd="stat.probability;src.var",
            description="Highest Gregory-Loredo probability of variability within an observation",
        )
    )
    yield from over_bands(
        whole("var_intra_index", "Highest variability index (0-10) within an observation", "src.var.index")
    )
    yield from over_bands(
        Column(
            "var_inter_prob",
            ucd="stat.probability;src.var",
            description="Probability of variability between observations",
        )
    )
    yield from over_bands(whole("var_inter_index", "Variability index (0-10) between observations", "src.var.index"))
    yield from over_bands(
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
            yield whole(f"{detector}{kind}_num", f"Number of {detector.upper()} observations{words}", "meta.number;obs")
        for kind, words in (("", ""), ("_hetg", " with the HETG"), ("_letg", " with the LETG")):
            yield Column(
                f"{detector}{kind}_time",
                unit="s",
                ucd="time.duration;obs.exposure",
                description=f"{detector.upper()} live time{words}",
            )


def master_source() -> Iterator[Column]:
    yield from _position_columns()
    yield from _master_flags()
    yield from extent()
    yield from over_bands(
        Column("src_area", unit="arcsec**2", ucd="phys.angArea", description="Area of the deconvolved extent ellipse")
    )
    yield whole("phot_nsrcs", "Number of sources fitted together for the photometry", "meta.number;src")
    yield from _master_fluxes()
    yield Column("likelihood", ucd="stat.likelihood", description="Highest detection log likelihood")
    yield Column("likelihood_class", "char", ucd="meta.code.class", description="Detection class, TRUE or MARGINAL")
    yield Column("significance", ucd="stat.snr", description="Highest flux significance (S/N) over stacks and bands")
    yield from spectral_fits()
    yield Column("nh_gal", unit=NH, ucd="phys.columnDensity", description="Galactic neutral hydrogen column")
    for pair, words in RATIO_WORDS.items():
        yield from hardness(pair)
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
    yield flag("dither_warning_flag", "The strongest period is at the dither frequency or a beat of it")
    yield from _exposure()
