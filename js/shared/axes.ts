// The traits of cscwidgets.views.plots.plot_axes.PlotAxes: where a plot's axes lie on the screen.
import type { AnyModel } from "@anywidget/types";

export interface AxesState {
  margins: { top: number; right: number; bottom: number; left: number };
  x_range: [number, number];
  y_range: [number, number];
  x_log: boolean;
  y_log: boolean;
}

export const AXES_TRAITS = ["margins", "x_range", "y_range", "x_log", "y_log"] as const;

export interface Axis {
  toData(pixel: number): number;
  toPixel(value: number): number;
}

export interface Axes {
  x: Axis;
  y: Axis;
  /** The plot area in pixels. */
  area: { left: number; top: number; width: number; height: number };
}

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

/** The axes of the plot that an element covers. */
export function axesOf(model: AnyModel, plot: HTMLElement): Axes {
  const get = <K extends keyof AxesState>(trait: K): AxesState[K] => model.get(trait);
  const { top, right, bottom, left } = get("margins");
  const { clientWidth: width, clientHeight: height } = plot;
  return {
    x: axis([left, width - right], get("x_range"), get("x_log")),
    y: axis([height - bottom, top], get("y_range"), get("y_log")),
    area: { left, top, width: width - left - right, height: height - top - bottom },
  };
}
