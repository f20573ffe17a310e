// The head of a column: its name and unit, which sort, and its filter.
import { element } from "../shared/dom";
import { type ColumnInfo, type TableModel, wish } from "./model";

const TYPED = 300; // ms after the last key before the kernel filters

const EXAMPLES = {
  number: ">1e-14",
  integer: ">=3",
  boolean: "TRUE",
  text: "part of it",
};

const HELP = {
  number: "Filter: >1e-14, <=0.5, 1..2, =1.2, null, !null; join with &",
  integer: "Filter: >3, 1..2, =5, null, !null; join with &",
  boolean: "Filter: TRUE, FALSE, null, !null",
  text: "Filter: any part of the text, =the whole, !without, null, !null; join with &",
};

export class Header {
  readonly node: HTMLElement;
  private readonly arrow = element("span", { class: "csc-arrow", "aria-hidden": "true" });
  private readonly input: HTMLInputElement;
  private readonly title: HTMLButtonElement;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly model: TableModel,
    private readonly info: ColumnInfo,
  ) {
    const { name, unit, kind } = info;
    this.title = element("button", { type: "button", class: "csc-title", title: describe(info) });
    this.title.append(element("span", {}, name), this.arrow);
    this.title.addEventListener("click", () => this.sort());
    this.input = element("input", {
      type: "text",
      class: "csc-filter",
      placeholder: EXAMPLES[kind],
      title: HELP[kind],
      "aria-label": `Filter ${name}`,
      spellcheck: "false",
    });
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.filter(), TYPED);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.filter();
      if (event.key === "Escape" && this.input.value) {
        this.input.value = "";
        this.filter();
      }
      event.stopPropagation(); // the notebook has keys of its own
    });
    this.node = element("div", { class: "csc-head" }, this.title, element("small", {}, unit || "\u00a0"), this.input);
    // Typing and clicking here must not move the column.
    for (const part of [this.title, this.input]) part.addEventListener("mousedown", (event) => event.stopPropagation());
    this.update();
  }

  /** Show the model's state again. */
  update(): void {
    const [name, direction] = this.model.get("_sort");
    const sorted = name === this.info.name ? direction : undefined;
    this.arrow.textContent = sorted === "asc" ? "▲" : sorted === "desc" ? "▼" : "";
    const spoken = sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : "not";
    this.title.setAttribute("aria-label", `${this.info.name}, sorted ${spoken}`);
    const wanted = this.model.get("_filters")[this.info.name] ?? "";
    if (document.activeElement !== this.input && this.input.value !== wanted) this.input.value = wanted;
    const error = this.model.get("_status").errors?.[this.info.name];
    this.input.setAttribute("aria-invalid", String(error !== undefined));
    this.input.title = error ?? HELP[this.info.kind];
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private sort(): void {
    const [name, direction] = this.model.get("_sort");
    const next = name !== this.info.name ? "asc" : direction === "asc" ? "desc" : undefined;
    wish(this.model, { _sort: next ? [this.info.name, next] : [] });
  }

  private filter(): void {
    clearTimeout(this.timer);
    const { [this.info.name]: _, ...others } = this.model.get("_filters");
    const text = this.input.value.trim();
    wish(this.model, { _filters: text ? { ...others, [this.info.name]: text } : others });
  }
}

export function describe({ name, unit, description }: ColumnInfo): string {
  return `${name}${unit ? ` [${unit}]` : ""}${description ? `\n${description}` : ""}\nClick to sort`;
}
