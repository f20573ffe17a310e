// What a plot says about the point under the pointer, from columns that were sent once: packed by
// cscwidgets.views.plots.hints.Hints. The kernel is not asked, and only the text that is shown is ever written.
import type { Axes } from "../shared/axes";
import { float64, halves, words } from "../shared/bytes";
import { written } from "../shared/numbers";

const REACH = 10; // pixels

/** A piece of a line: text as it is, or a column with the format of its numbers; texts have none. */
type Piece = string | [column: string, format: string];

export interface PackedHints {
  /** A curve is read wherever the pointer is, between its points too. */
  along: boolean;
  positions: DataView;
  numbers: Record<string, DataView>;
  texts: Record<string, DataView>;
  /** Each line in several wordings: the first whose numbers are all there is taken. */
  lines: Piece[][][];
}

export interface Hint {
  left: number;
  top: number;
  text: string;
}

/** The value of a number's column, if it has one. */
type Reading = (column: string) => number | undefined;

export class Hints {
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly numbers: Record<string, Float64Array>;
  private readonly texts: Record<string, string[]>;
  private readonly lines: Piece[][][];
  private readonly along: boolean;

  constructor({ along, positions, numbers, texts, lines }: PackedHints) {
    [this.x, this.y] = halves(float64(positions));
    const columns = Object.entries(numbers).map(([name, bytes]) => [name, float64(bytes)] as const);
    this.numbers = { ...Object.fromEntries(columns), x: this.x, y: this.y };
    this.texts = Object.fromEntries(Object.entries(texts).map(([name, bytes]) => [name, words(bytes)]));
    this.lines = lines;
    this.along = along;
  }

  /** What there is to say at a pixel of the plot, and where. */
  at(left: number, top: number, axes: Axes): Hint | undefined {
    return this.along ? this.read(left, top, axes) : this.nearest(left, top, axes);
  }

  private nearest(left: number, top: number, { x, y }: Axes): Hint | undefined {
    let [row, least] = [-1, REACH ** 2];
    for (let i = 0; i < this.x.length; i++) {
      const across = x.toPixel(this.x[i] as number) - left;
      if (!(Math.abs(across) <= REACH)) continue;
      const distance = across ** 2 + (y.toPixel(this.y[i] as number) - top) ** 2;
      if (distance <= least) [row, least] = [i, distance];
    }
    if (row < 0) return undefined;
    const text = this.write(
      (column) => this.numbers[column]?.[row],
      (column) => this.texts[column]?.[row] ?? "",
    );
    return { left: x.toPixel(this.x[row] as number), top: y.toPixel(this.y[row] as number), text };
  }

  private read(left: number, top: number, { x }: Axes): Hint | undefined {
    const after = this.x.findIndex((value) => x.toPixel(value) > left);
    if (after < 1) return undefined;
    const [from, to] = [after - 1, after].map((row) => x.toPixel(this.x[row] as number)) as [number, number];
    const share = (left - from) / (to - from);
    const between = (column: string) => {
      const [low, high] = [this.numbers[column]?.[after - 1], this.numbers[column]?.[after]];
      return low === undefined || high === undefined ? undefined : low + (high - low) * share;
    };
    const text = this.write(
      (column) => (column === "x" ? x.toData(left) : between(column)),
      () => "",
    );
    return { left, top, text };
  }

  private write(number: Reading, text: (column: string) => string): string {
    const isThere = (piece: Piece) => typeof piece === "string" || !piece[1] || Number.isFinite(number(piece[0]));
    const write = (piece: Piece) => {
      if (typeof piece === "string") return piece;
      const [column, format] = piece;
      return format ? written(number(column) as number, format) : text(column);
    };
    return this.lines
      .map((wordings) => wordings.find((pieces) => pieces.every(isThere)))
      .map((pieces) => (pieces ?? []).map(write).join(""))
      .filter((line) => line)
      .join("\n");
  }
}
