"""Pages enter when they are first shown."""

import ipywidgets

from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.lazy import LazyAccordion, LazyBox


def test_a_view_stays_in_the_page_once_it_was_shown():
    views = one, two, three = [ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()]
    box = LazyBox(one, two)

    def present():
        return [card.children for card in box.children]

    def seen():
        return [not {"csc-behind"} & set(card._dom_classes) for card in box.children]

    assert (box.shown, present(), seen()) == ((), [(), ()], [False, False])
    box.show(two)
    assert (box.shown, present(), seen()) == ((two,), [(), (two,)], [False, True])
    cards = box.children
    box.add(three)
    assert box.children[:2] == cards  # theirs were made again otherwise
    box.show(three, one)
    assert (box.shown, present(), seen()) == ((one, three), [(one,), (two,), (three,)], [True, False, True])
    close_all(box)
    assert [view.comm for view in views] == [None] * 3


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
