// Which HEALPix pixel (nested scheme) holds a position: Górski et al. 2005, ApJ 622, 759, section 4 and 5.
const DEGREES = Math.PI / 180;

/** Rows of the rotation from equatorial (ICRS) to galactic coordinates; ESA 1997, the Hipparcos Catalogue, vol. 1, 1.5.11. */
const GALACTIC = [
  [-0.0548755604, -0.8734370902, -0.4838350155],
  [0.4941094279, -0.44482963, 0.7469822445],
  [-0.867666149, -0.1980763734, 0.4559837762],
] as const;

/** Galactic longitude and latitude of an ICRS position, degrees. */
export function galactic(ra: number, dec: number): [number, number] {
  const place = [
    Math.cos(ra * DEGREES) * Math.cos(dec * DEGREES),
    Math.sin(ra * DEGREES) * Math.cos(dec * DEGREES),
    Math.sin(dec * DEGREES),
  ] as const;
  const [x, y, z] = GALACTIC.map((row) => row[0] * place[0] + row[1] * place[1] + row[2] * place[2]) as [
    number,
    number,
    number,
  ];
  return [(Math.atan2(y, x) / DEGREES + 360) % 360, Math.asin(Math.max(-1, Math.min(1, z))) / DEGREES];
}

/** The pixel of an order that holds a longitude and latitude, degrees. */
export function nestedPixel(order: number, lon: number, lat: number): number {
  const side = 2 ** order;
  const z = Math.sin(lat * DEGREES);
  const quarter = ((((lon % 360) + 360) % 360) / 90) % 4;
  const [face, x, y] = Math.abs(z) <= 2 / 3 ? equatorial(side, z, quarter) : polar(side, lat, quarter);
  return face * side * side + interleaved(x, y);
}

function equatorial(side: number, z: number, quarter: number): [number, number, number] {
  const rising = side * (0.5 + quarter - 0.75 * z); // lines of constant x and y across all faces
  const falling = side * (0.5 + quarter + 0.75 * z);
  const [down, up] = [Math.floor(rising), Math.floor(falling)];
  const [faceDown, faceUp] = [Math.floor(down / side), Math.floor(up / side)];
  const face = faceDown === faceUp ? (faceUp % 4) + 4 : faceDown < faceUp ? faceDown % 4 : (faceUp % 4) + 8;
  return [face, up % side, side - (down % side) - 1];
}

function polar(side: number, lat: number, quarter: number): [number, number, number] {
  const along = quarter % 1;
  // The same as side * sqrt(3 (1 - |z|)), which has no digits left at the pole.
  const distance = side * Math.sqrt(6) * Math.sin(((90 - Math.abs(lat)) / 2) * DEGREES);
  const x = Math.min(side - 1, Math.floor(along * distance));
  const y = Math.min(side - 1, Math.floor((1 - along) * distance));
  const base = Math.floor(quarter);
  return lat > 0 ? [base, side - y - 1, side - x - 1] : [base + 8, x, y];
}

/** The bits of two numbers in turn, x's first; not by shifts, which end at 32 bits. */
function interleaved(x: number, y: number): number {
  let pixel = 0;
  for (let bit = 0, weight = 1; 2 ** bit <= Math.max(x, y); bit++, weight *= 4)
    pixel += weight * ((Math.floor(x / 2 ** bit) % 2) + 2 * (Math.floor(y / 2 ** bit) % 2));
  return pixel;
}
