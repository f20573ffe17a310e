import type { AnyModel } from "@anywidget/types";
import { expect, test } from "vitest";
import { axesOf } from "../shared/axes";
import { expected } from "./expected";

const MARGINS = { top: 34, right: 14, bottom: 46, left: 66 };

function axes({ x_range, y_range, log }: (typeof expected.axes)[number]) {
  const state: Record<string, unknown> = { margins: MARGINS, x_range, y_range, x_log: log, y_log: log };
  const model = { get: (trait: string) => state[trait] } as unknown as AnyModel;
  return axesOf(model, { clientWidth: 400, clientHeight: 300 } as HTMLElement);
}

test.each(expected.axes)("data lie where matplotlib draws them, from $x_range and $y_range", (plot) => {
  const { x, y } = axes(plot);
  plot.data.forEach(([dataX, dataY], i) => {
    const [pixelX, pixelY] = plot.pixels[i] as [number, number];
    expect(x.toPixel(dataX)).toBeCloseTo(pixelX, 6);
    expect(y.toPixel(dataY)).toBeCloseTo(pixelY, 6);
    expect(x.toPixel(x.toData(pixelX))).toBeCloseTo(pixelX, 6);
    expect(y.toPixel(y.toData(pixelY))).toBeCloseTo(pixelY, 6);
  });
});

test("the area is what the margins leave", () => {
  expect(axes(expected.axes[0] as (typeof expected.axes)[number]).area).toEqual({
    left: 66,
    top: 34,
    width: 320,
    height: 220,
  });
});
