// A transparent layer over a plot's drawing area: lasso, box, band, click and hover, reported in data coordinates.
// The kernel decides what lies inside, so a selection is exact however many points are drawn, or none.
import type { AnyModel, RenderProps } from "@anywidget/types";
import { type AxesState, axesOf } from "../shared/axes";

interface State extends AxesState {
  tool: "lasso" | "box" | "band"; // a band is a range of x
  label: string;
  hint: { x: number; y: number; text: string } | Record<string, never>;
}

type Mode = "add" | "remove" | "intersect" | null;
type Point = [number, number];

const SVG = "http://www.w3.org/2000/svg";
const CLICK_DISTANCE = 4;
const SAMPLING_DISTANCE = 3; // a lasso needs no finer corners, and the kernel tests every one
const HOVER_DELAY = 60;

function modeOf(event: MouseEvent): Mode {
  if (event.shiftKey && event.altKey) return "intersect";
  if (event.altKey) return "remove";
  return event.shiftKey || event.ctrlKey || event.metaKey ? "add" : null;
}

function render({ model: anyModel, el }: RenderProps): () => void {
  const model = anyModel as AnyModel<State>;
  const layer = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "path");
  const hint = document.createElement("div");
  layer.classList.add("csc-plot-layer");
  shape.classList.add("csc-plot-shape");
  hint.classList.add("csc-plot-hint");
  hint.hidden = true;
  layer.append(shape);
  el.append(layer, hint);
  el.classList.add("csc-plot-overlay");

  const relabel = () => layer.setAttribute("aria-label", model.get("label"));
  relabel();

  const axes = () => axesOf(anyModel, el);

  const place = (event: MouseEvent): Point => {
    const box = el.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  let path: Point[] = [];
  let pressed: Point = [0, 0];
  let reach = 0; // how far from there the pointer has been
  let pointer: number | undefined;

  const draw = () => {
    shape.setAttribute("d", path.length > 1 ? `M${path.map((point) => point.join(",")).join("L")}Z` : "");
  };

  const stop = () => {
    if (pointer !== undefined && layer.hasPointerCapture(pointer)) layer.releasePointerCapture(pointer);
    pointer = undefined;
    path = [];
    draw();
  };

  const moved = (point: Point) => {
    const first = pressed;
    reach = Math.max(reach, Math.hypot(point[0] - first[0], point[1] - first[1]));
    const tool = model.get("tool");
    if (tool === "box") {
      path = [first, [point[0], first[1]], point, [first[0], point[1]]];
    } else if (tool === "band") {
      const { left, top, width, height } = axes().area;
      const [start, end] = [first, point].map(([x]) => Math.min(Math.max(x, left), left + width)) as Point;
      path = [
        [start, top],
        [end, top],
        [end, top + height],
        [start, top + height],
      ];
    } else {
      const last = path[path.length - 1] as Point;
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) < SAMPLING_DISTANCE) return;
      path.push(point);
    }
    draw();
  };

  layer.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    layer.focus();
    hint.hidden = true;
    pointer = event.pointerId;
    layer.setPointerCapture(pointer);
    pressed = place(event);
    path = [pressed];
    reach = 0;
  });

  let hoverTimer = 0;
  layer.addEventListener("pointermove", (event) => {
    if (pointer !== undefined) {
      moved(place(event));
      return;
    }
    clearTimeout(hoverTimer);
    const [x, y] = place(event);
    hoverTimer = window.setTimeout(() => {
      const at = axes();
      model.send({ kind: "hover", x: at.x.toData(x), y: at.y.toData(y), ...pixelSize() });
    }, HOVER_DELAY);
  });

  layer.addEventListener("pointerleave", () => {
    clearTimeout(hoverTimer);
    if (!hint.hidden) model.send({ kind: "leave" });
    hint.hidden = true;
  });

  /** Plot-area size in pixels: the kernel measures distances on the screen with it. */
  const pixelSize = () => {
    const { width, height } = axes().area;
    return { width, height };
  };

  layer.addEventListener("pointerup", (event) => {
    if (pointer === undefined) return;
    const at = axes();
    const end = place(event);
    const corners = path;
    stop();
    if (reach < CLICK_DISTANCE) {
      model.send({
        kind: "click",
        x: at.x.toData(end[0]),
        y: at.y.toData(end[1]),
        mode: modeOf(event),
        ...pixelSize(),
      });
    } else if (corners.length > 2) {
      const x = corners.map((corner) => at.x.toData(corner[0]));
      const y = corners.map((corner) => at.y.toData(corner[1]));
      model.send({ kind: "shape", x, y, mode: modeOf(event) });
    }
  });

  layer.addEventListener("pointercancel", stop);
  layer.setAttribute("tabindex", "0");
  layer.setAttribute("role", "application");
  layer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    // Escape drops an unfinished shape; without one it clears the selection.
    if (pointer === undefined) model.send({ kind: "escape" });
    else stop();
    event.stopPropagation();
  });

  const showHint = () => {
    const { x, y, text } = model.get("hint");
    hint.hidden = !text;
    if (!text) return;
    const at = axes();
    const [left, top] = [at.x.toPixel(x), at.y.toPixel(y)];
    hint.textContent = text;
    const flip = left > el.clientWidth / 2;
    hint.style.left = flip ? "" : `${left + 12}px`;
    hint.style.right = flip ? `${el.clientWidth - left + 12}px` : "";
    hint.style.top = `${Math.max(0, top - 10)}px`;
  };
  model.on("change:hint", showHint);
  model.on("change:label", relabel);

  return () => {
    clearTimeout(hoverTimer);
    model.off("change:hint", showHint);
    model.off("change:label", relabel);
  };
}

export default { render };
