import { expect, test } from "vitest";
import { ramp } from "../points/colours";
import { expected } from "./expected";

test("colours between the stops are matplotlib's", () => {
  const { stops, rgb } = expected.colours;
  const colours = ramp(stops);
  expect(colours).toHaveLength(rgb.length);
  colours.forEach((colour, step) => {
    const parts = colour.match(/\d+/g)?.map(Number) ?? [];
    // matplotlib cuts what is rounded here.
    parts.forEach((part, i) => void expect(Math.abs(part - (rgb[step]?.[i] ?? -9))).toBeLessThanOrEqual(1));
    expect(parts).toHaveLength(3);
  });
});
