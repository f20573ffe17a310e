// Rings around the selected points, on a canvas of their own: ten thousand cost milliseconds, and the points below
// are not drawn anew.
import type { AnyModel } from "@anywidget/types";
import { float64, halves } from "../shared/bytes";
import { IN_MEMORY, stamp } from "../shared/stamp";
import { axesOf } from "./axes";
import type { PlotState } from "./model";

const RADIUS = 4.2;

const DRAWN_FROM = ["_ringed", "accent", "margins", "x_range", "y_range", "x_log", "y_log"];

export class Rings {
  readonly canvas = document.createElement("canvas");
  private readonly resized = new ResizeObserver(() => this.draw());
  private readonly redraw = () => this.request();
  private frame = 0;

  constructor(
    private readonly model: AnyModel<PlotState>,
    private readonly plot: HTMLElement,
  ) {
    this.canvas.className = "csc-plot-rings";
    this.resized.observe(plot);
    for (const trait of DRAWN_FROM) model.on(`change:${trait}`, this.redraw);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.resized.disconnect();
    for (const trait of DRAWN_FROM) this.model.off(`change:${trait}`, this.redraw);
  }

  private request(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const { canvas, model, plot } = this;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(plot.clientWidth * ratio); // clears it too
    canvas.height = Math.round(plot.clientHeight * ratio);
    const context = canvas.getContext("2d", IN_MEMORY) as CanvasRenderingContext2D;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { x, y, area } = axesOf(model, plot);
    context.beginPath();
    context.rect(...area);
    context.clip();
    const ring = stamp(context, RADIUS + 1, (pen) => {
      pen.strokeStyle = model.get("accent");
      pen.lineWidth = 1.3;
      pen.arc(0, 0, RADIUS, 0, 2 * Math.PI);
      pen.stroke();
    });
    const [xs, ys] = halves(float64(model.get("_ringed")));
    for (const [i, value] of xs.entries()) ring(x.toPixel(value), y.toPixel(ys[i] as number));
  }
}
