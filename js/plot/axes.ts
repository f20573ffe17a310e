// Where a plot's axes lie on the screen.
import type { AnyModel } from "@anywidget/types";
import type { PlotState } from "./model";

export interface Axis {
  toData(pixel: number): number;
  toPixel(value: number): number;
}

export interface Axes {
  x: Axis;
  y: Axis;
  /** Plot area in pixels: left, top, width, height. */
  area: [number, number, number, number];
}

/** Pixel to data along one axis, and data to pixel. */
function axis(pixels: [number, number], range: [number, number], log: boolean): Axis {
  const [low, high] = (log ? range.map(Math.log10) : range) as [number, number];
  const scale = (high - low) / (pixels[1] - pixels[0]);
  return {
    toData: (pixel) => {
      const value = low + (pixel - pixels[0]) * scale;
      return log ? 10 ** value : value;
    },
    toPixel: (value) => pixels[0] + ((log ? Math.log10(value) : value) - low) / scale,
  };
}

export function axesOf(model: AnyModel<PlotState>, plot: HTMLElement): Axes {
  const { top, right, bottom, left } = model.get("margins");
  const { clientWidth: width, clientHeight: height } = plot;
  return {
    x: axis([left, width - right], model.get("x_range"), model.get("x_log")),
    y: axis([height - bottom, top], model.get("y_range"), model.get("y_log")),
    area: [left, top, width - left - right, height - top - bottom],
  };
}
