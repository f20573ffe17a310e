// A symbol drawn once and stamped at many places: thirty times faster than ten thousand paths without a GPU.

/** Canvas settings without which every stroke makes a round trip through an emulated GPU. */
export const IN_MEMORY = { willReadFrequently: true };

export type Stamp = (x: number, y: number) => void;

/** Stamps a symbol into a context, leaving out what is outside of its view. */
export function stamp(
  context: CanvasRenderingContext2D,
  radius: number,
  symbol: (context: CanvasRenderingContext2D) => void,
): Stamp {
  const half = Math.ceil(radius) + 2;
  const scale = context.getTransform().a;
  const sheet = document.createElement("canvas");
  sheet.width = sheet.height = Math.ceil(2 * half * scale);
  const pen = sheet.getContext("2d", IN_MEMORY) as CanvasRenderingContext2D;
  pen.setTransform(scale, 0, 0, scale, half * scale, half * scale);
  symbol(pen);
  const size = sheet.width / scale;
  return (x, y) => {
    const { width, height } = context.canvas;
    if (x > -half && y > -half && x < width / scale + half && y < height / scale + half) {
      context.drawImage(sheet, x - half, y - half, size, size);
    }
  };
}
