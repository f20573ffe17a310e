// A transparent layer over a plot's drawing area: lasso, box, band, click and hover, reported in data coordinates.
// The kernel decides what lies inside, so a selection is exact however many points are drawn, or none.
import type { AnyModel, RenderProps } from "@anywidget/types";
import { type AxesState, axesOf } from "../shared/axes";
import { modeOf } from "../shared/modes";
import { type FigureState, followSize } from "./follow";
import { HintBox, type HintState } from "./hint_box";
import { keepLegible } from "./legible";

interface State extends AxesState, HintState, FigureState {
  tool: "lasso" | "box" | "band"; // a band is a range of x
  label: string;
}

type Point = [number, number];

const SVG = "http://www.w3.org/2000/svg";
const CLICK_DISTANCE = 4;
const SAMPLING_DISTANCE = 3; // a lasso needs no finer corners, and the kernel tests every one

function render({ model: anyModel, el }: RenderProps): () => void {
  const model = anyModel as AnyModel<State>;
  const layer = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "path");
  const hints = new HintBox(anyModel as AnyModel<HintState>, el);
  layer.classList.add("csc-plot-layer");
  shape.classList.add("csc-plot-shape");
  layer.append(shape);
  el.append(layer, hints.node);
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
    hints.leave();
    pointer = event.pointerId;
    layer.setPointerCapture(pointer);
    pressed = place(event);
    path = [pressed];
    reach = 0;
  });

  layer.addEventListener("pointermove", (event) => {
    if (pointer === undefined) hints.move(place(event));
    else moved(place(event));
  });
  layer.addEventListener("pointerleave", () => hints.leave());

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
        width: at.area.width, // the kernel measures distances on the screen
        height: at.area.height,
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

  model.on("change:label", relabel);

  const unfollow = followSize(anyModel as AnyModel<FigureState>, el);
  const unkeep = keepLegible(el);

  return () => {
    unkeep();
    unfollow();
    hints.dispose();
    model.off("change:label", relabel);
  };
}

export default { render };
