// Tables of the reader's own above the sources: squares in their colours, a legend, and the row that is looked at.
import { float64, halves, uint32, words } from "../shared/bytes";
import { element, say } from "../shared/dom";
import { type Mode, modeOf } from "../shared/modes";
import { sheetFor, stamp } from "../shared/stamp";
import { keepToItself, placeBeside } from "./card";
import { strokeWithHalo } from "./halo";
import type { SkyModel } from "./model";
import { tracePath } from "./path";
import type { Projection } from "./projection";
import type { Palette } from "./theme";

const PICK_RADIUS = 8;
const HALF = 4; // pixels, of a square
const SELECTS = "Select the sources at its rows or in its area (Shift adds, Alt removes, both intersect)";

/** A row of a layer. */
export interface Picked {
  layer: string;
  row: number;
  label: string;
  x: number;
  y: number;
}

interface Layer {
  name: string;
  colour: string;
  total: number;
  rows: Uint32Array;
  labels: string[];
  at: [Float64Array, Float64Array];
  chosen: Set<number>; // rows
  pixels: Float64Array;
}

export class OwnLayers {
  readonly list = element("ul");
  /** Folds away to what is said of how many there are. */
  readonly legend = element("details", { class: "csc-own-legend", open: "", hidden: "" });
  private readonly summary = element("summary", { title: "Fold or unfold" });
  readonly card = element("div", { class: "csc-sky-card csc-row-card", role: "dialog", hidden: "" });
  private layers: Layer[] = [];
  private areas: { colour: string; filled: boolean; at: [Float64Array, Float64Array] }[] = [];

  constructor(
    private readonly model: SkyModel,
    private readonly projection: Projection,
  ) {
    keepToItself(this.card, () => this.leave());
    keepToItself(this.legend, () => undefined);
    this.legend.append(this.summary, this.list);
    this.legend.addEventListener("toggle", () => this.place());
    this.read();
    this.readRow();
  }

  read(): void {
    this.layers = this.model.get("_own_layers").map(({ name, colour, total, positions, rows, labels, chosen }) => ({
      name,
      colour,
      total,
      rows: uint32(rows),
      labels: words(labels),
      at: halves(float64(positions)),
      chosen: new Set(uint32(chosen)),
      pixels: new Float64Array(),
    }));
    const areas = this.model.get("_own_areas");
    this.areas = areas.map(({ colour, filled, positions }) => ({ colour, filled, at: halves(float64(positions)) }));
    const layers = this.layers.map(({ name, colour, total, rows, chosen }) => {
      const drawn = rows.length < total ? `${count(rows.length)} of ${count(total)} drawn` : count(total);
      return this.legendRow(name, colour, `${drawn}${chosen.size > 0 ? `, ${count(chosen.size)} chosen` : ""}`);
    });
    const all = layers.length + areas.length;
    this.legend.hidden = all === 0;
    say(this.summary, `${all} layer${all === 1 ? "" : "s"} of your own`);
    this.list.replaceChildren(
      ...layers,
      ...areas.map(({ name, colour, words }) => this.legendRow(name, colour, words)),
    );
  }

