// Fields of view: outlines in the colours of their instruments, with labels that never lie over each other.
import { float64, halves, uint32, words } from "../shared/bytes";
import { strokeWithHalo, writeWithHalo } from "./halo";
import type { SkyModel } from "./model";
import { addPath } from "./path";
import type { Projection } from "./projection";
import type { Palette } from "./theme";

const DASHES: Record<string, number[]> = { "ACIS-I": [], "ACIS-S": [8, 3], HRC: [2, 3], ACIS: [12, 3, 2, 3] };
const WIDTH = 1.6;
const HEIGHT = 15; // pixels of a label's line
const GAP = 4; // pixels between an outline and its label, and between labels

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export class FieldsLayer {
  private ra = new Float64Array();
  private dec = new Float64Array();
  private ends = new Uint32Array();
  private labels: string[] = [];
  private instruments: string[] = [];
  private widths: number[] | undefined;

  read(model: SkyModel): void {
    const { positions, ends, labels, instruments } = model.get("_fields");
    [this.ra, this.dec] = halves(float64(positions)) as [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>];
    this.ends = uint32(ends) as Uint32Array<ArrayBuffer>;
    this.labels = words(labels);
    this.instruments = words(instruments);
    this.widths = undefined;
  }

  /** Draws the outlines, those of some rows stronger, and returns how to write the labels, above everything else. */
  draw(
    context: CanvasRenderingContext2D,
    projection: Projection,
    palette: Palette,
    strong: ReadonlySet<number>,
  ): ((font: string, taken: Box[]) => string | undefined) | undefined {
    if (this.ends.length === 0) return undefined;
    const pixels = projection.toPixels(this.ra, this.dec);
    const parts = [...this.ends].map((end, row) => pixels.subarray(2 * (this.ends[row - 1] ?? 0), 2 * end));
    const room = { left: 0, top: 0, right: projection.width, bottom: projection.height };
    const seen = parts.flatMap((part, row) => (meets(part, room) ? [row] : []));
    context.save();
    for (const instrument of new Set(this.instruments)) {
      for (const chosen of [false, true]) {
        const rows = seen.filter((row) => this.instruments[row] === instrument && strong.has(row) === chosen);
        if (rows.length === 0) continue;
        context.beginPath();
        for (const row of rows) addPath(context, parts[row] as Float64Array, false);
        const colour = palette.fields[instrument] ?? palette.label;
        const dash = DASHES[instrument] ?? [];
        strokeWithHalo(context, palette.halo, colour, chosen ? 2 * WIDTH : WIDTH, { rim: 0.8, dash });
      }
    }
    context.restore();
    return (font, taken) => this.write(context, palette, font, room, parts, seen, taken);
  }

  private write(
    context: CanvasRenderingContext2D,
    palette: Palette,
    font: string,
    room: Box,
    parts: Float64Array[],
    seen: number[],
    taken: Box[],
  ): string | undefined {
    context.save();
    context.font = font;
    context.textBaseline = "middle";
    this.widths ??= this.labels.map((label) => context.measureText(label).width);
    const widths = this.widths;
    const legend = this.legend(context, palette, room, seen);
    const outlined = seen.filter((row) => anchors(parts[row] as Float64Array, room).length > 0);
    const places = placeLabels(
      outlined.map((row) => ({ width: widths[row] as number, anchors: anchors(parts[row] as Float64Array, room) })),
      room,
      legend ? [legend, ...taken] : taken,
    );
    let missing = 0;
    places.forEach((box, i) => {
      const row = outlined[i] as number;
      if (!box) missing++;
      else {
        const colour = palette.fields[this.instruments[row] as string] ?? palette.label;
        writeWithHalo(context, palette.halo, colour, this.labels[row] as string, box.left, (box.top + box.bottom) / 2);
      }
    });
    context.restore();
    if (missing === 0) return undefined;
    return `${missing.toLocaleString("en")} of ${outlined.length.toLocaleString("en")} labels have no room; zoom in`;
  }

  /** Which line is of which instrument, for those in view, in the upper right corner. */
  private legend(context: CanvasRenderingContext2D, palette: Palette, room: Box, seen: number[]): Box | undefined {
    const shown = Object.keys(DASHES).filter((name) => seen.some((row) => this.instruments[row] === name));
    if (shown.length === 0) return undefined;
    const width = 34 + Math.max(...shown.map((name) => context.measureText(name).width));
    const box = { left: room.right - width - 8, right: room.right, top: 0, bottom: 12 + HEIGHT * shown.length };
    context.globalAlpha = 0.85;
    context.fillStyle = palette.background;
    context.fillRect(box.left - GAP, 0, width + 8 + GAP, box.bottom);
    context.globalAlpha = 1;
    shown.forEach((name, i) => {
      const y = 8 + HEIGHT * (i + 0.5);
      const colour = palette.fields[name] ?? palette.label;
      context.beginPath();
      context.moveTo(box.left, y);
      context.lineTo(box.left + 26, y);
      strokeWithHalo(context, palette.halo, colour, WIDTH, { rim: 0.8, dash: DASHES[name] });
      writeWithHalo(context, palette.halo, colour, name, box.left + 32, y);
    });
    return box;
  }
}

