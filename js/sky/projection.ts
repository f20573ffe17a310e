// Sky to pixels and back, as Aladin Lite shows it now. Sky positions are ICRS degrees.
import type { Aladin } from "./aladin";

export type Point = [number, number];

const DEGREE = Math.PI / 180;

export class Projection {
  constructor(private readonly aladin: Aladin) {}

  get width(): number {
    return this.aladin.view.width;
  }

  get height(): number {
    return this.aladin.view.height;
  }

  /** Width of the view in degrees. */
  get fov(): number {
    return this.aladin.getFov()[0];
  }

  get name(): string {
    return this.aladin.getProjectionName();
  }

  get center(): Point {
    return this.aladin.getRaDec();
  }

  /** Interleaved x, y; NaN for positions on the far side of the sky, and for none. */
  toPixels(ra: Float64Array, dec: Float64Array): Float64Array {
    if (ra.length === 0) return new Float64Array();
    const pixels = this.aladin.view.wasm.worldToScreenVec(ra, dec);
    for (let i = 0; i < pixels.length; i += 2) {
      const nowhere = pixels[i] === 0 && pixels[i + 1] === 0;
      if (nowhere || Number.isNaN(ra[i / 2])) pixels[i] = pixels[i + 1] = Number.NaN;
    }
    return pixels;
  }

  toSky(x: number, y: number): Point | undefined {
    const position = this.aladin.view.wasm.pix2world(x, y);
    if (!position || !Number.isFinite(position[0]) || !Number.isFinite(position[1])) return undefined;
    return [(position[0] + 360) % 360, position[1]];
  }

  /** Everything that decides where things are drawn; drawn anew when it changes. */
  key(): string {
    const { aladin } = this;
    return [
      ...aladin.view.wasm.getCenter(),
      ...aladin.getFov(),
      aladin.getRotation(),
      aladin.getProjectionName(),
      this.width,
      this.height,
    ].join();
  }
}

/** Great-circle distance in degrees. */
export function separation([ra1, dec1]: Point, [ra2, dec2]: Point): number {
  const lon = (ra2 - ra1) * DEGREE;
  const [a, b] = [dec1 * DEGREE, dec2 * DEGREE];
  const y = Math.hypot(
    Math.cos(b) * Math.sin(lon),
    Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(lon),
  );
  const x = Math.sin(a) * Math.sin(b) + Math.cos(a) * Math.cos(b) * Math.cos(lon);
  return Math.atan2(y, x) / DEGREE;
}

/** The position at a distance (degrees) along a position angle, degrees east of north; over a pole if need be. */
export function destination([ra, dec]: Point, angle: number, distance: number): Point {
  const [arc, lat, turn] = [distance * DEGREE, dec * DEGREE, angle * DEGREE];
  const sinDec = Math.sin(lat) * Math.cos(arc) + Math.cos(lat) * Math.sin(arc) * Math.cos(turn);
  // In a form that holds at the poles too, where the cosine of the latitude is nothing but rounding.
  const lon = Math.atan2(
    Math.sin(turn) * Math.sin(arc),
    Math.cos(lat) * Math.cos(arc) - Math.sin(lat) * Math.sin(arc) * Math.cos(turn),
  );
  return [ra + lon / DEGREE, Math.asin(Math.max(-1, Math.min(1, sinDec))) / DEGREE];
}

/** The circle of a radius (degrees) around a centre, as points on the sky. */
export function circlePoints(center: Point, radius: number, points = 120): [Float64Array, Float64Array] {
  const [ras, decs] = [new Float64Array(points), new Float64Array(points)];
  for (let i = 0; i < points; i++) [ras[i], decs[i]] = destination(center, (360 * i) / points, radius);
  return [ras, decs];
}

/** Great-circle sides between vertices, as points on the sky; closed if asked. */
export function polygonPoints(vertices: Point[], closed: boolean, steps = 24): [Float64Array, Float64Array] {
  const vectors = vertices.map(unitVector);
  const sides = closed ? vectors.length : vectors.length - 1;
  const points = sides * steps + 1;
  const [ras, decs] = [new Float64Array(points), new Float64Array(points)];
  for (let i = 0; i < points; i++) {
    const from = vectors[Math.floor(i / steps) % vectors.length] as Vector;
    const to = vectors[(Math.floor(i / steps) + 1) % vectors.length] as Vector;
    const t = (i % steps) / steps;
    const [x, y, z] = from.map((value, axis) => value + (to[axis as 0 | 1 | 2] - value) * t) as Vector;
    ras[i] = (Math.atan2(y, x) / DEGREE + 360) % 360;
    decs[i] = Math.atan2(z, Math.hypot(x, y)) / DEGREE;
  }
  return [ras, decs];
}

type Vector = [number, number, number];

function unitVector([ra, dec]: Point): Vector {
  const [lon, lat] = [ra * DEGREE, dec * DEGREE];
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}

/** A position as ipyaladin's traits have it: two numbers in a text. */
export function position(target: string): Point {
  const [ra, dec] = target.split(" ").map(Number);
  return [ra ?? 0, dec ?? 0];
}

/** Whether two extents are the same, as far as is seen. */
export function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-5 * Math.abs(b);
}
