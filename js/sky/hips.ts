// What a HiPS says of itself in its file "properties" (IVOA Recommendation HiPS 1.0, section 4.4), and where it is.
import { galactic, nestedPixel } from "./healpix";

export type Format = "webp" | "png" | "jpeg" | "fits";

export interface Hips {
  title: string;
  credit: string;
  order: number;
  minOrder: number;
  frame: "equatorial" | "galactic";
  tileSize: number;
  format: Format;
  formats: Format[];
  skyFraction: number | undefined;
  bitpix: number | undefined;
  cuts: [number, number] | undefined;
}

/** A survey as the kernel describes it. */
export interface Survey {
  identifier: string;
  name: string;
  addresses: string[];
  credit: string;
}

/** Why a survey is not shown: what happened, why, what to do. */
export class Refusal extends Error {
  constructor(
    readonly what: string,
    readonly why: string,
    readonly hint: string,
  ) {
    super(`${what}: ${why}. ${hint}`);
  }
}

const PREFERRED: Format[] = ["webp", "png", "jpeg", "fits"]; // pictures first: they are what a survey is meant to look like
const FRAMES: Record<string, Hips["frame"]> = {
  equatorial: "equatorial",
  icrs: "equatorial",
  j2000: "equatorial",
  galactic: "galactic",
};
const DEEPEST = 29; // of HEALPix with 64 bits
const PROBED = 3; // order of the tile that is asked for first: the lowest with tiles in every HiPS

/** The lines "key = value". */
function entries(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([^#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key && value) found.set(key, value);
  }
  return found;
}

/** The properties of a HiPS; an error says what their server has instead. */
export function readProperties(text: string): Hips {
  const given = entries(text);
  const number = (key: string) => {
    const value = Number(given.get(key) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const order = number("hips_order");
  if (order === undefined || !Number.isInteger(order) || order < 0 || order > DEEPEST)
    throw new Error("has no HiPS there: its properties tell no order");
  const named = given.get("hips_frame") ?? "";
  const frame = FRAMES[named.toLowerCase()];
  if (!frame || given.has("hips_body"))
    throw new Error(`has a HiPS there whose frame is "${named}", not equatorial or galactic`);
  const formats = formatsOf(given.get("hips_tile_format") ?? "jpeg");
  const format = PREFERRED.find((one) => formats.includes(one));
  if (!format)
    throw new Error(`has a HiPS there whose tiles are ${given.get("hips_tile_format")}, not WebP, PNG, JPEG or FITS`);
  const cuts = (given.get("hips_pixel_cut") ?? "").split(/\s+/).map(Number);
  const [low, high] = cuts;
  return {
    title: given.get("obs_title") ?? "",
    credit: given.get("obs_copyright") ?? "",
    order,
    minOrder: Math.min(order, Math.max(0, number("hips_order_min") ?? 0)),
    frame,
    tileSize: number("hips_tile_width") ?? 512,
    format,
    formats,
    skyFraction: number("moc_sky_fraction"),
    bitpix: number("hips_pixel_bitpix"),
    cuts: cuts.length === 2 && low !== undefined && high !== undefined && low < high ? [low, high] : undefined,
  };
}

function formatsOf(text: string): Format[] {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .map((word) => (word === "jpg" ? "jpeg" : word));
  return PREFERRED.filter((format) => words.includes(format));
}

/** Where a tile of a HiPS is: the one that holds a position, of a low order. */
export function tileAt(address: string, hips: Hips, [ra, dec]: readonly [number, number]): string {
  const order = Math.min(hips.order, Math.max(PROBED, hips.minOrder));
  const pixel = nestedPixel(order, ...(hips.frame === "galactic" ? galactic(ra, dec) : ([ra, dec] as const)));
  const folder = Math.floor(pixel / 10_000) * 10_000;
  const ending = hips.format === "jpeg" ? "jpg" : hips.format;
  return `${address}/Norder${order}/Dir${folder}/Npix${pixel}.${ending}`;
}

/** Without what a person may leave out or add: "ivo://", and "CDS/" before the surveys of CDS's own. */
export function knownSurvey(text: string, known: Survey[]): Survey | undefined {
  const name = plainIdentifier(text);
  return known.find(({ identifier }) => identifier === name || identifier === `CDS/${name}`);
}

export function plainIdentifier(text: string): string {
  return text.trim().replace(/^ivo:\/\//, "");
}

export type Kind = "address" | "identifier" | "folder";

/** What a survey was named by, unless the list has it. */
export function kindOf(text: string): Kind {
  if (/^https?:\/\//i.test(text)) return "address";
  return /^ivo:\/\//.test(text) || /(^|\/)[PC]\//.test(text) ? "identifier" : "folder";
}

/** The address of a folder below the Jupyter server's root. */
export function folderAddress(folder: string, baseUrl: string, origin: string): string {
  const path = folder
    .replace(/^\.?\/+|\/+$/g, "")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
  return new URL(`${baseUrl}files/${path}`, origin).href;
}
