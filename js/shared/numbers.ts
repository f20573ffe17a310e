// Numbers as Python's format writes them, with a minus sign in place of the hyphen.

/** A number by ".2f" (decimals), ".4g" (significant digits) or ".0%" (per cent). */
export function written(value: number, format: string): string {
  const digits = Number.parseInt(format.slice(1), 10);
  const text = { f: () => value.toFixed(digits), g: () => general(value, digits), "%": () => percent(value, digits) }[
    format.slice(-1)
  ];
  if (!text) throw new Error(`no format of numbers: ${format}`);
  return text().replaceAll("-", "−");
}

function general(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < digits) return withoutZeros(value.toFixed(digits - 1 - power));
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${withoutZeros(mantissa)}e${power < 0 ? "-" : "+"}${size}`;
}

function withoutZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}

function percent(value: number, digits: number): string {
  return `${(100 * value).toFixed(digits)}%`;
}
