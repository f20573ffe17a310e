// A picture that fills the plot area: cells in place of points that are too many.

export class Picture {
  readonly node = document.createElement("div");
  private shown: DataView | undefined;

  /** Show a PNG as soon as it can be painted, or none if it is empty. */
  async show(png: DataView | undefined): Promise<void> {
    this.shown = png;
    const image = await decoded(png);
    if (this.shown === png) this.node.replaceChildren(...(image ? [image] : []));
  }

  place({ left, top, width, height }: { left: number; top: number; width: number; height: number }): void {
    Object.assign(this.node.style, {
      ...{ left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` },
    });
  }
}

async function decoded(png: DataView | undefined): Promise<HTMLImageElement | undefined> {
  if (!png?.byteLength) return undefined;
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([png as DataView<ArrayBuffer>], { type: "image/png" }));
  await image.decode();
  URL.revokeObjectURL(image.src);
  return image;
}
