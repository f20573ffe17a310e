/** A path through points of the view, interleaved x and y; broken where they are not on this side of the sky. */
export function tracePath(context: CanvasRenderingContext2D, pixels: Float64Array, closed: boolean): void {
  context.beginPath();
  addPath(context, pixels, closed);
}

/** The same, added to the path that is there. */
export function addPath(context: CanvasRenderingContext2D, pixels: Float64Array, closed: boolean): void {
  let pen = false;
  let whole = true;
  for (let i = 0; i < pixels.length; i += 2) {
    const [x, y] = [pixels[i] as number, pixels[i + 1] as number];
    const visible = Number.isFinite(x) && Number.isFinite(y);
    if (visible && pen) context.lineTo(x, y);
    else if (visible) context.moveTo(x, y);
    pen = visible;
    whole &&= visible;
  }
  if (closed && whole) context.closePath();
}
