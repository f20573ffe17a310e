// One view of a SourceTable: Tabulator draws the page of text that the kernel made.
import type { ColumnDefinition, RowComponent, Tabulator as TabulatorTable } from "tabulator-tables";
import { element, say } from "../shared/dom";
import { type Keys, modeOf } from "../shared/modes";
import { CellEditor } from "./cell_editor";
import { Chooser } from "./chooser";
import { Header } from "./header";
import { type ColumnInfo, type TableModel, type TableState, wish } from "./model";

export interface TabulatorModule {
  Tabulator: typeof TabulatorTable;
  css: string;
}

interface RowData {
  position: number;
  cells: string[];
}

const NULL = "\u2013"; // how the kernel writes that there is nothing

type Listener = NonNullable<Parameters<TableModel["off"]>[1]>;

export class TableView {
  private readonly table: TabulatorTable;
  private headers: Header[] = [];
  private readonly chooser: Chooser;
  private readonly count = element("span", { class: "csc-count", role: "status" });
  private readonly problem = element("span", { class: "csc-problem", role: "alert" });
  private readonly first = button("«", "First page", () => this.turn(0));
  private readonly previous = button("‹", "Previous page", () => this.turn(this.status.page - 1));
  private readonly place = element("span", { class: "csc-place" });
  private readonly next = button("›", "Next page", () => this.turn(this.status.page + 1));
  private readonly last = button("»", "Last page", () => this.turn(this.status.pages - 1));
  private readonly only = button("Selected", "Selected only: show just these rows", () =>
    wish(this.model, { _only_selected: !this.model.get("_only_selected") }),
  );
  private readonly all = button("Select all", "Select every row that the filters keep, on all pages", () =>
    this.model.send({ event_type: "all_picked", mode: null }),
  );
  private readonly listeners: [string, Listener][] = [];
  private readonly editor: CellEditor;
  private anchor = 0;
  private columns = "";
  private built = false;
  private settling: Promise<unknown>;

  constructor(
    { Tabulator, css }: TabulatorModule,
    private readonly model: TableModel,
    private readonly root: HTMLElement,
  ) {
    installStyle(css);
    this.chooser = new Chooser(model);
    const grid = element("div", { class: "csc-grid" });
    this.editor = new CellEditor(model, grid, (position) => this.focusRow(position));
    const pages = element("div", { class: "csc-group" }, this.first, this.previous, this.place, this.next, this.last);
    const choose = element("div", { class: "csc-group" }, this.all, this.only);
    const bar = element("div", { class: "csc-bar", role: "toolbar", "aria-label": "Table tools" });
    bar.append(pages, this.count, choose, this.chooser.node);
    root.replaceChildren(bar, grid, this.problem);
    this.table = new Tabulator(grid, {
      index: "position",
      height: height(model),
      layout: "fitDataFill",
      movableColumns: true,
      columnHeaderVertAlign: "top",
      placeholder: "No rows",
      rowFormatter: (row: RowComponent) => this.mark(row),
      columns: this.definitions(),
      data: this.rows(),
    });
    this.settling = new Promise<void>((resolve) => {
      this.table.on("tableBuilt", () => {
        this.built = true;
        const rows = grid.querySelector(".tabulator-tableholder");
        const heads = grid.querySelector(".tabulator-header-contents");
        rows?.removeAttribute("tabindex"); // the rows take the focus, and nothing else of a grid may
        // A head that takes the focus is brought into sight, and its numbers must come along.
        heads?.addEventListener("scroll", () => rows?.scrollTo({ left: heads.scrollLeft }));
        resolve();
      });
    });
    this.table.on("columnMoved", (_column, columns) =>
      wish(model, { _shown: columns.map((column) => column.getField()) }),
    );
    grid.addEventListener("click", (event) => this.click(event));
    grid.addEventListener("keydown", (event) => this.key(event));
    grid.addEventListener("dblclick", (event) => this.write(event));
    this.listenToModel();
    this.say();
  }

  dispose(): void {
    for (const [event, listener] of this.listeners.splice(0)) this.model.off(event, listener);
    for (const header of this.headers) header.dispose();
    this.chooser.dispose();
    this.editor.close();
    if (this.built) this.table.destroy();
    this.root.replaceChildren();
  }

  private get status(): TableState["_status"] {
    return this.model.get("_status");
  }

