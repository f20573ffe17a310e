"""A notebook beside JupyterLab's file browser, and what is wrong with how something is laid out."""

from __future__ import annotations

from .notebook import Notebook

LAPTOP, DESKTOP = (1366, 768), (1920, 1080)
PANELS = ["Source", "Hardness", "Diagrams", "Light curves", "Spectrum", "Counterparts", "Sky coverage", "Images"]
PANELS += ["Query"]

# What lies outside a container, is wider than its place, or lies over another control.
FAULTS = """container => {
  const room = container.getBoundingClientRect(), found = [];
  const seen = node => {
    if (!node.checkVisibility({visibilityProperty: true})) return false;
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && !node.closest('.csc-menu-content, .csc-away');
  };
  const all = selector => [...container.querySelectorAll(selector)].filter(seen);
  const named = node => `${node.tagName} ${(node.textContent || node.title || node.placeholder || '').slice(0, 40)}`;
  const scrolled = node => node.closest('.tabulator, .csc-scrolled, .csc-settings, [role=tablist]');
  const controls = all('button, select, input:not([type=radio]):not([type=range]), summary')
    .filter(node => !scrolled(node));
  for (const node of controls) {
    const box = node.getBoundingClientRect();
    if (box.left < room.left - 1 || box.right > room.right + 1 || box.bottom > room.bottom + 1)
      found.push(`outside: ${named(node)}`);
  }
  for (const node of [...controls.filter(node => node.matches('button')), ...all('.widget-label')])
    if (!node.matches('.csc-focus') && node.clientWidth && node.scrollWidth > node.clientWidth + 1)
      found.push(`cut: ${named(node)}`);
  for (const one of controls)
    for (const other of controls) {
      if (one === other || one.contains(other)) continue;
      const [a, b] = [one, other].map(node => node.getBoundingClientRect());
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
        found.push(`overlap: ${named(one)} and ${named(other)}`);
    }
  for (const body of [container, ...all('.csc-panel-body')])
    if (body.matches('.csc-panel-body') &&
        (body.scrollHeight > body.clientHeight || body.scrollWidth > body.clientWidth)) found.push('a panel scrolls');
  for (const plot of all('.csc-diagram').filter(node => !scrolled(node))) {
    const box = plot.getBoundingClientRect();
    if (box.bottom > room.bottom + 1 || box.right > room.right + 1) found.push('a plot is cut');
  }
  for (const name of all('.bqplot .axislabel')) {
    const [a, b] = [name, name.closest('.bqplot')].map(node => node.getBoundingClientRect());
    const [least, most] = a.height > a.width ? [a.top - b.top, b.bottom - a.bottom]
      : [a.left - b.left, b.right - a.right];
    if (Math.min(least, most) < -1) found.push(`name of an axis is cut: ${name.textContent}`);
  }
  for (const axis of all('.bqplot .axis')) {
    const words = [...axis.querySelectorAll('.tick text')].filter(node => node.textContent && seen(node));
    const boxes = words.map(node => node.getBoundingClientRect());
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 10) // in one line
        found.push(`numbers meet: ${words[i].textContent} and ${words[i + 1 + j].textContent}`);
    }));
  }
  return found;
}"""


class BesideFiles(Notebook):
    """A notebook in JupyterLab with its file browser open, as a reader has it."""

    def _open(self) -> None:
        # A workspace of its own: nothing is restored.
        self.goto(f"lab/workspaces/{self.name.removesuffix('.ipynb')}/tree/{self.name}")
        self.page.wait_for_function(
            "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'", timeout=60_000
        )
        self._take()

    def resize(self, size: tuple[int, int]) -> None:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.wait_for_timeout(800)

    def bring_into_sight(self) -> None:
        """Scroll the notebook to its explorer."""
        self.page.locator(".csc-explorer").first.evaluate(
            "node => { const outer = node.closest('.jp-WindowedPanel-outer'); outer.scrollTop +="
            " node.getBoundingClientRect().top - outer.getBoundingClientRect().top - 4; }"
        )
        self.page.wait_for_timeout(300)
