// The numbers of a bqplot figure are chosen without its size: in a low one some are hidden, so that none meet, and a
// name that is longer than its axis is written smaller, and whole.
const GAP = 1; // px between numbers
const SMALLEST = 7; // px

/** Which of boxes in their order along an axis stay, so that none touches the one before it. */
export function spaced(boxes: readonly (readonly [number, number])[], gap = GAP): boolean[] {
  let end = Number.NEGATIVE_INFINITY;
  return boxes.map(([start, stop]) => {
    const stays = start >= end + gap;
    if (stays) end = stop;
    return stays;
  });
}

/** How far something must go to lie in a room; what is longer than it begins where the room does. */
export function shift([start, stop]: [number, number], [first, last]: [number, number]): number {
  return Math.max(first - start, Math.min(0, last - stop));
}

function thin(axis: Element): void {
  const words = [...axis.querySelectorAll<SVGTextElement>(".tick text")].filter((word) => word.textContent);
  const places = words.map((word) => word.getBoundingClientRect());
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last) return;
  const upright = Math.abs(last.top - first.top) > Math.abs(last.left - first.left);
  const found = words.map((word, i) => {
    const { left, right, top, bottom } = places[i] as DOMRect;
    // A line of text is higher than its figures.
    const box: [number, number] = upright ? [top + 3, bottom - 3] : [left, right];
    return { word, box };
  });
  found.sort((a, b) => a.box[0] - b.box[0]);
  const stay = spaced(found.map(({ box }) => box));
  found.forEach(({ word }, i) => {
    word.style.visibility = stay[i] ? "" : "hidden";
  });
}

function shorten(axis: Element, figure: Element): void {
  const label = axis.querySelector<SVGTextElement>(".axislabel");
  if (!label?.textContent) return;
  const upright = label.getAttribute("transform")?.includes("rotate");
  const room = upright ? figure.clientHeight : figure.clientWidth;
  label.style.fontSize = label.style.translate = "";
  const usual = Number.parseFloat(getComputedStyle(label).fontSize);
  const length = label.getComputedTextLength();
  if (length > room && room > 0) label.style.fontSize = `${Math.max(SMALLEST, (usual * room) / length)}px`;
  // It stands at the middle of its axis, which is seldom that of the figure.
  const [name, whole] = [label.getBoundingClientRect(), figure.getBoundingClientRect()];
  const by = upright
    ? shift([name.top, name.bottom], [whole.top, whole.bottom])
    : shift([name.left, name.right], [whole.left, whole.right]);
  if (by) label.style.translate = upright ? `0 ${by}px` : `${by}px 0`;
}

/** Keeps the axes of the figure beside an element legible; returns what ends it. */
export function keepLegible(el: HTMLElement): () => void {
  let asked = 0;
  const now = () => {
    asked = 0;
    const figure = el.parentElement?.querySelector(".bqplot.figure");
    if (!figure?.clientHeight) return;
    for (const axis of figure.querySelectorAll(".axis")) {
      thin(axis);
      shorten(axis, figure);
    }
  };
  const ask = () => {
    asked ||= requestAnimationFrame(now);
  };
  const changes = new MutationObserver((records) => {
    if (records.some(({ target }) => (target.parentElement ?? el).closest(".axis"))) ask();
  });
  const sizes = new ResizeObserver(ask);
  const begin = requestAnimationFrame(() => {
    if (!el.parentElement) return;
    changes.observe(el.parentElement, {
      subtree: true,
      childList: true,
      characterData: true,
      attributeFilter: ["transform", "viewBox"],
    });
    sizes.observe(el);
  });
  return () => {
    cancelAnimationFrame(begin);
    cancelAnimationFrame(asked);
    changes.disconnect();
    sizes.disconnect();
  };
}