  private listenToModel(): void {
    const on = (trait: keyof TableState, react: () => void) => {
      const event = `change:${trait}`;
      this.model.on(event, react);
      this.listeners.push([event, react]);
    };
    const heads = () => {
      for (const header of this.headers) header.update();
    };
    on("_content", () => this.show());
    on("_status", () => this.say());
    on("_sort", heads);
    on("_filters", heads);
    on("_shown", () => this.chooser.update());
    on("_columns", () => this.chooser.refill());
    on("_only_selected", () => this.say());
    on("height", () => this.table.setHeight(height(this.model)));
  }

  // One change after the other: Tabulator's are asynchronous.
  private show(): void {
    this.settling = this.settling.then(async () => {
      const columns = this.columnKey();
      const reading = this.position(document.activeElement);
      const other = columns !== this.columns;
      if (other) {
        await this.table.setData([]);
        this.table.setColumns(this.definitions());
      }
      await this.table.replaceData(this.rows());
      // Other columns are as wide as what is in them.
      if (other) this.table.redraw(true);
      else this.fitNames();
      this.say();
      if (reading !== undefined) this.focusRow(reading); // the rows are others, the reader's place is not
    });
  }

  /** Names are read whole, those of another region too; other columns stay as wide as the reader has them. */
  private fitNames(): void {
    const cells = [...this.root.querySelectorAll(".tabulator-row .tabulator-frozen")];
    if (!cells.some((cell) => cell.scrollWidth > cell.clientWidth)) return;
    for (const column of this.table.getColumns())
      if (column.getField() === this.model.get("_key")) column.setWidth(true);
  }

  private columnKey(): string {
    const infos = new Map(this.model.get("_columns").map((info) => [info.name, info]));
    return JSON.stringify(this.model.get("_content").columns.map((name) => infos.get(name)));
  }

  private rows(): RowData[] {
    return this.model.get("_content").cells.map((cells, position) => ({ position, cells }));
  }

  private definitions(): ColumnDefinition[] {
    this.columns = this.columnKey();
    for (const header of this.headers) header.dispose();
    const infos = new Map(this.model.get("_columns").map((info) => [info.name, info]));
    const shown = this.model
      .get("_content")
      .columns.map((name) => infos.get(name))
      .filter((info) => info !== undefined);
    this.headers = shown.map((info) => new Header(this.model, info));
    return shown.map((info, index) => this.definition(info, index));
  }

  private definition(info: ColumnInfo, index: number): ColumnDefinition {
    const key = info.name === this.model.get("_key");
    return {
      title: info.name,
      field: info.name,
      frozen: key,
      resizable: "header", // a handle in the rows would swallow clicks
      minWidth: key ? 150 : 70,
      hozAlign: info.kind === "number" || info.kind === "integer" ? "right" : "left",
      titleFormatter: () => (this.headers[index] as Header).node,
      // A node, not a string: catalogue text is never HTML.
      formatter: (cell) =>
        document.createTextNode((cell.getData() as RowData).cells[index] ?? "") as unknown as HTMLElement,
    };
  }

  private mark(row: RowComponent): void {
    const node = row.getElement();
    const colour = this.status.colours?.[(row.getData() as RowData).position] ?? "";
    node.style.setProperty("--csc-group", colour);
    node.classList.toggle("csc-grouped", colour !== "");
    const marked = this.status.marked?.includes((row.getData() as RowData).position) ?? false;
    if (node.ariaSelected === String(marked)) return;
    node.classList.toggle("csc-marked", marked);
    node.setAttribute("aria-selected", String(marked));
    node.tabIndex = 0;
  }

  private say(): void {
    const { page = 0, pages = 1, total = 0, filtered = 0, selected = 0, errors = {} } = this.status;
    const number = (value: number) => value.toLocaleString("en");
    say(this.place, `page ${number(page + 1)} of ${number(pages)}`);
    const parts = [`${number(selected)} selected`]; // first: where there is no room the end is cut
    if (filtered !== total) parts.push(`${number(filtered)} after filter`);
    parts.push(`${number(total)} ${this.model.get("noun")}`);
    say(this.count, parts.join(" · "));
    this.count.title = this.count.textContent;
    const problems = Object.entries(errors)
      .map(([name, error]) => `${name}: ${error}`)
      .join(" · ");
    if (this.problem.textContent !== problems) {
      this.problem.textContent = problems;
      for (const header of this.headers) header.update();
    }
    this.first.disabled = this.previous.disabled = page <= 0;
    this.next.disabled = this.last.disabled = page >= pages - 1;
    this.only.setAttribute("aria-pressed", String(this.model.get("_only_selected")));
    this.all.disabled = filtered === 0;
    if (this.built) for (const row of this.table.getRows()) this.mark(row);
  }

