// Drawing a circle, a box or a polygon on the sky with the pointer. What is shown while drawing is the projected
// sky region that is handed over, not a shape of pixels.
import { formatAngle } from "../shared/angles";
import { type Mode, modeOf } from "../shared/modes";
import { strokeWithHalo, writeWithHalo } from "./halo";
import type { Shape } from "./model";
import { tracePath } from "./path";
import { circlePoints, type Point, type Projection, polygonPoints, separation } from "./projection";
import type { Palette } from "./theme";

const SMALLEST_DRAG = 4;
const CLOSE_TO_START = 10;

export type Drawn =
  | { shape: "circle"; center: Point; radius: number }
  | { shape: "box" | "polygon"; vertices: Point[] };

interface Handlers {
  redraw(): void;
  finish(drawn: Drawn, mode: Mode): void;
  cancel(): void;
}

export class DrawingTool {
  private points: [number, number][] = []; // pixels: the drag's two ends, or the polygon's corners
  private pointer: [number, number] | undefined;
  private dragging = false;
  private readonly controller = new AbortController();

  constructor(
    readonly shape: Shape,
    private readonly canvas: HTMLCanvasElement,
    private readonly projection: Projection,
    private readonly handlers: Handlers,
  ) {
    const options = { signal: this.controller.signal };
    canvas.classList.add("csc-drawing");
    canvas.addEventListener("pointerdown", (event) => this.down(event), options);
    canvas.addEventListener("pointermove", (event) => this.move(event), options);
    canvas.addEventListener("pointerup", (event) => this.up(event), options);
    canvas.addEventListener("dblclick", (event) => this.close(modeOf(event)), options);
    document.addEventListener("keydown", (event) => this.key(event), { ...options, capture: true });
  }

  dispose(): void {
    this.controller.abort();
    this.canvas.classList.remove("csc-drawing");
  }

  /** Words for the user, while drawing. */
  get hint(): string {
    if (this.shape === "circle") return "Drag from the centre of the circle outwards; Esc stops";
    if (this.shape === "box") return "Drag from corner to corner; Esc stops";
    return "Click the corners; double-click, Enter or the first corner closes; Esc stops";
  }

  draw(context: CanvasRenderingContext2D, palette: Palette): void {
    const drawn = this.sky(false);
    if (!drawn) return;
    const outline =
      drawn.shape === "circle"
        ? circlePoints(drawn.center, drawn.radius)
        : polygonPoints(drawn.vertices, drawn.shape === "box");
    context.save();
    tracePath(context, this.projection.toPixels(...outline), drawn.shape !== "polygon");
    strokeWithHalo(context, palette.halo, palette.drawing, 2, { dash: [6, 3] });
    if (drawn.shape === "polygon") this.drawCorners(context, palette);
    if (drawn.shape === "circle") this.drawRadius(context, palette, drawn.radius);
    context.restore();
  }

  private drawCorners(context: CanvasRenderingContext2D, palette: Palette): void {
    context.fillStyle = palette.drawing;
    for (const [index, [x, y]] of this.points.entries()) {
      context.beginPath();
      context.arc(x, y, index === 0 ? 5 : 3, 0, 2 * Math.PI);
      context.fill();
    }
  }

  private drawRadius(context: CanvasRenderingContext2D, palette: Palette, radius: number): void {
    const [x, y] = this.points[0] as [number, number];
    context.font = "12px sans-serif";
    context.textAlign = "center";
    writeWithHalo(context, palette.halo, palette.drawing, formatAngle(radius, 4), x, y - 8);
    context.beginPath();
    context.arc(x, y, 2.5, 0, 2 * Math.PI);
    context.fill();
  }

  private at(event: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = this.at(event);
    if (this.shape !== "polygon") {
      this.points = [this.pointer];
      this.dragging = true;
    }
  }

  private move(event: PointerEvent): void {
    this.pointer = this.at(event);
    if (this.points.length > 0) this.handlers.redraw();
  }

  private up(event: PointerEvent): void {
    if (event.button !== 0 || !this.pointer) return;
    this.pointer = this.at(event);
    if (this.shape === "polygon") {
      const first = this.points[0];
      if (first && this.points.length > 2 && distance(first, this.pointer) < CLOSE_TO_START) {
        this.close(modeOf(event));
        return;
      }
      const last = this.points.at(-1); // the second click of a double click adds no corner
      if (!last || distance(last, this.pointer) > 2) this.points.push(this.pointer);
      this.handlers.redraw();
    } else if (this.dragging) {
      this.dragging = false;
      if (distance(this.points[0] as [number, number], this.pointer) < SMALLEST_DRAG) this.clear();
      else this.close(modeOf(event));
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      if (this.points.length > 0) this.clear();
      else this.handlers.cancel();
    } else if (event.key === "Enter" && this.points.length > 2) this.close(modeOf(event));
    else if (event.key === "Backspace" && this.shape === "polygon" && this.points.length > 0) {
      this.points.pop();
      this.handlers.redraw();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private clear(): void {
    this.points = [];
    this.dragging = false;
    this.handlers.redraw();
  }

  private close(mode: Mode): void {
    const drawn = this.sky(true);
    this.points = [];
    this.dragging = false;
    if (drawn && (drawn.shape !== "polygon" || drawn.vertices.length > 2)) this.handlers.finish(drawn, mode);
    this.handlers.redraw();
  }

  /** The shape on the sky: as far as it is drawn, or as it is handed over. */
  private sky(finished: boolean): Drawn | undefined {
    const [first] = this.points;
    if (!first || !this.pointer) return undefined;
    if (this.shape === "polygon") {
      const corners = finished ? this.points : [...this.points, this.pointer];
      return { shape: "polygon", vertices: this.toSky(corners) };
    }
    if (this.shape === "box") {
      const [[x0, y0], [x1, y1]] = [first, this.pointer];
      const vertices = this.toSky([first, [x1, y0], [x1, y1], [x0, y1]]);
      return vertices.length === 4 ? { shape: "box", vertices } : undefined;
    }
    const [center, edge] = this.toSky([first, this.pointer]);
    return center && edge ? { shape: "circle", center, radius: separation(center, edge) } : undefined;
  }

  private toSky(pixels: [number, number][]): Point[] {
    return pixels.map(([x, y]) => this.projection.toSky(x, y)).filter((point) => point !== undefined);
  }
}

function distance([x0, y0]: [number, number], [x1, y1]: [number, number]): number {
  return Math.hypot(x1 - x0, y1 - y0);
}
