import { expect, test } from "vitest";
import { written } from "../shared/numbers";
import { expected } from "./expected";

test.each(expected.numbers)("%d by %s is Python's %s", (value, format, text) => {
  expect(written(value, format)).toBe(text);
});

test("another format is an error", () => {
  expect(() => written(1, ".2x")).toThrow("no format");
});
