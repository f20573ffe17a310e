// What may stand where the cursor is in a query: tables after FROM, columns of the tables that it names, words.
export interface Suggestion {
  text: string;
  detail: string;
}

export interface Suggestions {
  /** Where the word begins that a suggestion replaces. */
  from: number;
  options: Suggestion[];
}

export type Tables = Record<string, { name: string; unit: string; description: string }[]>;

const MOST = 40;
const WORDS = (
  "SELECT TOP DISTINCT FROM WHERE AND OR NOT IN LIKE BETWEEN IS NULL AS JOIN ON GROUP BY HAVING ORDER DESC COUNT MIN " +
  "MAX AVG SUM ABS LOG10 LOG SQRT POWER"
).split(" ");

/** The tables a query names, by lower-case alias and name. */
function named(text: string, tables: Tables): Map<string, string> {
  const known = new Map<string, string>();
  for (const table of Object.keys(tables)) {
    known.set(table.toLowerCase(), table);
    const bare = table.slice(table.lastIndexOf(".") + 1).toLowerCase();
    if (!known.has(bare)) known.set(bare, table);
  }
  const result = new Map<string, string>();
  const clauses =
    text.match(/\b(?:from|join)\b[^()]*?(?=\bwhere\b|\bgroup\b|\border\b|\bjoin\b|\bon\b|[()]|$)/gi) ?? [];
  for (const clause of clauses) {
    for (const part of clause.replace(/^\w+/, "").split(",")) {
      const [name = "", as = "", alias = ""] = part.trim().split(/\s+/);
      const table = known.get(name.toLowerCase());
      if (!table) continue;
      result.set(name.toLowerCase(), table);
      result.set(name.slice(name.lastIndexOf(".") + 1).toLowerCase(), table);
      const called = as.toLowerCase() === "as" ? alias : as;
      if (called) result.set(called.toLowerCase(), table);
    }
  }
  return result;
}

/** Suggestions for the word before the cursor. */
export function complete(text: string, cursor: number, tables: Tables): Suggestions {
  const before = text.slice(0, cursor);
  const word = /[\w.]*$/.exec(before)?.[0] ?? "";
  const start = cursor - word.length;
  if ((before.match(/'/g)?.length ?? 0) % 2) return { from: start, options: [] }; // inside a text
  const used = named(text.slice(0, start) + " ".repeat(word.length) + text.slice(cursor), tables);
  const rest = before.slice(0, start);
  const dot = word.lastIndexOf(".");
  const table = dot >= 0 ? used.get(word.slice(0, dot).toLowerCase()) : undefined;
  const columnsOf = (name: string) =>
    (tables[name] ?? []).map(({ name: column, unit, description }) => ({
      text: column,
      detail: [unit && `[${unit}]`, description].filter(Boolean).join(" "),
    }));
  const tableNames = Object.keys(tables).map((name) => ({ text: name, detail: `table of ${tables[name]?.length}` }));
  if (table) return { from: start + dot + 1, options: matching(columnsOf(table), word.slice(dot + 1)) };
  if (/\b(?:from|join)\s+(?:[\w.]+(?:\s+(?:as\s+)?\w+)?\s*,\s*)*$/i.test(rest)) {
    return { from: start, options: matching(tableNames, word) };
  }
  const sources = used.size ? [...new Set(used.values())] : Object.keys(tables).slice(0, 1);
  const words = WORDS.map((one) => ({ text: one, detail: "" }));
  return { from: start, options: matching([...sources.flatMap(columnsOf), ...tableNames, ...words], word) };
}

function matching(options: Suggestion[], word: string): Suggestion[] {
  const wanted = word.toLowerCase();
  const rank = ({ text }: Suggestion) => {
    const at = text.toLowerCase().indexOf(wanted);
    return at === 0 ? 0 : at > 0 ? 1 : 2;
  };
  const seen = new Set<string>();
  return options
    .filter((option) => rank(option) < 2 && !seen.has(option.text) && seen.add(option.text))
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, MOST);
}
