import { expect, test } from "vitest";
import { shift, spaced } from "../plot/legible";

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

test("what reaches over an end of its room is moved into it", () => {
  expect(shift([2, 8], [0, 10])).toBe(0);
  expect(shift([-3, 5], [0, 10])).toBe(3);
  expect(shift([5, 14], [0, 10])).toBe(-4);
  expect(shift([-5, 20], [0, 10])).toBe(5); // longer than it
});
