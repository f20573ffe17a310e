// The card of the fields of view at a place: which there are, their observations, and their sources at a press.
import { element } from "../shared/dom";
import { type Mode, modeOf } from "../shared/modes";
import type { Card, SkyModel } from "./model";
import type { Point, Projection } from "./projection";

const MARGIN = 6;

export class FieldCard {
  readonly node = element("div", {
    class: "csc-sky-card csc-fields-card",
    role: "dialog",
    "aria-label": "Fields of view",
    hidden: "",
  });
  private card: Card = {};

  constructor(
    private readonly model: SkyModel,
    private readonly projection: Projection,
    private readonly choose: (name: string, mode: Mode) => void,
  ) {
    keepToItself(this.node, () => this.choose("", null));
    this.read();
  }

  /** Rows of the fields that it tells of. */
  get rows(): ReadonlySet<number> {
    return new Set(this.card.entries?.map(({ row }) => row));
  }

  read(): void {
    this.card = this.model.get("_card");
    const { entries = [], note } = this.card;
    this.node.hidden = entries.length === 0;
    const close = element("button", { type: "button", title: "Close", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => this.choose("", null));
    const badge = note ? [element("span", { class: "csc-fields-note" }, note)] : [];
    const title = entries.length === 1 ? "Field of view here" : `${entries.length} fields of view here`;
    this.node.replaceChildren(
      element("header", {}, element("strong", {}, title), ...badge, close),
      ...entries.map((entry, i) => this.entry(entry, i === 0)),
    );
    this.place();
  }

  /** Beside its place, within the sky. */
  place(): void {
    const { ra, dec } = this.card;
    if (ra !== undefined && dec !== undefined) placeBeside(this.node, [ra, dec], this.projection);
  }

  private entry(entry: NonNullable<Card["entries"]>[number], open: boolean): HTMLElement {
    const select = element("button", { type: "button", class: "csc-fields-select" }, "Select its sources");
    select.title = "Shift adds, Alt removes, both intersect";
    select.addEventListener("click", (event) => this.choose(entry.name, modeOf(event)));
    const head = element(
      "tr",
      {},
      ...["ObsID", "date", "exposure", "instrument"].map((name) => element("th", {}, name)),
    );
    const rows = entry.observations.map(({ name, date, exposure, instrument, page }) => {
      const linked = page ? element("a", { href: page, target: "_blank", rel: "noopener" }, name) : name;
      return element("tr", {}, ...[linked, date, exposure, instrument].map((cell) => element("td", {}, cell)));
    });
    const details = element(
      "details",
      open ? { open: "" } : {},
      element("summary", {}, element("b", {}, entry.title)),
      element("div", {}, entry.words),
      element("table", {}, head, ...rows),
      select,
    );
    details.addEventListener("toggle", () => this.place());
    return details;
  }
}

/** What is done in a card is not done to the sky below it; Escape closes it. */
export function keepToItself(node: HTMLElement, close: () => void): void {
  for (const event of ["pointerdown", "pointerup", "pointermove", "wheel", "dblclick"])
    node.addEventListener(event, (one) => one.stopPropagation());
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    event.stopPropagation();
  });
}

/** Beside its place, within the sky. */
export function placeBeside(node: HTMLElement, [ra, dec]: Point, projection: Projection): void {
  if (node.hidden) return;
  const [x, y] = projection.toPixels(new Float64Array([ra]), new Float64Array([dec])) as unknown as Point;
  const { width, height } = projection;
  node.style.maxHeight = `${height - 2 * MARGIN}px`;
  const [w, h] = [node.offsetWidth, node.offsetHeight];
  const within = (value: number, size: number, room: number) =>
    Math.max(MARGIN, Math.min(Number.isFinite(value) ? value : MARGIN, room - size - MARGIN));
  node.style.left = `${within(x + 12 + w > width ? x - 12 - w : x + 12, w, width)}px`;
  node.style.top = `${within(y - h / 2, h, height)}px`;
}
