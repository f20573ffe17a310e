// Which columns have the words that were typed: as find_columns in cscwidgets/csc/column_groups.py.
export interface Column {
  name: string;
  unit: string;
  description: string;
  group: string;
}

/** Columns whose name, description or group has all of some words, in any case and order. */
export function found(columns: Column[], words: string): Column[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return columns.filter(({ name, description, group }) => {
    const text = `${name} ${description} ${group}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
