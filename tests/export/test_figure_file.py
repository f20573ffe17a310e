"""Figures as files: exact sizes, fonts in the file, words for those who do not see them."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from cscwidgets.errors import CscError
from cscwidgets.export import PaperFigure, describe_figure, write_figure
from cscwidgets.export.journal import COLUMNS, journal_style

POINTS_PER_MM = 72 / 25.4
# aanda.org, author's guide, "Figures": one column 88 mm, the page 180 mm. AAS: 3.5 and 7.1 inches.
WIDTHS = {"AAS column": 88.9, "AAS page": 180.34, "A&A column": 88.0, "A&A page": 180.0}


def figure_in(name, **options):
    with journal_style(name):
        figure = PaperFigure(**({"figsize": (11, 5)} | options))
        left, right = figure.beside(2)
        left.plot([1, 2, 3], [2, 3, 5])
        left.set(xlabel="time / ks", ylabel="rate − count/s")
        right.scatter([1, 2], [3, 4])
        right.set(xlabel=r"$\log\,p_\mathrm{min}$", ylabel="Ω")
    return figure


def size_of(path):
    """Width and height in mm, as the file says them."""
    data = path.read_bytes()
    if path.suffix == ".pdf":
        return [float(one) / POINTS_PER_MM for one in re.search(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]", data).groups()]
    if path.suffix == ".svg":
        return [
            float(one) / POINTS_PER_MM for one in re.search(rb'width="([\d.]+)pt" height="([\d.]+)pt"', data).groups()
        ]
    image = Image.open(io.BytesIO(data))
    return [pixels / dpi * 25.4 for pixels, dpi in zip(image.size, image.info["dpi"], strict=True)]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_file_has_the_journals_width_to_a_tenth_of_a_millimetre(name, tmp_path):
    figure = figure_in(name)
    height = figure.get_size_inches()[1] * 25.4
    for ending in (".pdf", ".svg", ".png"):
        size = size_of(write_figure(figure, tmp_path / f"figure{ending}"))
        np.testing.assert_allclose(size, [WIDTHS[name], height], atol=0.1)


def test_a_narrow_column_has_parts_below_each_other():
    wide, narrow = figure_in("AAS page"), figure_in("AAS column")
    assert len({axes.get_position().y0 for axes in wide.axes}) == 1
    assert len({axes.get_position().x0 for axes in narrow.axes}) == 1
    assert narrow.get_size_inches()[1] > narrow.get_size_inches()[0]
    assert PaperFigure(figsize=(11, 5)).get_size_inches().tolist() == [11, 5]  # a notebook's stays as it is


def test_the_fonts_are_in_the_pdf_and_the_letters_of_an_svg_are_outlines(tmp_path):
    pdf = write_figure(figure_in("A&A column"), tmp_path / "figure.pdf").read_bytes()
    assert b"/FontFile2" in pdf  # TrueType, embedded
    assert b"/Type3" not in pdf
    fonts = pdf.count(b"/Subtype /Type0")
    assert fonts
    assert pdf.count(b"/FontFile2") == fonts
    svg = write_figure(figure_in("A&A column"), tmp_path / "figure.svg").read_text()
    assert "<text" not in svg


def test_the_alternative_text_is_in_each_file(tmp_path):
    figure = figure_in("AAS column", simulated=True)
    words = "Rates rise & fall <slowly>."
    paths = [write_figure(figure, tmp_path / f"figure{end}", description=words) for end in (".pdf", ".svg", ".png")]
    pdf, svg, png = (path.read_bytes() for path in paths)
    assert b"/Subject (Rates rise & fall <slowly>.)" in pdf
    assert b"/Title (SIMULATED.)" in pdf
    assert b'role="img" aria-labelledby="title desc"' in svg
    assert b'<desc id="desc">Rates rise &amp; fall &lt;slowly&gt;.</desc>' in svg
    assert Image.open(io.BytesIO(png)).info["Description"] == words


def test_a_description_is_made_of_titles_axes_and_numbers():
    assert describe_figure(figure_in("AAS page", simulated=True)) == (
        "SIMULATED. rate − count/s (1.85 to 5.15) against time / ks (0.9 to 3.1): a line of 3 points."
        " Ω (2.95 to 4.05) against log p_min (0.95 to 2.05): 2 symbols."
    )


def test_words_longer_than_the_figure_are_broken(tmp_path):
    figure = figure_in("AAS column")
    label = figure.axes[0].xaxis.label
    label.set_text("time since MJD 52547.55940 in kiloseconds of terrestrial time, not barycentred at all")
    write_figure(figure, tmp_path / "figure.png")
    figure.draw_without_rendering()
    assert "\n" in label.get_text()
    assert 0 <= label.get_window_extent().x0 < label.get_window_extent().x1 <= figure.bbox.width


def test_a_file_that_is_there_stays_and_another_format_is_refused(tmp_path):
    figure = figure_in("AAS column")
    path = write_figure(figure, tmp_path / "figure.svg")
    with pytest.raises(CscError):
        write_figure(figure, path)
    write_figure(figure, path, overwrite=True)
    with pytest.raises(CscError, match=r"ends with \.pdf, \.svg, \.png"):
        write_figure(figure, tmp_path / "figure.bmp")
    with pytest.raises(CscError, match="no width"), journal_style("Nature"):
        pass
