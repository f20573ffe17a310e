// What a picture of the sky needs to be read: a bar of a round angle, and where north and east are.
import { formatRoundAngle, roundAngle } from "../shared/angles";
import type { Box } from "./fields";
import { strokeWithHalo, writeWithHalo } from "./halo";
import { destination, type Point, type Projection, separation } from "./projection";
import type { Palette } from "./theme";

const ARM = 24; // pixels of an arrow
const HEAD = 5;
const RIGHT = 46; // pixels of the compass from the lower right corner
const BOTTOM = 62;
const BAR_LEFT = 66; // beside the labels of declination
const BAR_BOTTOM = 28; // above those of right ascension
const STEP = 1e-3; // of the view's width: short enough to be straight

type Vector = [number, number];

/** What was drawn, in pixels, and where nothing else should be written. */
export interface Furniture {
  taken: Box[];
  compass?: { at: Vector; north: Vector; east: Vector };
  bar?: { degrees: number; pixels: number; y: number };
}

/** Where north and east are at a pixel: unit vectors of the view, with y downwards. */
export function directions(projection: Projection, at: Vector): { north: Vector; east: Vector } | undefined {
  const sky = projection.toSky(...at);
  if (!sky) return undefined;
  const toward = (angle: number): Vector | undefined => {
    const [ra, dec] = destination(sky, angle, projection.fov * STEP);
    const pixels = projection.toPixels(new Float64Array([sky[0], ra]), new Float64Array([sky[1], dec]));
    const [x, y] = [(pixels[2] as number) - (pixels[0] as number), (pixels[3] as number) - (pixels[1] as number)];
    const length = Math.hypot(x, y);
    return length > 0 && Number.isFinite(length) ? [x / length, y / length] : undefined;
  };
  const [north, east] = [toward(0), toward(90)];
  return north && east && { north, east };
}

/** A bar of the largest round angle in a quarter of the width, to the scale of the middle of the view. */
export function scaleBar(projection: Projection): { degrees: number; pixels: number } | undefined {
  const { width, height } = projection;
  const ends = [width / 2 - width / 8, width / 2 + width / 8].map((x) => projection.toSky(x, height / 2));
  if (!ends[0] || !ends[1]) return undefined;
  const span = separation(...(ends as [Point, Point]));
  const degrees = roundAngle(span);
  return { degrees, pixels: (width / 4) * (degrees / span) };
}

export function drawFurniture(
  context: CanvasRenderingContext2D,
  projection: Projection,
  palette: Palette,
  font: string,
): Furniture {
  const { width, height } = projection;
  const drawn: Furniture = { taken: [] };
  context.save();
  context.font = font;
  context.lineCap = "round";
  const bar = scaleBar(projection);
  if (bar && width > 2 * BAR_LEFT) {
    const y = height - BAR_BOTTOM;
    const [left, right] = [BAR_LEFT, BAR_LEFT + bar.pixels];
    context.beginPath();
    context.moveTo(left, y - 4);
    context.lineTo(left, y);
    context.lineTo(right, y);
    context.lineTo(right, y - 4);
    strokeWithHalo(context, palette.halo, palette.focus, 1.5);
    context.textAlign = "center";
    context.textBaseline = "bottom";
    writeWithHalo(context, palette.halo, palette.focus, formatRoundAngle(bar.degrees), (left + right) / 2, y - 4);
    drawn.bar = { ...bar, y };
    drawn.taken.push({ left, right, top: y - 18, bottom: y + 2 });
  }
  const at: Vector = [width - RIGHT, height - BOTTOM];
  const found = directions(projection, at);
  if (found) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    arrow(context, palette, at, found.north, "N");
    arrow(context, palette, at, found.east, "E");
    drawn.compass = { at, ...found };
    const reach = ARM + 14;
    drawn.taken.push({ left: at[0] - reach, right: at[0] + reach, top: at[1] - reach, bottom: at[1] + reach });
  }
  context.restore();
  return drawn;
}

function arrow(context: CanvasRenderingContext2D, palette: Palette, at: Vector, toward: Vector, name: string): void {
  const [dx, dy] = toward;
  const [x, y] = [at[0] + ARM * dx, at[1] + ARM * dy];
  context.beginPath();
  context.moveTo(...at);
  context.lineTo(x, y);
  for (const side of [1, -1]) {
    context.moveTo(x, y);
    context.lineTo(x - HEAD * dx + (side * HEAD * dy) / 2, y - HEAD * dy - (side * HEAD * dx) / 2);
  }
  strokeWithHalo(context, palette.halo, palette.focus, 1.5);
  writeWithHalo(context, palette.halo, palette.focus, name, x + 9 * dx, y + 9 * dy);
}
