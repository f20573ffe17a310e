// The field in which a label or a note is written, over the cell where it will stand.
import { element } from "../shared/dom";
import type { TableModel } from "./model";

export class CellEditor {
  private field: HTMLElement | undefined;

  constructor(
    private readonly model: TableModel,
    private readonly grid: HTMLElement,
    /** Brings a row of the page into the keyboard's focus. */
    private readonly focusRow: (position: number) => void,
  ) {}

  open(cell: HTMLElement, position: number, column: string, text: string): void {
    this.close();
    const [outer, inner] = [this.grid.getBoundingClientRect(), cell.getBoundingClientRect()];
    const offers = element("datalist", { id: `csc-offers-${column}` });
    offers.append(...(this.model.get("_editable")[column] ?? []).map((value) => element("option", { value })));
    const input = element("input", {
      type: "text",
      value: text,
      list: offers.id,
      placeholder: column,
      "aria-label": `${column} of ${this.model.get("_content").names[position]}`,
    });
    this.field = element("div", { class: "csc-cell-editor" }, input, offers);
    const width = Math.max(inner.width, 160);
    Object.assign(this.field.style, {
      left: `${Math.min(inner.left - outer.left, outer.width - width)}px`,
      top: `${inner.top - outer.top}px`,
      width: `${width}px`,
      height: `${inner.height}px`,
    });
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the notebook has keys of its own
      if (event.key === "Enter") {
        this.close();
        if (input.value !== text) this.send(position, column, input.value);
        this.focusRow(position + 1); // the next source is what one labels next
      } else if (event.key === "Escape") {
        this.close();
        this.focusRow(position);
      }
    });
    input.addEventListener("blur", () => {
      if (this.field?.contains(input) && input.value !== text) this.send(position, column, input.value);
      this.close();
    });
    this.grid.append(this.field);
    input.focus();
    input.select();
  }

  send(position: number, column: string, text: string): void {
    const name = this.model.get("_content").names[position];
    this.model.send({ event_type: "edited", name, column, text });
  }

  close(): void {
    const field = this.field;
    this.field = undefined;
    field?.remove();
  }
}
