// Values from 0 to 1 as colours: more steps than an eye can tell.
const STEPS = 101;

/** Evenly spaced colours ("#rrggbb") with the steps between them, as `STEPS` colours. */
export function ramp(colours: string[]): string[] {
  const stops = colours.map((colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)));
  return Array.from({ length: STEPS }, (_, step) => {
    const place = (step / (STEPS - 1)) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const [low, high] = [stops[below] as number[], stops[below + 1] as number[]];
    const mixed = low.map((value, i) => Math.round(value + ((high[i] as number) - value) * (place - below)));
    return `rgb(${mixed.join(" ")})`;
  });
}