  private turn(page: number): void {
    wish(this.model, { _page: Math.max(0, Math.min(this.status.pages - 1, page)) });
  }

  // --- picking ------------------------------------------------------------------------------------------------

  private click(event: MouseEvent): void {
    const position = this.position(event.target);
    if (position !== undefined) this.pick(position, event);
  }

  private key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLButtonElement) return;
    const row = (event.target as HTMLElement).closest<HTMLElement>(".tabulator-row");
    if (!row) return;
    const column = { l: "label", n: "note" }[event.key];
    const bare = !(event.ctrlKey || event.metaKey || event.altKey);
    const neighbour = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
    if (neighbour instanceof HTMLElement) neighbour.focus();
    else if (column && bare && column in this.model.get("_editable")) this.open(row, column);
    else if (/^[0-9]$/.test(event.key) && bare && "label" in this.model.get("_editable")) {
      const label = this.model.get("_editable").label?.[Number(event.key) - 1];
      const position = this.position(row);
      if (position !== undefined && (label || event.key === "0")) this.editor.send(position, "label", label ?? "");
    } else if (event.key === "Enter" || event.key === " ") {
      const position = this.position(row);
      if (position !== undefined) this.pick(position, event);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private write(event: MouseEvent): void {
    const cell = (event.target as Element).closest<HTMLElement>(".tabulator-cell");
    const row = cell?.closest<HTMLElement>(".tabulator-row");
    const column = cell?.getAttribute("tabulator-field");
    if (row && column && column in this.model.get("_editable")) this.open(row, column);
  }

  private open(row: HTMLElement, column: string): void {
    const cells = [...row.querySelectorAll<HTMLElement>(".tabulator-cell")];
    const cell = cells.find((one) => one.getAttribute("tabulator-field") === column) ?? cells[0];
    const position = this.position(row);
    if (!cell || position === undefined) return;
    const { columns, cells: texts } = this.model.get("_content");
    const text = texts[position]?.[columns.indexOf(column)] ?? "";
    this.editor.open(cell, position, column, text === NULL ? "" : text);
  }

  private focusRow(position: number): void {
    const row = this.table.getRows().find((one) => (one.getData() as RowData).position === position);
    row?.getElement().focus();
  }

  private position(target: EventTarget | null): number | undefined {
    const row = (target as Element | null)?.closest<HTMLElement>(".tabulator-row");
    if (!row) return undefined;
    const found = this.table.getRows().find((candidate) => candidate.getElement() === row);
    return found && (found.getData() as RowData).position;
  }

  // As in any list, Shift takes all rows from the last one on, and Ctrl or Cmd turns a row over.
  private pick(position: number, { shiftKey, ctrlKey, metaKey, altKey }: Keys): void {
    const { names } = this.model.get("_content");
    let picked = [names[position] as string];
    let mode = modeOf({ shiftKey: false, ctrlKey, metaKey, altKey });
    if (shiftKey) {
      const [from, to] = [Math.min(this.anchor, position), Math.max(this.anchor, position)];
      picked = names.slice(from, to + 1);
    } else {
      this.anchor = position;
      if (mode === "add" && this.status.marked.includes(position)) mode = "remove";
    }
    this.model.send({ event_type: "rows_picked", names: picked, mode });
  }
}

/** Of the rows in pixels; nought fills what the table stands in. */
function height(model: TableModel): number | string {
  return model.get("height") || "100%";
}

function button(text: string, label: string, act: () => void): HTMLButtonElement {
  const spoken = text.length > 1 ? (label.match(/^[^:]+(?=:)/)?.[0] ?? text) : label;
  const node = element("button", { type: "button", title: label, "aria-label": spoken }, text);
  node.addEventListener("click", act);
  return node;
}

function installStyle(css: string): void {
  const id = "cscwidgets-tabulator";
  if (document.getElementById(id)) return;
  document.head.append(element("style", { id }, css));
}
