// Asking the servers of a HiPS, ourselves and once: Aladin Lite would try again and again, and ask CDS besides.
import { type Hips, Refusal, readProperties } from "./hips";

/** Seconds for all requests of a survey: within ten it is there, or words are. */
export const PATIENCE = 8;
const MIRRORS = 2; // addresses that are tried: with the tile no more than three requests
const LARGEST = 200_000; // characters of properties
const CHOOSE = "Choose another one under Image, or try again there later.";

type Fetch = (address: string, options: RequestInit) => Promise<Response>;

export interface Found {
  address: string;
  hips: Hips;
}

/** The properties from the first address that has them, in eight seconds for all. */
export async function fetchHips(
  name: string,
  addresses: string[],
  gone: AbortSignal,
  patience = PATIENCE,
  get: Fetch = fetch,
): Promise<Found> {
  const end = performance.now() + 1000 * patience;
  const tried = addresses.slice(0, MIRRORS).map((address) => address.trim().replace(/\/(properties)?$/, ""));
  const reasons: string[] = [];
  for (const [index, address] of tried.entries()) {
    const share = (end - performance.now()) / (tried.length - index);
    try {
      const response = await inTime(get, `${address}/properties`, share, gone);
      if (!response.ok) throw new Error(`answered ${response.status} ${response.statusText}`.trim());
      return { address, hips: readProperties((await response.text()).slice(0, LARGEST)) };
    } catch (error) {
      gone.throwIfAborted();
      reasons.push(`${hostOf(address)} ${reasonOf(error)}`);
    }
  }
  throw new Refusal(`${name} is not shown`, reasons.join("; "), CHOOSE);
}

/** Whether a HiPS has a tile: a server that gives properties but no tiles would leave the sky dark, without a word. */
export async function isThere(
  name: string,
  tile: string,
  gone: AbortSignal,
  patience: number,
  get: Fetch = fetch,
): Promise<boolean> {
  try {
    const response = await inTime(get, tile, 1000 * patience, gone);
    if (!response.ok && response.status !== 404)
      throw new Error(`answered ${response.status} ${response.statusText}`.trim());
    return response.ok;
  } catch (error) {
    gone.throwIfAborted();
    throw new Refusal(`${name} is not shown`, `${hostOf(tile)} ${reasonOf(error)} for the first tile`, CHOOSE);
  }
}

/** Why tiles no longer come. */
export function tilesFail(name: string, address: string): Refusal {
  return new Refusal(`${name} is shown no more`, `its tiles no longer come from ${hostOf(address)}`, CHOOSE);
}

class Late extends Error {}

/** One request, its body included, that ends in time; a tile is then in the browser's cache when Aladin Lite asks. */
async function inTime(get: Fetch, address: string, milliseconds: number, gone: AbortSignal): Promise<Response> {
  const late = AbortSignal.timeout(Math.max(1, Math.ceil(milliseconds)));
  try {
    const response = await get(address, { mode: "cors", signal: AbortSignal.any([late, gone]) });
    // Read here: what follows would wait beyond the time.
    const body = await response.arrayBuffer();
    const { status, statusText } = response;
    return new Response(status === 204 || status === 205 || status === 304 ? null : body, { status, statusText });
  } catch (error) {
    if (late.aborted && !gone.aborted) throw new Late();
    throw error;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Late) return "did not answer in time";
  if (error instanceof TypeError) return "could not be reached, or lets no other page read its answers";
  return error instanceof Error ? error.message : String(error);
}

function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}