  /** The row that is looked at: all its values, beside its place. */
  readRow(): void {
    const { layer, title, colour, values } = this.model.get("_own_row");
    this.card.hidden = layer === undefined;
    if (layer === undefined) return;
    this.card.setAttribute("aria-label", `${layer}: ${title}`);
    const close = element("button", { type: "button", title: "Close", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => this.leave());
    const rows = (values ?? []).map(([name, value]) =>
      element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value)),
    );
    this.card.replaceChildren(
      element(
        "header",
        {},
        element("strong", {}, swatch(colour ?? ""), title ?? ""),
        element("span", {}, layer),
        close,
      ),
      element("table", {}, ...rows),
    );
    this.place();
  }

  place(): void {
    const { ra, dec } = this.model.get("_own_row");
    if (ra === undefined || dec === undefined) return;
    placeBeside(this.card, [ra, dec], this.projection);
    const { card, legend } = this;
    const below = legend.offsetTop + legend.offsetHeight + 6;
    if (card.offsetTop >= below || card.offsetLeft + card.offsetWidth < legend.offsetLeft) return;
    // Below the legend, which says what the colours are.
    card.style.top = `${below}px`;
    card.style.maxHeight = `${this.projection.height - below - 6}px`;
  }

  /** The row under a point of the view. */
  pick(x: number, y: number): Picked | undefined {
    let [found, nearest]: [Picked | undefined, number] = [undefined, PICK_RADIUS ** 2];
    for (const { name, rows, labels, pixels } of this.layers) {
      for (let i = 0; i < pixels.length; i += 2) {
        const [px, py] = [pixels[i] as number, pixels[i + 1] as number];
        const distance = (px - x) ** 2 + (py - y) ** 2;
        if (!(distance <= nearest)) continue; // of equally near ones that on top, and none behind the sky
        const slot = i / 2;
        found = { layer: name, row: rows[slot] as number, label: labels[slot] ?? "", x: px, y: py };
        nearest = distance;
      }
    }
    return found;
  }

  press({ layer, row }: Picked, mode: Mode): void {
    this.model.send({ event_type: "own_row_clicked", layer, row, mode });
  }

  draw(context: CanvasRenderingContext2D, palette: Palette): void {
    for (const layer of this.layers) {
      layer.pixels = this.projection.toPixels(...layer.at);
      const square = (chosen: boolean) =>
        stamp(
          context,
          sheetFor(context, HALF + 3, (pen) => {
            const half = chosen ? HALF + 1 : HALF;
            pen.beginPath();
            pen.rect(-half, -half, 2 * half, 2 * half);
            if (chosen) {
              pen.fillStyle = layer.colour;
              pen.fill();
              strokeWithHalo(pen, palette.halo, palette.focus, 1.2, { rim: 0.8 });
            } else strokeWithHalo(pen, palette.halo, layer.colour, 1.8, { rim: 0.8 });
          }),
        );
      const [plain, chosen] = [square(false), square(true)];
      layer.rows.forEach((row, slot) => {
        const draw = layer.chosen.has(row) ? chosen : plain;
        draw(layer.pixels[2 * slot] as number, layer.pixels[2 * slot + 1] as number);
      });
    }
    this.drawRow(context, palette);
    this.place();
  }

  /** Below the sources: outlines, and cells shaded. */
  drawAreas(context: CanvasRenderingContext2D, palette: Palette): void {
    for (const { colour, filled, at } of this.areas) {
      context.save();
      tracePath(context, this.projection.toPixels(...at), false);
      if (filled) {
        context.globalAlpha = 0.25;
        context.fillStyle = colour;
        context.fill();
      } else strokeWithHalo(context, palette.halo, colour, 1.6);
      context.restore();
    }
  }

  private drawRow(context: CanvasRenderingContext2D, palette: Palette): void {
    const { ra, dec } = this.model.get("_own_row");
    if (ra === undefined || dec === undefined) return;
    const [x, y] = this.projection.toPixels(new Float64Array([ra]), new Float64Array([dec]));
    if (!Number.isFinite(x)) return;
    context.beginPath();
    context.rect((x as number) - 10, (y as number) - 10, 20, 20);
    strokeWithHalo(context, palette.halo, palette.focus, 2);
  }

  /** What a layer is, with what can be done with it: select the catalogue's sources there, take it off. */
  private legendRow(name: string, colour: string, words: string): HTMLElement {
    const act = (act: "select" | "remove", title: string, label: string, word: string) => {
      const button = element("button", { type: "button", title, "aria-label": label }, word);
      button.addEventListener("click", (event) =>
        this.model.send({ event_type: "own_layer_pressed", layer: name, act, mode: modeOf(event) }),
      );
      return button;
    };
    return element(
      "li",
      {},
      swatch(colour),
      element("b", { title: name }, name),
      element("span", {}, words),
      act("select", SELECTS, `Select the sources at ${name}`, "Select"),
      act("remove", "Take it off the sky", `Take ${name} off the sky`, "×"),
    );
  }

  private leave(): void {
    this.model.send({ event_type: "own_row_left" });
  }
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function swatch(colour: string): HTMLElement {
  const square = element("span", { class: "csc-own-swatch", "aria-hidden": "true" });
  square.style.borderColor = colour;
  return square;
}
