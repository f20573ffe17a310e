"""The archive's own pictures of the explorer's region, where it carries some."""

from __future__ import annotations

from traitlets import Bool, HasTraits, Tuple

from cscwidgets.science.images import SkyPicture, read_picture

from .explorer import ExplorerState
from .tasks import Task

__all__ = ["ArchivePictures"]


class ArchivePictures(HasTraits):
    """Pictures that reach the region; fetched once somebody sees the sky.

    Attributes
    ----------
    active : bool
        Whether anybody looks.
    pictures : tuple of SkyPicture
        Those of the last region that had an answer.
    """

    active = Bool(False)
    pictures = Tuple()

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self.explorer, self.desk = explorer, explorer.desk
        self.desk.when(explorer, "region", self._look)
        self.desk.when(self, "active", self._look)
        self._kept: dict[str, SkyPicture] = {}

    def _look(self) -> None:
        region, archive = self.explorer.region, self.desk.archive
        if not self.active or region is None:
            return

        def work(task: Task) -> dict[str, SkyPicture]:
            pictures: dict[str, SkyPicture] = {}
            for name in archive.pictures(region.shape, monitor=task)["name"]:
                task.check()
                kept = self._kept.get(str(name))
                pictures[str(name)] = kept or read_picture(archive.fetch_picture(str(name), monitor=task))
            return pictures

        def done(pictures: dict[str, SkyPicture]) -> None:
            self._kept = pictures
            self.pictures = tuple(pictures.values())

        self.desk.tasks.run(
            "Fetching the archive's picture",
            work,
            done,
            key="archive pictures",
            stands=lambda: region is self.explorer.region,
        )
