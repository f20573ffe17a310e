import type { AnyModel } from "@anywidget/types";
import { type AxesState, axesOf } from "../shared/axes";
import { float64, halves } from "../shared/bytes";
import { IN_MEMORY, type Sheet, type Stamp, sheetFor, stamp } from "../shared/stamp";
import { ramp } from "./colours";

export interface PointsState extends AxesState {
  colours: string[];
  faint: string;
  accent: string;
  _points: { positions?: DataView; values?: DataView; radii?: DataView };
  _groups: { colour: string; positions: DataView }[];
  _bars?: DataView;
  _arrows?: DataView;
  _marked?: DataView;
  _focused: [] | [number, number];
  _picture?: DataView;
  _marked_picture?: DataView;
}

type Model = AnyModel<PointsState>;

const RADIUS = 3;
const RING = 4.3;
const FOCUS = 9;
const EDGE = "#00000055";
const PIECE = 64; // lines: a path of thousands takes several times as long as its pieces

/** An empty canvas as large as the plot, that shows its area alone. */
function begin(model: Model, plot: HTMLElement, canvas: HTMLCanvasElement) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(plot.clientWidth * ratio), Math.round(plot.clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", IN_MEMORY) as CanvasRenderingContext2D;
  context.reset();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const { x, y, area } = axesOf(model, plot);
  context.beginPath();
  context.rect(area.left, area.top, area.width, area.height);
  context.clip();
  return { context, x, y };
}

/** Error bars, and above them the arrows of limits. */
function drawSegments(model: Model, { context, x, y }: ReturnType<typeof begin>): void {
  context.strokeStyle = model.get("faint");
  const trace = (corners: DataView | undefined, opacity: number, width: number) => {
    const [xs, ys] = halves(float64(corners));
    Object.assign(context, { globalAlpha: opacity, lineWidth: width });
    context.beginPath();
    let [begun, lines] = [false, 0];
    xs.forEach((value, i) => {
      if (Number.isNaN(value)) {
        begun = false;
        lines += 1;
        if (lines % PIECE === 0) {
          context.stroke();
          context.beginPath();
        }
      } else {
        const place: [number, number] = [x.toPixel(value), y.toPixel(ys[i] as number)];
        if (begun) context.lineTo(...place);
        else context.moveTo(...place);
        begun = true;
      }
    });
    context.stroke();
  };
  trace(model.get("_bars"), 0.6, 0.8);
  trace(model.get("_arrows"), 1, 1.2);
}

/** Points in the colour of their value; those without one below the others, bars and limits below all. */
export function drawPoints(model: Model, plot: HTMLElement, canvas: HTMLCanvasElement): void {
  const begun = begin(model, plot, canvas);
  const { context, x, y } = begun;
  drawSegments(model, begun);
  const { positions, values, radii } = model.get("_points");
  const [xs, ys] = halves(float64(positions));
  const [known, sizes] = [float64(values), float64(radii)];
  const [colours, disc] = [ramp(model.get("colours")), discsOf(model, context)];
  const put = (colour: string, radius: number, i: number) =>
    disc(colour, radius)(x.toPixel(xs[i] as number), y.toPixel(ys[i] as number));
  const radius = (i: number) => sizes[i] ?? RADIUS;
  known.forEach((value, i) => void (Number.isNaN(value) && put(model.get("faint"), radius(i) - 0.3, i)));
  known.forEach(
    (value, i) =>
      void (Number.isNaN(value) || put(colours[Math.round(value * (colours.length - 1))] as string, radius(i), i)),
  );
}

const sheets = new WeakMap<Model, { scale: number; byLook: Map<string, Sheet> }>();

/** Points by their colours and sizes, each drawn once for a resolution of the screen. */
function discsOf(model: Model, context: CanvasRenderingContext2D): (colour: string, radius: number) => Stamp {
  const scale = context.getTransform().a;
  const before = sheets.get(model);
  const { byLook } = before?.scale === scale ? before : { byLook: new Map<string, Sheet>() };
  sheets.set(model, { scale, byLook });
  const stamps = new Map<string, Stamp>();
  return (colour, size) => {
    const radius = Math.round(2 * size) / 2; // more sizes than an eye can tell would each want a sheet
    const look = `${colour} ${radius}`;
    const known = stamps.get(look);
    if (known) return known;
    const sheet = byLook.get(look) ?? discSheet(context, colour, radius);
    byLook.set(look, sheet);
    const disc = stamp(context, sheet);
    stamps.set(look, disc);
    return disc;
  };
}

function discSheet(context: CanvasRenderingContext2D, colour: string, radius: number): Sheet {
  return sheetFor(context, radius + 1, (pen) => {
    pen.arc(0, 0, radius, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
    pen.strokeStyle = EDGE;
    pen.lineWidth = 0.8;
    pen.stroke();
  });
}

function squareSheet(context: CanvasRenderingContext2D, colour: string): Sheet {
  return sheetFor(context, RADIUS + 1, (pen) => {
    pen.fillStyle = colour;
    pen.fillRect(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS);
    pen.strokeStyle = EDGE;
    pen.strokeRect(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS);
  });
}

/** Squares on the points of groups, rings around the selected ones, a crosshair on the one in focus. */
export function drawMarks(model: Model, plot: HTMLElement, canvas: HTMLCanvasElement): void {
  const { context, x, y } = begin(model, plot, canvas);
  for (const { colour, positions } of model.get("_groups")) {
    const [xs, ys] = halves(float64(positions));
    const square = stamp(context, squareSheet(context, colour));
    for (const [i, value] of xs.entries()) square(x.toPixel(value), y.toPixel(ys[i] as number));
  }
  const circle = sheetFor(context, RING + 1, (pen) => {
    pen.strokeStyle = model.get("accent");
    pen.lineWidth = 1.3;
    pen.arc(0, 0, RING, 0, 2 * Math.PI);
    pen.stroke();
  });
  const ring = stamp(context, circle);
  const [xs, ys] = halves(float64(model.get("_marked")));
  for (const [i, value] of xs.entries()) ring(x.toPixel(value), y.toPixel(ys[i] as number));
  const [focusX, focusY] = model.get("_focused");
  if (focusX === undefined || focusY === undefined) return;
  context.translate(x.toPixel(focusX), y.toPixel(focusY));
  context.beginPath();
  context.arc(0, 0, FOCUS, 0, 2 * Math.PI);
  for (const [across, up] of [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ] as const) {
    context.moveTo(across * (FOCUS - 3), up * (FOCUS - 3));
    context.lineTo(across * (FOCUS + 4), up * (FOCUS + 4));
  }
  context.strokeStyle = model.get("accent");
  context.lineWidth = 2;
  context.stroke();
}
