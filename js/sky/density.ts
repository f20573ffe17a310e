// How many sources are in each cell of the sky: one path for each step of darkness, the selected ones above.
import { float64, halves } from "../shared/bytes";
import type { SkyModel } from "./model";
import { addPath } from "./path";
import type { Projection } from "./projection";
import type { Palette } from "./theme";

const STEPS = 12;
const CORNERS = 4;

export class DensityLayer {
  /** Sources in all cells, and in the fullest one; nought where they are drawn one by one. */
  total = 0;
  most = 0;
  private corners: [Float64Array, Float64Array] = [new Float64Array(), new Float64Array()];
  private levels: Uint8Array = new Uint8Array();
  private selected: Uint8Array = new Uint8Array();

  get cells(): number {
    return this.levels.length;
  }

  read(model: SkyModel): void {
    const { positions, levels, selected, total, most } = model.get("_density");
    this.corners = halves(float64(positions));
    this.levels = bytes(levels);
    this.selected = bytes(selected);
    this.total = total ?? 0;
    this.most = most ?? 0;
  }

  draw(context: CanvasRenderingContext2D, projection: Projection, palette: Palette): void {
    if (this.cells === 0) return;
    const pixels = projection.toPixels(...this.corners);
    const limit = Math.max(projection.width, projection.height) / 4;
    context.save();
    for (const [levels, colour] of [
      [this.levels, palette.source],
      [this.selected, palette.selected],
    ] as const) {
      context.fillStyle = colour;
      for (let step = 1; step <= STEPS; step++) {
        context.globalAlpha = 0.2 + (0.8 * step) / STEPS;
        context.beginPath();
        for (let cell = 0; cell < levels.length; cell++) {
          if (Math.ceil(((levels[cell] as number) * STEPS) / 255) !== step) continue;
          const shape = pixels.subarray(2 * CORNERS * cell, 2 * CORNERS * (cell + 1));
          if (isWhole(shape, limit)) addPath(context, shape, true);
        }
        context.fill();
      }
    }
    context.restore();
  }
}

/** Whether a cell is on this side of the sky, and not torn apart at its edge. */
function isWhole(shape: Float64Array, limit: number): boolean {
  const [x, y] = [shape[0] as number, shape[1] as number];
  for (let i = 0; i < shape.length; i += 2) {
    const far = Math.abs((shape[i] as number) - x) + Math.abs((shape[i + 1] as number) - y);
    if (!(far < limit)) return false;
  }
  return true;
}

function bytes(view: DataView | undefined): Uint8Array {
  return view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array();
}
