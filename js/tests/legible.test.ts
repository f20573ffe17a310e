import { expect, test } from "vitest";
import { spaced } from "../plot/legible";

test("numbers that would touch the one before them are left out", () => {
  expect(
    spaced([
      [0, 10],
      [8, 18],
      [11, 20],
      [20, 30],
      [21, 31],
    ]),
  ).toEqual([true, false, true, false, true]);
  expect(
    spaced(
      [
        [0, 10],
        [10, 20],
      ],
      0,
    ),
  ).toEqual([true, true]);
  expect(spaced([])).toEqual([]);
});
