// Numbers that astropy, numpy, matplotlib and Python made: see `command` in expected.json.
import json from "./expected.json";

type Pair = [number, number];

interface Packed<T> {
  values: T[];
  base64: string;
}

export interface Expected {
  sexagesimal: { step: number; ra: number; dec: number; ra_text: string; dec_text: string }[];
  separations: [number, number, number, number, number][];
  circles: { center: Pair; radius: number; ra: number[]; dec: number[] }[];
  polygon: { vertices: Pair[]; steps: number; ra: number[]; dec: number[] };
  axes: { x_range: Pair; y_range: Pair; log: boolean; data: Pair[]; pixels: Pair[] }[];
  numbers: [value: number, format: string, text: string][];
  binary: { float64: Packed<number>; uint32: Packed<number>; words: Packed<string> };
  healpix: { ra: number; dec: number; l: number; b: number; pixels: Pair[] }[];
  colours: { stops: string[]; rgb: [number, number, number][] };
}

export const expected = json as unknown as Expected;

/** The bytes as a trait brings them: part of a longer message, not aligned. */
export function received(base64: string): DataView {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const message = new Uint8Array(bytes.length + 8);
  message.set(bytes, 3);
  return new DataView(message.buffer, 3, bytes.length);
}
