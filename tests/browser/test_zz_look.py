"""Look."""

from .laptop import DESKTOP, LAPTOP
from .skypage import SkyPage
from .test_neighbours import DROP, LAYER


def test_look(workspace):
    nb = workspace
    page, view = nb.page, SkyPage(workspace)
    for size, name in ((DESKTOP, "desktop"), (LAPTOP, "laptop")):
        nb.resize(size)
        nb.bring_into_sight()
        page.locator(".csc-menu-export > .csc-menu-button").click()
        for theme in ("light", "dark"):
            nb.theme(theme)
            page.wait_for_timeout(500)
            nb.screenshot(f"menu-{name}-{theme}")
            c = page.locator(".csc-exporting")
            print(c.evaluate("n => [n.scrollHeight, n.clientHeight, n.scrollWidth, n.clientWidth]"))
            c.evaluate("n => n.scrollTop = n.scrollHeight")
            nb.screenshot(f"menu-end-{name}-{theme}")
            c.evaluate("n => n.scrollTop = 0")
        page.keyboard.press("Escape")
    nb.execute(LAYER)
    view.wait("!view.layers.own.legend.hidden")
    place = nb.kernel("[frame['ra'].tolist()[1], frame['dec'].tolist()[1]]")
    x, y = view.js("view.toPixel(...argument)", place)
    box = view.field.bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    nb.until("app.layers['HST stars'].row == 1")
    view.field.evaluate(DROP, 'icrs; circle(6.02, -72.08, 60")')
    nb.until("'desktop' in app.layers.names")
    for size, name in ((DESKTOP, "desktop"), (LAPTOP, "laptop")):
        nb.resize(size)
        nb.bring_into_sight()
        for theme in ("light", "dark"):
            nb.theme(theme)
            page.wait_for_timeout(700)
            nb.screenshot(f"layer-{name}-{theme}")
