// The coordinate grid: round steps of right ascension and declination, labelled at the edges of the view.
import { formatDec, formatRa } from "../shared/angles";
import { writeWithHalo } from "./halo";
import type { Projection } from "./projection";
import type { Palette } from "./theme";

const DEC_STEPS = [30, 20, 10, 5, 2, 1, 0.5, 1 / 3, 1 / 6, 1 / 12, 1 / 30, 1 / 60, ...subdivide(1 / 120)];
const RA_STEPS = [30, 15, 7.5, 5, 2.5, 1.25, 0.5, 0.25, ...subdivide(0.125)];
const DEC_SPACING = 100; // pixels between lines at most
const RA_SPACING = 160; // their labels stand side by side
const SAMPLES = 48;

/** Halves, fifths and tenths: x, x/3 and so on down to a thousandth of an arcsecond. */
function subdivide(from: number): number[] {
  const steps: number[] = [];
  for (let step = from; step > 1e-7; step /= 10) steps.push(step, step / 3, step / 6);
  return steps;
}

interface Extent {
  pole: boolean;
  ra: [number, number];
  dec: [number, number];
}

/** Draws the lines, and returns how to write their labels, which go above everything else. */
export function drawGraticule(
  context: CanvasRenderingContext2D,
  projection: Projection,
  palette: Palette,
): (font: string) => void {
  const extent = visibleExtent(projection);
  if (!extent) return () => undefined;
  const { width, height, fov, center } = projection;
  const perPixel = fov / width;
  const decStep = pick(DEC_STEPS, perPixel * DEC_SPACING);
  const parallel = Math.max(0.001, Math.cos((center[1] * Math.PI) / 180));
  const raStep = extent.pole ? 15 : pick(RA_STEPS, Math.min(30, (perPixel * RA_SPACING) / parallel));
  const [ra0, ra1] = extent.ra;
  const [dec0, dec1] = extent.dec;
  const row = height - 10;
  const labels: Label[] = [];
  const label = (text: string, x: number, y: number) => {
    const inside = x > 4 && x < width - 66 && y > 8 && (y < height - 24 || y === row);
    if (inside) labels.push({ text, x, y });
  };

  context.save();
  context.lineWidth = 1;
  context.strokeStyle = palette.grid;
  for (const dec of multiples(decStep, dec0, dec1)) {
    if (Math.abs(dec) > 90 - 1e-9) continue;
    const line = projection.toPixels(sample(ra0, ra1), constant(dec));
    stroke(context, line, projection);
    const y = crossing(line, 0, 8);
    if (y !== undefined) label(formatDec(dec, decStep), 6, y - 7);
    else label(formatDec(dec, decStep), ...at(projection, center[0], dec)); // a ring around the pole
  }
  for (const ra of multiples(raStep, ra0, ra1)) {
    const end = 90 - decStep / 2; // the lines do not crowd the pole
    const line = projection.toPixels(constant(ra), sample(Math.max(dec0, -end), Math.min(dec1, end)));
    stroke(context, line, projection);
    const x = crossing(line, 1, row);
    if (x !== undefined) label(formatRa(ra, raStep), x + 4, row);
  }
  context.restore();
  return (font) => writeLabels(context, palette, font, labels);
}

interface Label {
  text: string;
  x: number;
  y: number;
}

function writeLabels(context: CanvasRenderingContext2D, palette: Palette, font: string, labels: Label[]): void {
  context.save();
  context.font = font;
  context.textBaseline = "middle";
  const right = new Map<number, number>(); // of the last label in each row
  for (const { text, x, y } of labels.sort((a, b) => a.x - b.x)) {
    if (x < (right.get(y) ?? Number.NEGATIVE_INFINITY) + 8) continue; // crowded near a pole
    right.set(y, x + context.measureText(text).width);
    writeWithHalo(context, palette.halo, palette.label, text, x, y);
  }
  context.restore();
}

function multiples(step: number, from: number, to: number): number[] {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step + 1e-9) - first + 1) }, (_, i) => (first + i) * step);
}

/** The part of the sky in view; right ascension unwrapped around the centre. */
function visibleExtent(projection: Projection): Extent | undefined {
  const { width, height, center } = projection;
  const ras: number[] = [];
  const decs: number[] = [];
  const n = 12;
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= n; j++) {
      const sky = projection.toSky((width * i) / n, (height * j) / n);
      if (!sky) continue;
      ras.push(((((sky[0] - center[0]) % 360) + 540) % 360) - 180);
      decs.push(sky[1]);
    }
  }
  if (decs.length === 0) return undefined;
  let [dec0, dec1] = [Math.min(...decs), Math.max(...decs)];
  let [ra0, ra1] = [Math.min(...ras), Math.max(...ras)];
  let inView = false;
  for (const pole of [-90, 90]) {
    const [x, y] = at(projection, center[0], pole);
    if (x >= 0 && x <= width && y >= 0 && y <= height) {
      inView = true;
      [ra0, ra1] = [-180, 180 - 1e-6];
      if (pole > 0) dec1 = 90;
      else dec0 = -90;
    }
  }
  const margin = (dec1 - dec0) / n;
  const raMargin = (ra1 - ra0) / n;
  return {
    pole: inView,
    ra:
      ra1 - ra0 > 330
        ? [center[0] - 180, center[0] + 180 - 1e-6]
        : [center[0] + ra0 - raMargin, center[0] + ra1 + raMargin],
    dec: [Math.max(-90, dec0 - margin), Math.min(90, dec1 + margin)],
  };
}

function at(projection: Projection, ra: number, dec: number): [number, number] {
  const [x, y] = projection.toPixels(new Float64Array([ra]), new Float64Array([dec]));
  return [x as number, y as number];
}

function pick(steps: number[], wanted: number): number {
  return steps.find((step) => step <= wanted) ?? (steps.at(-1) as number);
}

function sample(from: number, to: number): Float64Array {
  return Float64Array.from({ length: SAMPLES + 1 }, (_, i) => from + ((to - from) * i) / SAMPLES);
}

function constant(value: number): Float64Array {
  return new Float64Array(SAMPLES + 1).fill(value);
}

function stroke(context: CanvasRenderingContext2D, line: Float64Array, projection: Projection): void {
  const far = 2 * Math.max(projection.width, projection.height);
  context.beginPath();
  let pen = false;
  for (let i = 0; i < line.length; i += 2) {
    const [x, y] = [line[i] as number, line[i + 1] as number];
    const drawn = Math.abs(x) < far && Math.abs(y) < far;
    if (drawn && pen) context.lineTo(x, y);
    else if (drawn) context.moveTo(x, y);
    pen = drawn;
  }
  context.stroke();
}

/** Where a line crosses an edge of the view: its other coordinate. */
function crossing(line: Float64Array, axis: 0 | 1, edge: number): number | undefined {
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [a, b] = [line[i + axis] as number, line[i + 2 + axis] as number];
    if ((a - edge) * (b - edge) > 0 || a === b) continue;
    const t = (edge - a) / (b - a);
    const [c, d] = [line[i + 1 - axis] as number, line[i + 3 - axis] as number];
    if (Number.isFinite(t)) return c + (d - c) * t;
  }
  return undefined;
}
