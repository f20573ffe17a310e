// The traits of cscwidgets.views.table.SourceTable that its views read and write.
import type { AnyModel } from "@anywidget/types";

export interface ColumnInfo {
  name: string;
  unit: string;
  description: string;
  kind: "text" | "number" | "integer" | "boolean";
}

export interface TableState {
  height: number;
  noun: string;
  _key: string;
  _columns: ColumnInfo[];
  _content: { columns: string[]; names: string[]; cells: string[][] };
  _status: {
    page: number;
    pages: number;
    total: number;
    filtered: number;
    selected: number;
    marked: number[];
    colours: Record<string, string>; // by the row of the page
    errors: Record<string, string>;
  };
  _shown: string[];
  _sort: [] | [string, "asc" | "desc"];
  _filters: Record<string, string>;
  _page: number;
  _only_selected: boolean;
  _editable: Record<string, string[]>;
}

export type TableModel = AnyModel<TableState>;

export function wish(model: TableModel, changes: Partial<TableState>): void {
  for (const [trait, value] of Object.entries(changes)) model.set(trait as keyof TableState, value);
  model.save_changes();
}
