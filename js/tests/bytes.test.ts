import { expect, test } from "vitest";
import { float64, halves, uint32, words } from "../shared/bytes";
import { expected, received } from "./expected";

test("arrays and texts are those that numpy and Python packed", () => {
  const { binary } = expected;
  expect([...float64(received(binary.float64.base64))]).toEqual(binary.float64.values);
  expect([...uint32(received(binary.uint32.base64))]).toEqual(binary.uint32.values);
  expect(words(received(binary.words.base64))).toEqual(binary.words.values);
});

test("nothing is an empty array", () => {
  expect([float64(undefined), uint32(undefined), words(undefined)].map((array) => array.length)).toEqual([0, 0, 0]);
});

test("halves follow one another", () => {
  expect(halves(new Float64Array([1, 2, 3, 4])).map((half) => [...half])).toEqual([
    [1, 2],
    [3, 4],
  ]);
});
