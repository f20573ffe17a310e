"""All states of one explorer, each made from those it follows."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

from .all_sky import AllSkyState
from .archive_pictures import ArchivePictures
from .catalogue_query import CatalogueQuery
from .coverage import CoverageState
from .crossmatch import CrossmatchState
from .cutouts import CutoutState
from .diagrams import DiagramsState
from .explorer import ExplorerState
from .fields import FieldsState
from .images import ImagesState
from .keeping import Keeps
from .lightcurve import LightCurveState
from .own_columns import OwnColumns
from .periods import PeriodState
from .position_list import ListState
from .samp import SampState
from .selection import Selection
from .shape import Shape
from .source import SourceState
from .spectral_fit import SpectralFitState
from .spectral_model import SpectralModelState
from .spectrum import SpectrumState
from .surveys import SurveyState
from .user_layers import UserLayers

__all__ = ["KEPT", "Workspace"]

KEPT: Mapping[str, type[Keeps]] = MappingProxyType(
    {
        "shape": Shape,
        "surveys": SurveyState,
        "own_columns": OwnColumns,
        "query": CatalogueQuery,
        "selection": Selection,
        "listed": ListState,
        "explorer": ExplorerState,
        "source": SourceState,
        "cutouts": CutoutState,
        "lightcurve": LightCurveState,
        "periods": PeriodState,
        "spectrum": SpectrumState,
        "spectral_model": SpectralModelState,
        "spectral_fit": SpectralFitState,
        "diagrams": DiagramsState,
        "crossmatch": CrossmatchState,
        "coverage": CoverageState,
        "fields": FieldsState,
        "images": ImagesState,
        "layers": UserLayers,
    }
)
"""The states that a session keeps, in the order in which they are restored: each after those it follows."""


class Workspace:
    """What the panels of one explorer share.

    Parameters
    ----------
    explorer : ExplorerState
        Region, table, selection and focus.
    namespace : mutable mapping, optional
        The notebook's variables: tables to work with, and where results go.

    Attributes
    ----------
    desk : Desk
        The archive, the tasks, the messages, the selection.
    shape : Shape
        How it is arranged on the screen.
    query : CatalogueQuery
        Which columns and rows are asked for, of which table, or a query of the reader's own.
    listed : ListState
        What the rows of a list of positions or names are.
    surveys : SurveyState
        The images below the sources on the sky.
    all_sky : AllSkyState
        A whole catalogue, as it opens.
    source : SourceState
        The source in focus.
    cutouts, lightcurve, periods, spectrum, spectral_model, spectral_fit : HasTraits
        What is looked at of its observations.
    crossmatch, coverage : HasTraits
        What is asked about the explorer's table and region.
    diagrams : DiagramsState
        What is drawn of the table.
    fields : FieldsState
        Where was observed around the region.
    archive_pictures, images : HasTraits
        What is on the sky below the sources: the archive's own pictures, and what was chosen.
    layers : UserLayers
        Tables of the reader's own on the sky.
    samp : SampState
        What goes to other programs of this machine, and comes from them.
    """

    def __init__(self, explorer: ExplorerState, namespace: MutableMapping[str, Any] | None = None) -> None:
        self.explorer, self.desk = explorer, explorer.desk
        self.namespace: MutableMapping[str, Any] = {} if namespace is None else namespace
        self.shape = Shape()
        self.query = CatalogueQuery(explorer)
        self.listed = ListState(explorer)
        self.surveys = SurveyState(self.desk.tasks)
        self.all_sky = AllSkyState(explorer)
        self.source = SourceState(explorer)
        self.cutouts = CutoutState(self.source)
        self.lightcurve = LightCurveState(self.source)
        self.periods = PeriodState(self.lightcurve)
        self.spectrum = SpectrumState(self.source)
        self.spectral_model = SpectralModelState(self.spectrum)
        self.spectral_fit = SpectralFitState(self.spectral_model)
        self.crossmatch = CrossmatchState(explorer)
        self.coverage = CoverageState(explorer)
        self.diagrams = DiagramsState()
        self.fields = FieldsState(explorer)
        self.archive_pictures = ArchivePictures(explorer)
        self.images = ImagesState(explorer, self.source, self.lightcurve, self.spectral_model)
        self.layers = UserLayers(explorer)
        self.samp = SampState(explorer, self.images, self.layers)

    @property
    def kept(self) -> dict[str, Keeps]:
        """The states that a session keeps, in their order."""
        elsewhere = {"own_columns": self.explorer.own_columns, "selection": self.desk.selection}
        return {name: elsewhere.get(name) or getattr(self, name) for name in KEPT}
