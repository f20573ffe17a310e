// One image below the sources: what is chosen, whether it is there, and words where it is not.
import type { Aladin, ImageLayer } from "./aladin";
import { type Format, folderAddress, kindOf, knownSurvey, plainIdentifier, Refusal, type Survey, tileAt } from "./hips";
import { type Found, fetchHips, isThere, PATIENCE, tilesFail } from "./hips_fetch";
import { TileWatch } from "./tile_watch";

export interface Look {
  cuts?: [number, number];
  stretch?: string;
  colormap?: string;
  reversed?: boolean;
  brightness?: number;
  contrast?: number;
}

export type Phase = "none" | "loading" | "shown" | "elsewhere" | "refused";

/** What is known of a layer. */
export interface Status {
  phase: Phase;
  name: string;
  credit: string;
  address: string;
  format: Format | undefined;
  cuts: [number, number] | undefined;
  refusal: Refusal | undefined;
}

const NOTHING: Status = {
  phase: "none",
  name: "",
  credit: "",
  address: "",
  format: undefined,
  cuts: undefined,
  refusal: undefined,
};

export interface Surroundings {
  known(): Survey[];
  refusedBy(identifier: string): Refusal | undefined;
  ask(identifier: string): void;
  /** Position of the view's centre, degrees. */
  centre(): readonly [number, number];
  pageBase(): string;
  /** The layer's image is there or gone: stack anew. */
  stack(): void;
  changed(): void;
  refused(refusal: Refusal): void;
}

export class SurveyLayer {
  status: Status = NOTHING;
  chosen = "";
  private found: Found | undefined;
  private gone = new AbortController();
  private asked = false; // the kernel, for an identifier
  private probed = ""; // where the survey was last found to have no image
  private watch: TileWatch | undefined;

  constructor(
    readonly name: "base" | "overlay",
    private readonly around: Surroundings,
  ) {}

  /** Show another survey; or the same again, since it failed. */
  choose(survey: string): void {
    this.end();
    this.chosen = survey;
    this.asked = false;
    this.begin();
  }

  /** The kernel knows more surveys: those it was asked for among them. */
  learn(): void {
    if (this.asked) this.begin();
  }

  /** The view was moved: a survey may have an image here. */
  async moved(): Promise<void> {
    if (this.status.phase === "elsewhere" && this.found) await this.probe(this.found, this.gone.signal);
  }

  /** Names the image that is to be shown; empty for none. */
  get image(): string {
    return this.status.phase === "shown" ? `${this.status.address}#${this.name}` : "";
  }

  /** It for Aladin Lite, with everything that would otherwise ask for itself. */
  make(aladin: Aladin): ImageLayer | undefined {
    if (!this.found || !this.image) return undefined;
    const { address, hips } = this.found;
    const { order, minOrder, frame, tileSize, format, formats, skyFraction, bitpix, cuts } = hips;
    const [minCut, maxCut] = cuts ?? [0, 1];
    return aladin.createImageSurvey(this.image, this.status.name, address, frame, order, {
      ...{ minOrder, tileSize, formats, imgFormat: format, skyFraction },
      ...(format === "fits" ? { bitpix: bitpix ?? -32, minCut, maxCut, colormap: "grayscale" } : {}),
    });
  }

  dispose(): void {
    this.end();
  }

  private end(): void {
    this.gone.abort();
    this.gone = new AbortController();
    this.watch?.stop();
    this.watch = undefined;
    this.found = undefined;
    this.probed = "";
    this.become(NOTHING);
  }

  private become(status: Partial<Status>): void {
    this.status = { ...this.status, ...status };
    this.around.changed();
  }

  private begin(): void {
    const survey = this.chosen;
    if (!survey) {
      this.around.stack();
      return;
    }
    const known = knownSurvey(survey, this.around.known());
    const kind = known ? "address" : kindOf(survey);
    this.become({ phase: "loading", name: known?.name ?? survey, credit: known?.credit ?? "" });
    if (kind === "identifier") this.resolve(plainIdentifier(survey));
    else {
      this.asked = false;
      const addresses = known?.addresses ?? [
        kind === "address" ? survey : folderAddress(survey, this.around.pageBase(), location.origin),
      ];
      this.load(addresses, this.gone.signal).catch((error) => this.refuse(error));
    }
  }

  private resolve(identifier: string): void {
    const refusal = this.asked ? this.around.refusedBy(identifier) : undefined;
    if (refusal) {
      this.asked = false;
      this.refuse(refusal, true);
    } else if (!this.asked) {
      this.asked = true;
      this.around.ask(identifier);
    }
  }

  private async load(addresses: string[], gone: AbortSignal): Promise<void> {
    const start = performance.now();
    const found = await fetchHips(this.status.name, addresses, gone);
    gone.throwIfAborted();
    this.found = found;
    const { title, credit } = found.hips;
    const named = this.status.name !== this.chosen;
    this.become({
      name: named ? this.status.name : title || this.chosen,
      credit: this.status.credit || credit,
      address: found.address,
      format: found.hips.format,
      cuts: found.hips.cuts,
    });
    await this.probe(found, gone, PATIENCE - (performance.now() - start) / 1000);
  }

  private async probe(found: Found, gone: AbortSignal, patience = PATIENCE): Promise<void> {
    const tile = tileAt(found.address, found.hips, this.around.centre());
    if (tile === this.probed) return;
    this.probed = tile;
    try {
      const here = await isThere(this.status.name, tile, gone, patience);
      if (gone.aborted || tile !== this.probed) return; // chosen or moved meanwhile
      if (!here) this.become({ phase: "elsewhere" });
      else {
        this.become({ phase: "shown" });
        this.watch = new TileWatch(found.address, () => this.refuse(tilesFail(this.status.name, found.address)));
      }
      this.around.stack();
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Take the layer off, with words; `told` where the kernel knows them already. */
  private refuse(error: unknown, told = false): void {
    if (error instanceof DOMException && error.name === "AbortError") return; // something else was chosen
    const refusal =
      error instanceof Refusal ? error : new Refusal(`${this.status.name} is not shown`, String(error), "Try again.");
    this.gone.abort();
    this.gone = new AbortController();
    this.watch?.stop();
    this.found = undefined;
    this.become({ phase: "refused", refusal });
    this.around.stack();
    if (!told) this.around.refused(refusal);
  }
}
