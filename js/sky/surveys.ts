// The images below the sources, in step with the model: two surveys, one above the other, loaded by ourselves.
import { pageConfig } from "../shared/assets";
import type { Aladin, ImageLayer } from "./aladin";
import { Refusal } from "./hips";
import type { SkyModel } from "./model";
import type { Point } from "./projection";
import { type Look, type Status, SurveyLayer } from "./survey_layer";

export type LayerName = SurveyLayer["name"];

/** The traits of each layer. */
export const TRAITS = {
  base: { survey: "survey", look: "survey_look" },
  overlay: { survey: "overlay_survey", look: "overlay_survey_look" },
} as const;

interface Handlers {
  centre(): Point;
  /** What is shown, or what is known of it, has changed. */
  changed(): void;
  /** Lay again what lies above the surveys. */
  restack(): void;
}

export class Surveys {
  readonly layers: Record<LayerName, SurveyLayer>;
  private readonly images = new Map<LayerName, ImageLayer>();
  private laid = " ";

  constructor(
    private readonly aladin: Aladin,
    private readonly model: SkyModel,
    private readonly handlers: Handlers,
  ) {
    const layer = (name: LayerName) =>
      new SurveyLayer(name, {
        known: () => model.get("_surveys"),
        refusedBy: (identifier) => {
          const words = model.get("_refused_surveys")[identifier];
          return words && new Refusal(words.what, words.why, words.hint);
        },
        ask: (identifier) => model.send({ event_type: "survey_wanted", identifier }),
        centre: handlers.centre,
        pageBase: () => pageConfig().baseUrl ?? "/",
        stack: () => this.stack(),
        changed: () => this.handlers.changed(),
        refused: ({ what, why, hint }) => model.send({ event_type: "survey_refused", what, why, hint }),
      });
    this.layers = { base: layer("base"), overlay: layer("overlay") };
  }

  get all(): SurveyLayer[] {
    return [this.layers.base, this.layers.overlay];
  }

  /** Whether there is, or will be, an image below the sources. */
  get hasImage(): boolean {
    return this.all.some(({ status }) => status.phase === "shown" || status.phase === "loading");
  }

  /** For the reader, in short, where a survey is chosen and not seen. */
  get notes(): string[] {
    return this.all.flatMap(({ status }) => noteOf(status));
  }

  /** What is shown and whose it is, for the status line. */
  get credits(): string {
    return this.all
      .filter(({ status }) => status.phase === "shown")
      .map(({ status }) => [status.name, status.credit].filter(Boolean).join(", "))
      .join(" + ");
  }

  /** Show what the model says. */
  apply(name: LayerName): void {
    const survey = this.model.get(TRAITS[name].survey);
    if (survey !== this.layers[name].chosen) this.layers[name].choose(survey);
  }

  again(name: LayerName): void {
    this.layers[name].choose(this.model.get(TRAITS[name].survey));
  }

  learn(): void {
    for (const layer of this.all) layer.learn();
  }

  moved(): void {
    for (const layer of this.all) void layer.moved();
  }

  /** Opacity and looks, on what lies there. */
  adjust(looks: Partial<Record<LayerName, Look>> = {}, opacity = this.model.get("overlay_survey_opacity")): void {
    for (const { name, status } of this.all) {
      const image = this.images.get(name);
      if (!image) continue;
      image.setOptions(optionsOf(looks[name] ?? this.model.get(TRAITS[name].look), status));
      if (name === "overlay") image.setOpacity(opacity);
    }
  }

  dispose(): void {
    for (const layer of this.all) layer.dispose();
  }

  private stack(): void {
    const wanted = this.all.map((layer) => layer.image).join(" ");
    if (wanted === this.laid) return;
    this.laid = wanted;
    for (const { name } of this.all)
      if (this.aladin.getStackLayers().includes(name)) this.aladin.removeImageLayer(name);
    for (const layer of this.all) {
      const image = layer.make(this.aladin);
      if (image) this.images.set(layer.name, this.aladin.setOverlayImageLayer(image, layer.name));
      else this.images.delete(layer.name);
    }
    this.adjust(); // before Aladin Lite has taken them in
    this.handlers.restack();
    this.handlers.changed();
  }
}

function noteOf({ phase, name, refusal }: Status): string[] {
  if (phase === "refused" && refusal) return [`${refusal.what}: ${refusal.why}. ${refusal.hint}`];
  if (phase === "elsewhere") return [`${name} has no image here`];
  return [];
}

function optionsOf(look: Look, { format, cuts }: Status): object {
  if (format !== "fits") return { brightness: look.brightness ?? 0, contrast: look.contrast ?? 0 };
  const [minCut, maxCut] = look.cuts ?? cuts ?? [0, 1];
  const { stretch = "linear", colormap = "grayscale", reversed = false } = look;
  return { minCut, maxCut, stretch, colormap, reversed };
}
