// What Aladin Lite would write as HTML, written as text: a catalogue's cells, names and popups are not ours to trust.
import { element } from "../shared/dom";

export interface Measured {
  name: string;
  rows: { data: Record<string, unknown> }[];
}

export interface Popup {
  setTitle(text?: string): void;
  setText(text?: string): void;
}

/** The rows of clicked objects, a table a catalogue; takes the place of Aladin Lite's own. */
export class MeasurementTable {
  private shown: HTMLElement | undefined;

  constructor(private readonly host: HTMLElement) {}

  showMeasurement(catalogues: Measured[]): void {
    this.hide();
    if (catalogues.length === 0) return;
    this.shown = element("div", { class: "csc-measurements", tabindex: "0" }, ...catalogues.map(tableOf));
    this.host.append(this.shown);
  }

  hide(): void {
    this.shown?.remove();
    this.shown = undefined;
  }
}

function tableOf({ name, rows }: Measured): HTMLElement {
  const columns = Object.keys(rows[0]?.data ?? {});
  return element(
    "table",
    {},
    element("caption", {}, name),
    element("thead", {}, element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)))),
    element(
      "tbody",
      {},
      ...rows.map(({ data }) =>
        element("tr", {}, ...columns.map((column) => element("td", {}, String(data[column] ?? "--")))),
      ),
    ),
  );
}

/** Let a popup show text as text. */
export function plainPopup(popup: Popup): void {
  const { setTitle, setText } = popup;
  popup.setTitle = (text) => setTitle.call(popup, escapeHtml(text ?? ""));
  popup.setText = (text) => setText.call(popup, escapeHtml(text ?? ""));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
