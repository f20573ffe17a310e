// The list of all columns, to choose from.
import { element } from "../shared/dom";
import { type ColumnInfo, type TableModel, wish } from "./model";

export class Chooser {
  readonly node: HTMLDetailsElement;
  private readonly list = element("div", { class: "csc-choices" });
  private readonly search = element("input", {
    type: "text",
    placeholder: "Find a column",
    "aria-label": "Find a column",
    spellcheck: "false",
  });
  private readonly controller = new AbortController();

  constructor(private readonly model: TableModel) {
    const panel = element("div", { class: "csc-panel" }, this.search, this.list);
    this.node = element(
      "details",
      { class: "csc-chooser" },
      element("summary", { title: "Choose the columns shown" }, "Columns"),
      panel,
    );
    this.node.addEventListener("toggle", () => {
      if (this.node.open) this.fill();
      else this.list.replaceChildren();
    });
    this.search.addEventListener("input", () => this.fill());
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.node.open = false;
      event.stopPropagation(); // the notebook has keys of its own
    });
    const outside = (event: Event) => {
      if (!this.node.contains(event.target as Node)) this.node.open = false;
    };
    document.addEventListener("pointerdown", outside, { signal: this.controller.signal });
  }

  /** Show the model's state again; the boxes stay, and with them the keyboard's focus. */
  update(): void {
    const shown = new Set(this.model.get("_shown"));
    for (const box of this.list.querySelectorAll("input")) box.checked = shown.has(box.value);
  }

  /** Show another table's columns. */
  refill(): void {
    if (this.node.open) this.fill();
  }

  dispose(): void {
    this.controller.abort();
  }

  private fill(): void {
    const wanted = this.search.value.trim().toLowerCase();
    const shown = new Set(this.model.get("_shown"));
    const found = this.model
      .get("_columns")
      .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted));
    this.list.replaceChildren(...found.map((column) => this.choice(column, shown)));
  }

  private choice({ name, unit, description }: ColumnInfo, shown: Set<string>): HTMLElement {
    const box = element("input", { type: "checkbox", value: name });
    box.checked = shown.has(name);
    box.disabled = name === this.model.get("_key");
    box.addEventListener("change", () => {
      const current = this.model.get("_shown");
      wish(this.model, { _shown: box.checked ? [...current, name] : current.filter((other) => other !== name) });
    });
    const words = element("span", {}, name, element("small", {}, [unit, description].filter(Boolean).join(" · ")));
    return element("label", { title: description }, box, words);
  }
}
