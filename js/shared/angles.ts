// Angles as text, all of them from degrees.

/** A size: degrees, arc minutes or arc seconds, with some significant digits. */
export function formatAngle(degrees: number, digits = 3): string {
  if (degrees >= 1) return `${degrees.toPrecision(digits)}°`;
  if (degrees >= 1 / 60) return `${(degrees * 60).toPrecision(digits)}′`;
  return `${(degrees * 3600).toPrecision(digits)}″`;
}

const ROUND = [1, 2, 3, 5, 10, 15, 20, 30]; // of degrees, minutes and seconds alike

/** The largest round angle that is not larger, in degrees; below a second of 1, 2 and 5 with tens. */
export function roundAngle(degrees: number): number {
  for (const unit of [1, 1 / 60, 1 / 3600]) {
    const found = ROUND.findLast((value) => value * unit <= degrees * (1 + 1e-9));
    if (found !== undefined) return found * unit;
  }
  const ten = 10 ** Math.floor(Math.log10(degrees * 3600));
  return (([5, 2, 1].find((value) => value * ten <= degrees * 3600 * (1 + 1e-9)) ?? 1) * ten) / 3600;
}

/** Such an angle as text. */
export function formatRoundAngle(degrees: number): string {
  const [value, mark] =
    degrees > 0.999 ? [degrees, "°"] : degrees > 0.999 / 60 ? [degrees * 60, "′"] : [degrees * 3600, "″"];
  return `${Number(value.toPrecision(3))}${mark}`;
}

/** A declination, to the digits that a step of so many degrees needs. */
export function formatDec(dec: number, step: number): string {
  return (dec < -1e-9 ? "−" : "+") + sexagesimal(Math.abs(dec), step, ["°", "′", "″"]);
}

/** A right ascension in hours, to the digits that a step of so many degrees needs. */
export function formatRa(ra: number, step: number): string {
  return sexagesimal((((ra % 360) + 360) % 360) / 15, step / 15, ["h", "m", "s"]);
}

/** Three fields, as many as a step (of the first unit) asks for. */
function sexagesimal(value: number, step: number, units: [string, string, string]): string {
  const decimals = Math.max(0, Math.ceil(-Math.log10(step * 3600) - 1e-6));
  const scale = 10 ** decimals;
  const total = Math.round(value * 3600 * scale) / scale;
  const first = Math.floor(total / 3600 + 1e-9);
  const second = Math.floor((total - first * 3600) / 60 + 1e-9);
  const third = Math.max(0, total - first * 3600 - second * 60);
  const pad = (field: number) => String(field).padStart(2, "0");
  let text = `${pad(units[0] === "h" ? first % 24 : first)}${units[0]}`;
  if (step < 0.999) text += `${pad(second)}${units[1]}`;
  if (step < 0.999 / 60) text += `${third.toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0")}${units[2]}`;
  return text;
}
