"""Pages enter when they are first shown, also the first."""

import ipywidgets
import pytest

from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.lazy import LazyAccordion


@pytest.mark.parametrize("selected", [None, 0, 1])
def test_pages_enter_when_they_are_shown(selected):
    pages = {title: ipywidgets.HTML(title) for title in ("one", "two")}
    container = LazyAccordion(pages, unguarded, selected=selected)

    def present():
        return [bool(child.children) for child in container.children]

    assert (container.selected_index, container.titles) == (selected, ("one", "two"))
    assert present() == [selected == 0, selected == 1]
    container.selected_index = 1
    assert container.children[1].children == (pages["two"],)
    close_all(container)  # the page that was never shown too
    assert [page.comm for page in pages.values()] == [None, None]
