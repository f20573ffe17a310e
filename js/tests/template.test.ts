// Every arrangement of areas is a grid in which each name is a rectangle; what CSS would refuse stays unseen otherwise.
import { describe, expect, test } from "vitest";
import { AREAS, type Area } from "../frame/model";
import { NARROW, type Size, sizeOf, template, WIDE } from "../frame/template";

const SUBSETS: Area[][] = [1, 2, 3, 4, 5, 6, 7].map((bits) => AREAS.filter((_, place) => bits & (1 << place)));

function rowsOf(grid: string): string[][] {
  return [...grid.matchAll(/"([^"]+)"/g)].map(([, names]) => (names as string).split(" "));
}

describe.each<Size>(["wide", "narrow", "single"])("%s", (size) => {
  test.each(SUBSETS.map((shown) => [shown.join("+"), shown] as const))("%s", (_, shown) => {
    const grid = template(size, new Set(shown), 0.36, 0.34);
    const rows = rowsOf(grid);
    const columns = (grid.split("/")[1] as string).trim().match(/(?:[^\s(]+\([^)]*\)+|\S+)/g);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    expect(columns?.length).toBe(rows[0]?.length);
    const names = new Set(rows.flat());
    expect(names.has("sky")).toBe(shown.includes("sky"));
    expect(names.has("stage")).toBe(shown.includes("panels"));
    expect(names.has("bar") && names.has("table")).toBe(true);
    for (const name of names) {
      const places = rows.flatMap((row, down) => row.flatMap((one, across) => (one === name ? [[down, across]] : [])));
      const [downs, acrosses] = [0, 1].map((axis) => places.map((place) => place[axis] as number)) as [
        number[],
        number[],
      ];
      const sides = [downs, acrosses].map((along) => Math.max(...along) - Math.min(...along) + 1);
      expect(places.length).toBe((sides[0] as number) * (sides[1] as number));
    }
  });
});

test("sizes change where the sky has no more room beside a panel", () => {
  expect([WIDE, WIDE - 1, NARROW, NARROW - 1].map(sizeOf)).toEqual(["wide", "narrow", "narrow", "single"]);
});
