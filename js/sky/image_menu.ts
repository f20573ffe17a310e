// The menu "Image" of the sky: what lies below the sources, how it looks, and where it is from; fields of view.
import { element, say } from "../shared/dom";
import { FieldsControls } from "./fields_controls";
import { LayerControls, labelled } from "./layer_controls";
import type { SkyModel } from "./model";
import { PictureControls } from "./picture_controls";
import { SurveyFinder } from "./survey_finder";
import type { LayerName, Surveys } from "./surveys";
import { TRAITS } from "./surveys";

const GAP = 4; // px between the button and the menu, and to the edges of the window
let menus = 0;

export class ImageMenu {
  readonly node: HTMLElement;
  private readonly popover: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly base: LayerControls;
  private readonly overlay: LayerControls;
  private readonly finder: SurveyFinder;
  private readonly pictures: PictureControls;
  private readonly fields: FieldsControls;
  private readonly sources = element("div", { class: "csc-image-sources" });
  private readonly another = element("input", { type: "text", spellcheck: "false", size: "24" });
  private readonly controller = new AbortController();

  constructor(
    private readonly model: SkyModel,
    private readonly surveys: Surveys,
  ) {
    const id = `csc-image-menu-${menus++}`;
    this.base = new LayerControls("base", "Base", model, surveys);
    this.overlay = new LayerControls("overlay", "Above", model, surveys);
    this.finder = new SurveyFinder(model, (name, survey) => this.choose(name, survey));
    this.pictures = new PictureControls(model);
    this.fields = new FieldsControls(model);
    this.popover = element(
      "div",
      { id, class: "csc-image-menu csc-widget", popover: "auto", role: "dialog", "aria-label": "Image of the sky" },
      this.fields.node,
      this.pictures.node,
      this.base.node,
      this.overlay.node,
      this.anotherSurvey(),
      this.finder.node,
      this.sources,
    );
    this.button = element(
      "button",
      {
        type: "button",
        title: "Images below the sources, and fields of view",
        "aria-label": "Image",
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        "aria-controls": id,
        popovertarget: id, // the browser opens and closes it
      },
      "Image ▾",
    );
    this.node = element("div", { class: "csc-group" }, this.button, this.popover);
    this.handle();
    this.update();
  }

  /** Show the model's state, and what is known of the surveys, again. */
  update(): void {
    this.base.update();
    this.overlay.update();
    this.finder.update();
    this.pictures.update();
    this.fields.update();
    const shown = this.surveys.all.filter(({ status }) => status.phase !== "none");
    this.sources.hidden = shown.length === 0;
    this.sources.replaceChildren(...shown.map(({ name, status }) => this.source(name, status)));
    if (this.popover.matches(":popover-open")) this.place();
  }

  dispose(): void {
    this.controller.abort();
    if (this.popover.matches(":popover-open")) this.popover.hidePopover();
  }

  private choose(name: LayerName, survey: string): void {
    const { survey: trait } = TRAITS[name];
    if (this.model.get(trait) === survey) this.surveys.again(name);
    else {
      this.model.set(trait, survey);
      this.model.save_changes();
    }
  }

  private anotherSurvey(): HTMLElement {
    const use = (name: LayerName) => {
      const survey = this.another.value.trim();
      if (survey) this.choose(name, survey);
    };
    this.another.placeholder = "CDS/P/…, https://…, or a folder";
    this.another.addEventListener("keydown", (event) => {
      if (event.key === "Enter") use("base");
    });
    return element(
      "div",
      { class: "csc-image-row" },
      labelled("Another", this.another, "Another HiPS: its CDS identifier, address, or folder below Jupyter's root"),
      press("Base", "Show it as the base layer", () => use("base")),
      press("Above", "Show it above the base layer", () => use("overlay")),
    );
  }

  private source(name: LayerName, status: Surveys["all"][number]["status"]): HTMLElement {
    const words = element("span", {});
    const where = [status.name, status.credit, status.address].filter(Boolean).join(" · ");
    if (status.phase === "loading") words.append(`${status.name} · loading …`);
    else if (status.refusal) {
      const { what, why, hint } = status.refusal;
      words.append(
        element("span", { role: "alert" }, `${what}: ${why}. ${hint} `),
        press("Try again", "Ask for it again", () => this.surveys.again(name)),
      );
    } else words.append(status.phase === "elsewhere" ? `${where} · no image here` : where);
    return element("div", {}, element("strong", {}, name === "base" ? "Base" : "Above"), words);
  }

  private handle(): void {
    const { signal } = this.controller;
    this.popover.addEventListener("toggle", (event) => {
      const open = (event as ToggleEvent).newState === "open";
      this.button.setAttribute("aria-expanded", String(open));
      if (!open) return;
      this.place();
      this.popover.querySelector<HTMLElement>("select")?.focus({ preventScroll: true });
    });
    this.popover.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.popover.hidePopover();
        this.button.focus();
      }
      event.stopPropagation(); // the notebook has keys of its own
    });
    const away = (event: Event) => {
      if (!this.popover.contains(event.target as Node)) this.place();
    };
    document.addEventListener("scroll", away, { capture: true, passive: true, signal });
    window.addEventListener("resize", () => this.place(), { signal });
  }

  /** Below its button, and within the window. */
  private place(): void {
    if (!this.popover.matches(":popover-open")) return;
    if (!this.button.checkVisibility({ visibilityProperty: true })) {
      this.popover.hidePopover(); // the sky was folded away
      return;
    }
    const { left, bottom, top } = this.button.getBoundingClientRect();
    const { innerWidth, innerHeight } = window;
    const below = innerHeight - bottom - 2 * GAP;
    const width = this.popover.offsetWidth;
    this.popover.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
    this.popover.style.maxHeight = `${Math.max(below, Math.min(innerHeight - 2 * GAP, 240))}px`;
    const height = this.popover.offsetHeight;
    const under = bottom + GAP + height <= innerHeight - GAP;
    this.popover.style.top = `${under ? bottom + GAP : Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  }
}

/** A button with words. */
export function press(words: string, title: string, act: () => void): HTMLButtonElement {
  const node = element("button", { type: "button", title });
  say(node, words);
  node.addEventListener("click", act);
  return node;
}
