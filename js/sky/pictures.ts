// Pictures made by the kernel, drawn by Aladin Lite at the places that their coordinates say.
import type { Aladin, AladinApi } from "./aladin";
import type { PictureState, SkyModel } from "./model";

const IMAGE = "picture";
const ARCHIVE = "archive-";

export class Pictures {
  private readonly turns = new Map<string, number>(); // of each layer; a picture that comes too late is dropped
  private turn = 0;
  private before: Promise<unknown> = Promise.resolve(); // a small picture is decoded first, and would lie below a large one

  constructor(
    private readonly api: AladinApi,
    private readonly aladin: Aladin,
    private readonly model: SkyModel,
    private readonly laid: () => void,
  ) {}

  /** Lay all again, over a new survey. */
  restack(): void {
    this.readArchive();
    this.readImage();
  }

  readArchive(): void {
    for (const name of [...this.turns.keys()].filter((name) => name.startsWith(ARCHIVE))) this.remove(name);
    if (!this.model.get("show_archive_pictures")) return;
    this.model.get("_archive_pictures").forEach((picture, i) => {
      this.lay(picture, `${ARCHIVE}${i}`, 1);
    });
  }

  readImage(): void {
    const picture = this.model.get("_picture");
    if (picture.png) this.lay(picture, IMAGE, this.model.get("picture_opacity"));
    else this.remove(IMAGE);
  }

  readOpacity(): void {
    this.aladin.getOverlayImageLayer(IMAGE)?.setOpacity(this.model.get("picture_opacity"));
  }

  /** What is shown, in words; empty without a picture. */
  get title(): string {
    const image = this.model.get("_picture");
    const archive = this.model.get("show_archive_pictures") ? this.model.get("_archive_pictures") : [];
    const shown = image.png ? [image] : archive;
    const titles = new Set(shown.map(({ title, simulated }) => (simulated ? `SIMULATED: ${title}` : title)));
    return [...titles].join(", ");
  }

  private remove(name: string): void {
    if (!this.turns.delete(name)) return;
    if (this.aladin.getStackLayers().includes(name)) this.aladin.removeImageLayer(name);
  }

  private lay({ png, wcs }: PictureState, name: string, opacity: number): void {
    if (!png || !wcs) return;
    const turn = ++this.turn;
    this.turns.set(name, turn);
    this.before = Promise.all([decode(png), this.before])
      .then(([pixels]) => {
        if (this.turns.get(name) !== turn) return;
        const layer = this.api.image(name, { name, imgFormat: "png", opacity });
        layer._addJPGOrPNG = async (at) =>
          this.aladin.view.wasm.addRGBAImage(pixels, { ...wcs }, layer._prepareMetadataForWASM(), at);
        if (this.aladin.getStackLayers().includes(name)) this.aladin.removeImageLayer(name);
        // Not by Aladin's own method, which remembers every image that ever was.
        this.aladin.view.setOverlayImageLayer(layer, name);
        this.laid();
      })
      .catch(console.error);
  }
}

async function decode(png: DataView): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(new Blob([png as DataView<ArrayBuffer>], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
}
