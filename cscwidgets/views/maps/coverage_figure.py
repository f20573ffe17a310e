"""The coverage for the paper: the mosaic, and the curve beside it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.layout_engine import ConstrainedLayoutEngine

from cscwidgets.csc.bands import BANDS

from ...export.figure import PaperFigure
from ...science.maps.coverage_curve import CoverageCurve
from ...state.coverage import Coverage
from .coverage_plots import drawn_curve
from .flux_axis import FluxAxis
from .limit_colours import LimitColours

__all__ = ["coverage_figure"]


def coverage_figure(coverage: Coverage, curve: CoverageCurve, axis: FluxAxis) -> PaperFigure:
    """Mosaic on the left, cumulative sky coverage on the right."""
    mosaic, picture = coverage.mosaic, coverage.picture
    engine = ConstrainedLayoutEngine(wspace=0.08)
    figure = PaperFigure(figsize=(11.5, 4.8), layout=engine, simulated=mosaic.simulated)
    shape = figure.shape_of(2)
    left = figure.add_subplot(*shape, 1, projection=picture.wcs)
    colours = LimitColours.of(picture.limit)
    with np.errstate(invalid="ignore"):
        shown = axis.shown(np.ma.masked_invalid(picture.limit).filled(np.nan))
    ends = axis.shown([colours.low, colours.high])
    image = left.imshow(shown, origin="lower", cmap=colours.name, norm=colours.norm, interpolation="nearest")
    image.norm.vmin, image.norm.vmax = float(ends[0]), float(ends[1])
    ra, dec = coverage.region.boundary()
    transform = left.get_transform("icrs")
    left.plot(np.append(ra, ra[0]), np.append(dec, dec[0]), color="black", lw=0.8, transform=transform)
    left.set(xlabel="RA (ICRS)", ylabel="Dec (ICRS)")
    figure.colorbar(image, ax=left, label=f"limiting flux [{axis.unit_words}]", fraction=0.046, pad=0.03)
    draw_curve(figure.add_subplot(*shape, 2), curve, axis)
    figure.suptitle(f"{coverage.title}: {BANDS[mosaic.band]}, {mosaic.threshold} limits", fontsize=10)
    return figure


def draw_curve(axes: Axes, curve: CoverageCurve, axis: FluxAxis) -> None:
    """The cumulative curve of the screen; the CSC's thread has it in steps of 0.05 dex."""
    flux, area = drawn_curve(curve, axis)
    axes.plot(np.log10(flux), area, lw=1.4)
    symbol = "p" if axis.calibration is None else "F"
    axes.set(
        xlabel=rf"$\log\,{symbol}_\mathrm{{min}}$ [{axis.unit_words}]", ylabel=r"$\Omega(F > F_\mathrm{min})$ [deg²]"
    )
    axes.set_ylim(0)
