// How high an explorer is: as asked, but never higher than what the reader sees of the notebook at once.
const LEAST = 400; // px
const MARGIN = 12; // px: what the notebook keeps around an output

/** What an explorer scrolls in, in a notebook. */
export function scrollerOf(explorer: HTMLElement): HTMLElement | null {
  return explorer.closest<HTMLElement>(".jp-WindowedPanel-outer, .jp-NotebookPanel-notebook");
}

/** The CSS height of an explorer; it fills a tab of its own. */
export function roomFor(explorer: HTMLElement, asked: number): string {
  if (explorer.closest(".csc-beside")) return "100%";
  const tab = explorer.closest<HTMLElement>(".jp-LinkedOutputView");
  if (tab) return `${Math.max(LEAST, tab.clientHeight - 2 * MARGIN)}px`;
  const room = scrollerOf(explorer)?.clientHeight ?? window.innerHeight;
  return `${Math.max(LEAST, Math.min(asked, room - MARGIN))}px`;
}
