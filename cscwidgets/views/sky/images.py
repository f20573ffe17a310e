"""Images on their way to the sky, as FITS, and from it, as pictures of what it shows."""

from __future__ import annotations

import secrets
from io import BytesIO
from pathlib import Path

from astropy.io import fits

from ...errors import CscError
from ...io.atomic import write_whole
from ...io.files import read_file
from ...io.fits import open_fits
from ...io.reading import reading

__all__ = ["Pictures", "fits_bytes"]

_LARGEST = 1_000_000_000  # bytes of a FITS file: a page cannot hold more
_FORMATS = ("png", "jpeg", "webp")


def fits_bytes(image: str | Path | fits.HDUList) -> bytes:
    """A FITS image as a page takes it.

    Raises
    ------
    CscError
        If a file is not there, damaged, or larger than a page can take.
    """
    if isinstance(image, str | Path):
        with reading(f"{image} cannot be shown", "Give a FITS file with an image."):
            return _written(open_fits(read_file(image, _LARGEST), largest=_LARGEST, images=True))
    return _written(image)


def _written(image: fits.HDUList) -> bytes:
    buffer = BytesIO()
    image.writeto(buffer)
    return buffer.getvalue()


class Pictures:
    """Pictures that were asked of the page, and where Python said they go: the page never says where to write."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[Path, bool]] = {}

    def ask(self, path: str | Path, image_format: str, *, overwrite: bool) -> str:
        """A ticket for a picture.

        Raises
        ------
        CscError
            If the format is another, or the file exists.
        """
        if image_format not in _FORMATS:
            raise CscError(f"{path} was not written", f"{image_format!r} is no format", f"Use {', '.join(_FORMATS)}.")
        place = Path(path).expanduser()
        if place.exists() and not overwrite:
            raise CscError(f"{place} was not written", "a file of that name exists", "Allow overwriting.")
        ticket = secrets.token_hex(16)
        self._asked[ticket] = (place, overwrite)
        return ticket

    def take(self, ticket: str, content: memoryview) -> None:
        """Write the picture of a ticket; the first one counts, since the view may be open several times."""
        place, overwrite = self._asked.pop(ticket, (None, False))
        if place is not None:
            write_whole(place, lambda temporary: temporary.write_bytes(content), overwrite=overwrite)
