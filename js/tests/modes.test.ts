import { expect, test } from "vitest";
import { modeOf } from "../shared/modes";

const NONE = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

test.each([
  [[], null],
  [["shiftKey"], "add"],
  [["ctrlKey"], "add"],
  [["metaKey"], "add"],
  [["shiftKey", "ctrlKey"], "add"],
  [["altKey"], "remove"],
  [["shiftKey", "altKey"], "intersect"],
  [["ctrlKey", "altKey"], "intersect"],
  [["metaKey", "altKey"], "intersect"],
] as const)("with %j a pick is: %s", (held, mode) => {
  expect(modeOf({ ...NONE, ...Object.fromEntries(held.map((key) => [key, true])) })).toBe(mode);
});
