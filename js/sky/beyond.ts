// What lies beyond the sky in Aitoff's projection, which Aladin Lite leaves black.
import { destination, type Projection } from "./projection";
import type { Palette } from "./theme";

const QUARTER = Math.sin(Math.PI / 4) / Math.sqrt(1 + Math.cos(Math.PI / 4)); // of the way out, at 90 degrees

/** Fill it with the background's colour. */
export function drawBeyond(context: CanvasRenderingContext2D, projection: Projection, palette: Palette): void {
  if (projection.name !== "AIT") return;
  const [ra, dec] = destination(projection.center, 90, 90);
  const [x, y] = projection.toPixels(new Float64Array([ra]), new Float64Array([dec]));
  const [across, up] = [(x as number) - projection.width / 2, (y as number) - projection.height / 2];
  const half = Math.hypot(across, up) / QUARTER;
  if (!Number.isFinite(half)) return;
  context.save();
  context.fillStyle = palette.background;
  context.beginPath();
  context.rect(0, 0, projection.width, projection.height);
  context.ellipse(projection.width / 2, projection.height / 2, half, half / 2, Math.atan2(up, across), 0, 2 * Math.PI);
  context.fill("evenodd");
  context.strokeStyle = palette.grid;
  context.stroke();
  context.restore();
}
