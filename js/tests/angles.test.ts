import { describe, expect, test } from "vitest";
import { formatAngle, formatDec, formatRa } from "../shared/angles";
import { expected } from "./expected";

describe("positions are written as astropy writes them", () => {
  test.each(expected.sexagesimal)("$ra_text $dec_text", ({ step, ra, dec, ra_text, dec_text }) => {
    expect(formatRa(ra, 15 * step)).toBe(ra_text);
    expect(formatDec(dec, step)).toBe(dec_text);
  });
});

test("a right ascension is written in its own turn", () => {
  expect(formatRa(-15, 15)).toBe("23h");
  expect(formatRa(375, 15)).toBe("01h");
});

test.each([
  [180, 3, "180°"],
  [1, 3, "1.00°"],
  [0.5, 3, "30.0′"],
  [0.0021, 4, "7.560″"],
])("a size of %d degrees in %d digits is %s", (degrees, digits, text) => {
  expect(formatAngle(degrees, digits)).toBe(text);
});
