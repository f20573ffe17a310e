// What can be chosen of one image below the sources: the survey, its opacity, its cuts and colours.
import { element } from "../shared/dom";
import { knownSurvey } from "./hips";
import type { SkyModel } from "./model";
import type { Look } from "./survey_layer";
import { type LayerName, type Surveys, TRAITS } from "./surveys";

type Control = HTMLInputElement | HTMLSelectElement;

export class LayerControls {
  readonly node: HTMLElement;
  private readonly survey = element("select");
  private readonly opacity = slider(0, 1);
  private readonly low = element("input", { type: "number", step: "any" });
  private readonly high = element("input", { type: "number", step: "any" });
  private readonly colormap = element("select");
  private readonly stretch = element("select");
  private readonly brightness = slider(-1, 1);
  private readonly contrast = slider(-1, 1);
  private readonly fits: HTMLElement;
  private readonly picture: HTMLElement;
  private readonly amount: HTMLElement;

  constructor(
    private readonly name: LayerName,
    title: string,
    private readonly model: SkyModel,
    private readonly surveys: Surveys,
  ) {
    const { colormap, stretch } = model.get("_survey_looks");
    for (const word of colormap) this.colormap.append(option(word));
    for (const word of stretch) this.stretch.append(option(word));
    this.amount = element("div", { class: "csc-image-row" }, labelled("Opacity", this.opacity));
    this.fits = element(
      "div",
      { class: "csc-image-row" },
      labelled("Cuts", this.low, "Lower cut, in the image's unit"),
      labelled("to", this.high, "Upper cut, in the image's unit"),
      labelled("", this.colormap, "Colour map"),
      labelled("", this.stretch, "Stretch"),
    );
    this.picture = element(
      "div",
      { class: "csc-image-row" },
      labelled("Brightness", this.brightness),
      labelled("Contrast", this.contrast),
    );
    this.node = element(
      "fieldset",
      { "aria-label": `${title} image` },
      element("div", { class: "csc-image-row" }, labelled(title, this.survey, `${title} image`)),
      ...(name === "overlay" ? [this.amount] : []),
      this.fits,
      this.picture,
    );
    this.handle();
  }

  /** Show the model's state again. */
  update(): void {
    const { status } = this.surveys.layers[this.name];
    this.offer();
    const shown = status.phase === "shown";
    this.amount.hidden = !shown;
    this.fits.hidden = !shown || status.format !== "fits";
    this.picture.hidden = !shown || status.format === "fits";
    const look = this.model.get(TRAITS[this.name].look);
    const [low, high] = look.cuts ?? status.cuts ?? [0, 1];
    const values: [Control, string | number][] = [
      [this.opacity, this.model.get("overlay_survey_opacity")],
      [this.low, low],
      [this.high, high],
      [this.colormap, look.colormap ?? "grayscale"],
      [this.stretch, look.stretch ?? "linear"],
      [this.brightness, look.brightness ?? 0],
      [this.contrast, look.contrast ?? 0],
    ];
    for (const [control, value] of values)
      if (control !== document.activeElement || control instanceof HTMLSelectElement) control.value = String(value);
  }

  /** None, the surveys that are known, and whatever else is chosen. */
  private offer(): void {
    const known = this.model.get("_surveys");
    const chosen = this.model.get(TRAITS[this.name].survey);
    const named = knownSurvey(chosen, known)?.identifier ?? chosen;
    const offered = [{ identifier: "", name: "None" }, ...known];
    if (!offered.some(({ identifier }) => identifier === named))
      offered.push({ identifier: named, name: this.surveys.layers[this.name].status.name || named });
    const wanted = offered.map(({ identifier, name }) => `${identifier}\n${name}`).join("\n\n");
    if (this.survey.dataset.offered !== wanted) {
      this.survey.dataset.offered = wanted;
      this.survey.replaceChildren(...offered.map(({ identifier, name }) => option(identifier, name)));
    }
    this.survey.value = named;
  }

  private handle(): void {
    const { look: trait, survey } = TRAITS[this.name];
    this.survey.addEventListener("change", () => this.set({ [survey]: this.survey.value }));
    // Seen at once; the kernel hears of it when the slider is let go.
    this.opacity.addEventListener("input", () => this.surveys.adjust({}, Number(this.opacity.value)));
    this.opacity.addEventListener("change", () => this.set({ overlay_survey_opacity: Number(this.opacity.value) }));
    for (const control of [this.brightness, this.contrast])
      control.addEventListener("input", () => this.surveys.adjust({ [this.name]: this.look() }));
    for (const control of [this.low, this.high, this.colormap, this.stretch, this.brightness, this.contrast])
      control.addEventListener("change", () => {
        const look = this.look();
        const wrong = look.cuts !== undefined && !(look.cuts[0] < look.cuts[1]);
        this.high.setCustomValidity(wrong ? "The upper cut must lie above the lower one" : "");
        if (wrong) this.high.reportValidity();
        else this.set({ [trait]: look });
      });
  }

  private look(): Look {
    const { format } = this.surveys.layers[this.name].status;
    if (format !== "fits") return { brightness: Number(this.brightness.value), contrast: Number(this.contrast.value) };
    return {
      cuts: [this.low.valueAsNumber, this.high.valueAsNumber],
      colormap: this.colormap.value,
      stretch: this.stretch.value,
    };
  }

  private set(changes: Partial<Record<string, unknown>>): void {
    for (const [trait, value] of Object.entries(changes)) this.model.set(trait as "survey", value as string);
    this.model.save_changes();
  }
}

/** A control with its name before it, and one for those who do not see it. */
export function labelled(words: string, control: Control, spoken = words): HTMLElement {
  control.setAttribute("aria-label", spoken);
  control.title = spoken;
  return element("label", {}, ...(words ? [words] : []), control);
}

function slider(min: number, max: number): HTMLInputElement {
  return element("input", { type: "range", min: String(min), max: String(max), step: "0.05" });
}

function option(value: string, words = value): HTMLOptionElement {
  return element("option", { value }, words);
}
