import type { AnyModel } from "@anywidget/types";
import { describe, expect, test } from "vitest";
import { Hints, type PackedHints } from "../plot/hints";
import { axesOf } from "../shared/axes";

const NONE = Number.NaN;

const floats = (...values: number[]) => new DataView(new Float64Array(values).buffer);
const texts = (...values: string[]) => new DataView(new TextEncoder().encode(values.join("\0")).buffer);

/** Axes of a plot whose area is 100 by 100 pixels. */
function axes(x_log = false) {
  const state: Record<string, unknown> = {
    margins: { top: 0, right: 0, bottom: 0, left: 0 },
    x_range: x_log ? [1, 100] : [0, 100],
    y_range: [0, 100],
    x_log,
    y_log: false,
  };
  const model = { get: (trait: string) => state[trait] } as unknown as AnyModel;
  return axesOf(model, { clientWidth: 100, clientHeight: 100 } as HTMLElement);
}

describe("beside points", () => {
  const packed: PackedHints = {
    along: false,
    positions: floats(20, 26, NONE, 80, 50, 50, 50, 10),
    numbers: { value: floats(0.126, NONE, 1, NONE), low: floats(NONE, 0.5, 1, NONE) },
    texts: { name: texts("one", "two", "three", "<b>") },
    lines: [
      [[["name", ""]]],
      [
        ["hard ", ["value", ".2f"]],
        ["hard > ", ["low", ".2f"]],
      ],
      [["at ", ["x", ".3g"], ", ", ["y", ".3g"]]],
    ],
  };
  const hints = new Hints(packed);

  test("the nearest is named, with the first wording whose numbers are there", () => {
    expect(hints.at(22, 52, axes())).toEqual({ left: 20, top: 50, text: "one\nhard 0.13\nat 20, 50" });
    expect(hints.at(24, 52, axes())?.text).toBe("two\nhard > 0.50\nat 26, 50");
  });

  test("a line without any number is left out", () => {
    expect(hints.at(80, 90, axes())?.text).toBe("<b>\nat 80, 10");
  });

  test("ten pixels are near, eleven are not", () => {
    expect(hints.at(20, 60, axes())?.text).toContain("one");
    expect(hints.at(20, 61, axes())).toBeUndefined();
  });
});

describe("along a curve", () => {
  // A step at 10, then straight on the screen.
  const packed: PackedHints = {
    along: true,
    positions: floats(1, 10, 10, 100, 0, 0, 4, 8),
    numbers: { share: floats(0, 0, 0.5, 1) },
    texts: {},
    lines: [[[["x", ".3g"], " erg: ", ["y", ".4g"], " deg² (", ["share", ".0%"], ")"]]],
  };
  const hints = new Hints(packed);

  test("numbers are read at the pointer, wherever it is", () => {
    expect(hints.at(25, 3, axes(true))).toEqual({ left: 25, top: 3, text: "3.16 erg: 0 deg² (0%)" });
    expect(hints.at(50, 3, axes(true))?.text).toBe("10 erg: 4 deg² (50%)");
    expect(hints.at(75, 99, axes(true))?.text).toBe("31.6 erg: 6 deg² (75%)");
  });

  test("beyond its ends there is nothing to read", () => {
    expect(hints.at(-1, 3, axes(true))).toBeUndefined();
    expect(hints.at(101, 3, axes(true))).toBeUndefined();
  });
});