/** Whether an outline, interleaved pixels, comes into a box as far as its own box tells. */
function meets(pixels: Float64Array, box: Box): boolean {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < pixels.length; i += 2) {
    const [x, y] = [pixels[i] as number, pixels[i + 1] as number];
    if (!Number.isFinite(x)) continue;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return left < box.right && right > box.left && top < box.bottom && bottom > box.top;
}

/** Corners and middles of sides that are in view, the highest first. */
function anchors(pixels: Float64Array, box: Box): [number, number][] {
  const found: [number, number][] = [];
  const add = (x: number, y: number) => {
    if (x > box.left && x < box.right && y > box.top && y < box.bottom) found.push([x, y]);
  };
  for (let i = 0; i + 3 < pixels.length; i += 2) {
    const [x0, y0, x1, y1] = pixels.subarray(i, i + 4) as unknown as [number, number, number, number];
    add(x0, y0);
    add((x0 + x1) / 2, (y0 + y1) / 2);
  }
  return found.sort((a, b) => a[1] - b[1]).slice(0, 12);
}

interface Label {
  width: number;
  anchors: [number, number][];
}

/** Where each label stands: above or below one of its anchors, whole and free of all before it; else nowhere. */
export function placeLabels(labels: Label[], room: Box, taken: Box[]): (Box | undefined)[] {
  const cell = 64;
  const grid = new Map<string, Box[]>();
  const cells = function* (box: Box) {
    for (let i = Math.floor(box.left / cell); i <= Math.floor(box.right / cell); i++)
      for (let j = Math.floor(box.top / cell); j <= Math.floor(box.bottom / cell); j++) yield `${i},${j}`;
  };
  const take = (box: Box) => {
    for (const key of cells(box)) grid.set(key, [...(grid.get(key) ?? []), box]);
  };
  const free = (box: Box) => {
    for (const key of cells(box)) if (grid.get(key)?.some((other) => overlap(box, other))) return false;
    return true;
  };
  for (const box of taken) take(box);
  return labels.map(({ width, anchors }) => {
    for (const [x, y] of anchors) {
      for (const top of [y - GAP - HEIGHT, y + GAP]) {
        const box = { left: x - width / 2, right: x + width / 2, top, bottom: top + HEIGHT };
        const whole = box.left >= room.left && box.right <= room.right && top >= room.top && box.bottom <= room.bottom;
        if (whole && free(box)) {
          take(box);
          return box;
        }
      }
    }
    return undefined;
  });
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.left < other.right + GAP && one.right > other.left - GAP && one.top < other.bottom && one.bottom > other.top
  );
}
