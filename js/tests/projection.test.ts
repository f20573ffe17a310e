import { describe, expect, test } from "vitest";
import type { Aladin } from "../sky/aladin";
import { circlePoints, type Point, Projection, polygonPoints, separation } from "../sky/projection";
import { expected } from "./expected";

const MICROARCSEC = 1 / 3.6e9;

function apart(ra: Float64Array, dec: Float64Array, expectedRa: number[], expectedDec: number[]): number {
  return Math.max(...expectedRa.map((lon, i) => separation([ra[i] ?? 0, dec[i] ?? 0], [lon, expectedDec[i] ?? 0])));
}

test("separations are astropy's, from nothing to half the sky", () => {
  for (const [ra1, dec1, ra2, dec2, angle] of expected.separations)
    expect(Math.abs(separation([ra1, dec1], [ra2, dec2]) - angle)).toBeLessThan(MICROARCSEC);
});

test.each(expected.circles)("a circle of $radius° around $center is astropy's", ({ center, radius, ra, dec }) => {
  const [ras, decs] = circlePoints(center, radius, ra.length);
  expect(ras).toHaveLength(ra.length);
  // asin loses digits at the pole.
  expect(apart(ras, decs, ra, dec)).toBeLessThan(100 * MICROARCSEC);
});

test("sides of a polygon are great circles, across the pole and right ascension 0 too", () => {
  const { vertices, steps, ra, dec } = expected.polygon;
  const [ras, decs] = polygonPoints(vertices, true, steps);
  expect(apart(ras, decs, ra, dec)).toBeLessThan(MICROARCSEC);
  expect(ras).toHaveLength(ra.length + 1); // closed
  expect(separation([ras.at(-1) ?? 0, decs.at(-1) ?? 0], vertices[0] as Point)).toBeLessThan(MICROARCSEC);
  expect(polygonPoints(vertices, false, steps)[0]).toHaveLength(2 * steps + 1);
});

describe("what Aladin Lite says of a place that it does not show", () => {
  const wasm = {
    worldToScreenVec: (ra: Float64Array) =>
      Float64Array.from([...ra].flatMap((lon) => (lon > 180 ? [0, 0] : [lon, 7]))),
    pix2world: (x: number) => (x < 0 ? undefined : [x - 10, 5]),
  };
  const projection = new Projection({ view: { wasm } } as unknown as Aladin);

  test("is no pixel", () => {
    const pixels = projection.toPixels(new Float64Array([20, 200, Number.NaN]), new Float64Array(3));
    expect([...pixels]).toEqual([20, 7, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect(projection.toPixels(new Float64Array(), new Float64Array())).toHaveLength(0);
  });

  test("is no position, and others count from 0 to 360", () => {
    expect(projection.toSky(-1, 0)).toBeUndefined();
    expect(projection.toSky(3, 0)).toEqual([353, 5]);
  });
});
