import { expect, test } from "vitest";
import { formatRoundAngle, roundAngle } from "../shared/angles";
import { type Box, placeLabels } from "../sky/fields";

const ROOM = { left: 0, top: 0, right: 600, bottom: 400 };

function crossed(one: Box, other: Box): boolean {
  return one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;
}

test("labels stand whole in the view, none over another, and those without room nowhere", () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const labels = Array.from({ length: 900 }, () => ({
    width: 20 + 60 * random(),
    anchors: Array.from({ length: 4 }, () => [700 * random() - 50, 500 * random() - 50] as [number, number]),
  }));
  const taken = { left: 500, top: 0, right: 600, bottom: 80 };
  const places = placeLabels(labels, ROOM, [taken]);
  const found = places.filter((place) => place !== undefined);
  expect(found.length).toBeGreaterThan(100);
  expect(found.length).toBeLessThan(900);
  found.forEach((box, i) => {
    expect(box.left >= 0 && box.right <= 600 && box.top >= 0 && box.bottom <= 400).toBe(true);
    for (const other of [...found.slice(i + 1), taken]) expect(crossed(box, other)).toBe(false);
  });
});

test("of two labels at one place the first stays, the second goes to its next place", () => {
  const at: [number, number] = [300, 200];
  const [one, two, none] = placeLabels(
    [
      { width: 40, anchors: [at] },
      { width: 40, anchors: [at, [100, 100]] },
      { width: 40, anchors: [[-50, -50]] },
    ],
    ROOM,
    [],
  );
  expect(one?.bottom).toBeLessThan(200);
  expect(two?.top).toBeGreaterThan(200); // below the same place
  expect(none).toBeUndefined();
});

test.each([
  [50, "30°"],
  [1, "1°"],
  [0.99, "30′"],
  [1 / 61, "30″"],
  [0.7 / 3600, "0.5″"],
  [0.03 / 3600, "0.02″"],
])("the largest round angle within %d degrees is %s", (degrees, text) => {
  expect(formatRoundAngle(roundAngle(degrees))).toBe(text);
  expect(roundAngle(degrees)).toBeLessThanOrEqual(degrees * (1 + 1e-9));
});
