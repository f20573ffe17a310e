"""What code asks of an explorer beside other programs, files and tables of one's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .export.region_files import write_regions
from .science.matches.column_roles import ColumnRoles
from .state.area_layer import AreaLayer, is_area
from .state.explorer import ExplorerState
from .state.samp import SampState
from .state.user_layer import UserLayer
from .state.user_layers import UserLayers
from .state.workspace import Workspace

__all__ = ["Neighbouring"]


class Neighbouring:
    """The part of `cscwidgets.scripting.Scripting` that has to do with others.

    Parameters
    ----------
    workspace : Workspace
        The states that are asked and changed.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._state: ExplorerState = workspace.explorer

    @property
    def layers(self) -> UserLayers:
        """Tables of your own on the sky: ``layers["mine"].selected``; see `add_layer`."""
        return self.workspace.layers

    @property
    def samp(self) -> SampState:
        """Other programs of this machine (TOPCAT, Aladin, DS9): connect, send, and take what they send."""
        return self.workspace.samp

    def add_layer(
        self, table: Any, name: str = "", *, roles: ColumnRoles | None = None, colour: str | None = None
    ) -> UserLayer | AreaLayer:
        """Show a table, regions or a coverage map of your own on the sky, in place of a layer of that name.

        See `layers` for choosing rows of it, and selecting the sources that lie near or inside.

        Parameters
        ----------
        table : Table, DataFrame, pyarrow table, SkyRegion, sequence of SkyRegion, MOC or path
            Of astropy, pandas, polars or pyarrow; or a file of FITS, VOTable, Parquet, ECSV, CSV, ..., or of DS9's or
            CASA's regions, or of a MOC.
        name : str
            The file's or "table" unless told.
        roles : ColumnRoles, optional
            Which columns are position, name, errors; guessed from names and UCDs unless told.
        colour : str, optional
            "#rrggbb".

        Raises
        ------
        CscError
            If it is none of these, or a table without positions.
        """
        if is_area(table):
            return self.workspace.layers.add_area(table, name, colour=colour)
        return self.workspace.layers.add(table, name, roles=roles, colour=colour)

    def remove_layer(self, name: str) -> None:
        """Take a layer of your own off the sky. Raises `CscError` if there is none of that name."""
        self.workspace.layers.remove(name)

    def links(self) -> dict[str, str]:
        """Addresses of pages about the present region, by the name of the service; nothing is asked.

        SIMBAD, ESASky and the catalogue's cone search; CSCview and DS9 are programs: see `samp` and `write_regions`.

        Raises
        ------
        CscError
            If there is no region, or what the search failed with.
        """
        self._state.settle()
        return self._state.links()

    def write_regions(self, path: str | os.PathLike[str], what: str = "region", *, overwrite: bool = False) -> Path:
        """Write the region, or the sources as their error ellipses, for DS9, CASA, or as a coverage map (MOC).

        Parameters
        ----------
        path : path
            Ends in .reg or .ds9 (DS9), .crtf (CASA) or .fits (MOC).
        what : {"region", "sources", "selected"}
        overwrite : bool
            Replace an existing file.

        Raises
        ------
        CscError
            If there is nothing to write, or it cannot be written; or what the search failed with.
        """
        self._state.settle()
        return write_regions(self._state.regions(what), path, overwrite=overwrite)
