import { expect, test } from "vitest";
import { complete, type Tables } from "../adql/complete";
import { found } from "../columns/found";

const column = (name: string, description = "") => ({ name, unit: "", description });
const tables: Tables = {
  "csc21.master_source": [column("name"), column("ra"), column("powlaw_gamma", "photon index"), column("powlaw_nh")],
  "csc21.observation_source": [column("obsid"), column("theta")],
};
const texts = (text: string, cursor = text.length) => complete(text, cursor, tables).options.map((one) => one.text);

test("tables are offered after FROM, JOIN and a comma between tables", () => {
  for (const text of ["SELECT x FROM ", "SELECT x FROM csc21.master_source AS m, ", "SELECT x FROM a JOIN "]) {
    expect(texts(text)).toEqual(Object.keys(tables));
  }
  expect(texts("SELECT x FROM obs")).toEqual(["csc21.observation_source"]);
});

test("columns are those of the tables that are named, of one table behind its alias", () => {
  expect(texts("SELECT the FROM csc21.observation_source", 10)).toContain("theta");
  expect(texts("SELECT powl FROM csc21.observation_source", 11)).toEqual([]);
  expect(texts("SELECT o. FROM master_source m, observation_source AS o", 9)).toEqual(["obsid", "theta"]);
  expect(texts("SELECT m.pow FROM csc21.master_source m WHERE 1 = 1", 12)).toEqual(["powlaw_gamma", "powlaw_nh"]);
});

test("what begins with the word comes first, and a suggestion replaces the word alone", () => {
  const text = "SELECT m.gam FROM master_source m";
  const { from, options } = complete(text, 12, tables);
  expect([from, options[0]?.text]).toEqual([9, "powlaw_gamma"]);
  expect(texts("SELECT n FROM master_source", 8)[0]).toBe("name");
});

test("nothing is offered inside a text", () => {
  expect(texts("SELECT name FROM master_source WHERE name LIKE '2CX")).toEqual([]);
});

test("columns are found by words of name, description and group", () => {
  const columns = [
    { name: "powlaw_gamma", unit: "", description: "Fitted power law: photon index", group: "Spectral fits" },
    { name: "hard_hm", unit: "", description: "Hardness ratio", group: "Hardness" },
  ];
  expect(found(columns, "INDEX photon").map((one) => one.name)).toEqual(["powlaw_gamma"]);
  expect(found(columns, "spectral").length).toBe(1);
  expect(found(columns, " ").length).toBe(2);
});
