"""Pages enter when they are first shown."""

import ipywidgets

from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.lazy import LazyAccordion


def test_pages_enter_when_they_are_shown():
    pages = {title: ipywidgets.HTML(title) for title in ("one", "two")}
    container = LazyAccordion(pages, unguarded)

    def present():
        return [bool(child.children) for child in container.children]

    assert (container.selected_index, container.titles) == (None, ("one", "two"))
    assert present() == [False, False]
    container.selected_index = 1
    assert present() == [False, True]
    assert container.children[1].children == (pages["two"],)
    close_all(container)  # the page that was never shown too
    assert [page.comm for page in pages.values()] == [None, None]
