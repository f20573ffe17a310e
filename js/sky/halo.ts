// Lines and words with a rim, which are seen on any picture below them.

const RIM = 1.25; // pixels on each side of a line

/** Stroke the current path; dashes are of the line, not of its rim. */
export function strokeWithHalo(
  context: CanvasRenderingContext2D,
  halo: string,
  colour: string,
  width: number,
  { rim = RIM, dash = [] as number[] } = {},
): void {
  context.lineJoin = "round";
  context.strokeStyle = halo;
  context.lineWidth = width + 2 * rim;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

export function writeWithHalo(
  context: CanvasRenderingContext2D,
  halo: string,
  colour: string,
  text: string,
  x: number,
  y: number,
): void {
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}
