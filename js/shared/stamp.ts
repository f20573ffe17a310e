// A symbol drawn once and stamped at many places: thirty times faster than ten thousand paths without a GPU.

/** Canvas settings without which every stroke makes a round trip through an emulated GPU. */
export const IN_MEMORY = { willReadFrequently: true };

export type Stamp = (x: number, y: number) => void;

/** A symbol as pixels, in the middle of a square. */
export interface Sheet {
  image: HTMLCanvasElement;
  /** From the middle to an edge. */
  half: number;
}

/** Draws a symbol in the resolution of a context. */
export function sheetFor(
  context: CanvasRenderingContext2D,
  radius: number,
  draw: (context: CanvasRenderingContext2D) => void,
): Sheet {
  const half = Math.ceil(radius) + 2;
  const scale = context.getTransform().a;
  const image = document.createElement("canvas");
  image.width = image.height = Math.ceil(2 * half * scale);
  const pen = image.getContext("2d", IN_MEMORY) as CanvasRenderingContext2D;
  pen.setTransform(scale, 0, 0, scale, half * scale, half * scale);
  draw(pen);
  return { image, half };
}

/** Stamps a symbol into a context, leaving out what is outside of its view. */
export function stamp(context: CanvasRenderingContext2D, { image, half }: Sheet): Stamp {
  const scale = context.getTransform().a;
  const [width, height] = [context.canvas.width / scale, context.canvas.height / scale];
  const size = image.width / scale;
  return (x, y) => {
    if (x > -half && y > -half && x < width + half && y < height + half) {
      context.drawImage(image, x - half, y - half, size, size);
    }
  };
}
