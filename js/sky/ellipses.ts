// Error ellipses of the sources in view, to scale.
import type { Projection } from "./projection";
import type { Palette } from "./theme";

const MAX_ELLIPSES = 2000;
const SMALLEST = 1.5; // pixels; below it an ellipse says nothing
const CORNERS = 32;
const STEP = 1 / 3600; // degrees, to find north and east on the screen

/**
 * Draws them and returns what to tell the reader if some or all are left out.
 *
 * `ellipses` holds three arrays: two semi-axes in arcsec, and the angle of the first, degrees east of north.
 */
export function drawEllipses(
  context: CanvasRenderingContext2D,
  projection: Projection,
  palette: Palette,
  ra: Float64Array,
  dec: Float64Array,
  pixels: Float64Array,
  ellipses: Float64Array,
): string | undefined {
  const n = ra.length;
  if (ellipses.length !== 3 * n) return "no error ellipses in this table";
  const perArcsec = projection.width / (projection.fov * 3600);
  const inView: number[] = [];
  let largeEnough = 0;
  for (let i = 0; i < n; i++) {
    const [x, y] = [pixels[2 * i] as number, pixels[2 * i + 1] as number];
    const reach = Math.max(ellipses[i] as number, ellipses[n + i] as number) * perArcsec;
    if (!(x > -reach && y > -reach && x < projection.width + reach && y < projection.height + reach)) continue;
    inView.push(i);
    if (reach >= SMALLEST) largeEnough++;
  }
  if (inView.length === 0) return undefined;
  if (inView.length > MAX_ELLIPSES || largeEnough === 0) return "zoom in to see error ellipses";

  const at = (values: Float64Array, offset: (i: number) => number) =>
    Float64Array.from(inView, (i) => (values[i] as number) + offset(i));
  const none = () => 0;
  const north = projection.toPixels(
    at(ra, none),
    at(dec, () => STEP),
  );
  const east = projection.toPixels(
    at(ra, (i) => STEP / Math.cos(((dec[i] as number) * Math.PI) / 180)),
    at(dec, none),
  );
  context.save();
  context.beginPath();
  inView.forEach((i, k) => {
    const [x, y] = [pixels[2 * i] as number, pixels[2 * i + 1] as number];
    const [nx, ny] = [(north[2 * k] as number) - x, (north[2 * k + 1] as number) - y];
    const [ex, ey] = [(east[2 * k] as number) - x, (east[2 * k + 1] as number) - y];
    const [r0, r1] = [ellipses[i] as number, ellipses[n + i] as number];
    const angle = ((ellipses[2 * n + i] as number) * Math.PI) / 180;
    for (let c = 0; c <= CORNERS; c++) {
      const t = (2 * Math.PI * c) / CORNERS;
      const [along, across] = [r0 * Math.cos(t), r1 * Math.sin(t)];
      const toNorth = along * Math.cos(angle) - across * Math.sin(angle);
      const toEast = along * Math.sin(angle) + across * Math.cos(angle);
      const [px, py] = [x + toNorth * nx + toEast * ex, y + toNorth * ny + toEast * ey];
      if (c === 0) context.moveTo(px, py);
      else context.lineTo(px, py);
    }
  });
  context.strokeStyle = palette.source;
  context.globalAlpha = 0.75;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
  return undefined;
}
