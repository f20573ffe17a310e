// The points of a diagram, on canvases. An SVG node with a place of its own for each of ten thousand points makes
// the browser take half a second for every change anywhere in the page; here they cost milliseconds.
import type { AnyModel, RenderProps } from "@anywidget/types";
import { AXES_TRAITS, axesOf } from "../shared/axes";
import { drawMarks, drawPoints, type PointsState } from "./draw";
import { Picture } from "./picture";

function render({ model: anyModel, el }: RenderProps): () => void {
  const model = anyModel as AnyModel<PointsState>;
  const [points, marks] = [document.createElement("canvas"), document.createElement("canvas")];
  const [cells, markedCells] = [new Picture(), new Picture()];
  el.classList.add("csc-points");
  el.setAttribute("aria-hidden", "true");
  el.append(cells.node, points, markedCells.node, marks);

  const jobs = new Set<() => void>();
  let frame = 0;
  /** Do a job in the next frame, once however often it is asked for. */
  const soon = (job: () => void) => () => {
    jobs.add(job);
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      if (!el.clientWidth) return; // the observer draws all when it is shown again
      for (const task of jobs) task();
      jobs.clear();
    });
  };
  const all = () => {
    const { area } = axesOf(model, el);
    cells.place(area);
    markedCells.place(area);
    drawPoints(model, el, points);
    drawMarks(model, el, marks);
  };

  const redraw = soon(all);
  const repoint = soon(() => drawPoints(model, el, points));
  const reactions: [string, () => void][] = [
    ...AXES_TRAITS.map((trait): [string, () => void] => [trait, redraw]),
    ["_bars", repoint],
    ["_arrows", repoint],
    ["_points", repoint],
    ["_marked", soon(() => drawMarks(model, el, marks))],
    ["_groups", soon(() => drawMarks(model, el, marks))],
    ["_focused", soon(() => drawMarks(model, el, marks))],
    ["_picture", () => void cells.show(model.get("_picture"))],
    ["_marked_picture", () => void markedCells.show(model.get("_marked_picture"))],
  ];
  for (const [trait, react] of reactions) model.on(`change:${trait}`, react);
  // At once: a frame later, while a theme loads, there may be no layout to measure and no further notice.
  const observer = new ResizeObserver(all);
  observer.observe(el);
  void cells.show(model.get("_picture"));
  void markedCells.show(model.get("_marked_picture"));

  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
    for (const [trait, react] of reactions) model.off(`change:${trait}`, react);
  };
}

export default { render };
