import { element, icon } from "../shared/dom";
import type { Purpose, Shape, SkyModel } from "./model";

const ICONS = {
  circle: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11zM8 7.4v1.2M7.4 8h1.2",
  box: "M2.5 3.5h11v9h-11z",
  polygon: "M8 2l5.8 4.2l-2.2 6.8H4.4L2.2 6.2z",
  ellipses: "M5.2 6.6c2.2-2.2 5.4-3 6.9-1.5s.7 4.7-1.5 6.9s-5.4 3-6.9 1.5s-.7-4.7 1.5-6.9zM8 8.3v.9M7.5 8.7h.9",
  grid: "M2.5 2.5h11v11h-11zM6.2 2.5v11M9.8 2.5v11M2.5 6.2h11M2.5 9.8h11",
  zoomIn: "M8 3v10M3 8h10",
  zoomOut: "M3 8h10",
};

const SHAPES: [Shape, string][] = [
  ["circle", "Draw a circle: drag from its centre"],
  ["box", "Draw a box: drag across"],
  ["polygon", "Draw a polygon: click its corners"],
];

const PURPOSES: [Purpose, string, string][] = [
  ["region", "Region", "A drawn shape becomes the region that the archive is asked for"],
  ["select", "Select", "A drawn shape selects the sources inside. Shift adds, Alt removes, both intersect"],
];

/** The tools above the sky; buttons show and set the model's state. */
export class Toolbar {
  readonly node = element("div", { class: "csc-bar", role: "toolbar", "aria-label": "Sky tools" });
  private readonly updates: (() => void)[] = [];

  constructor(
    private readonly model: SkyModel,
    zoom: (factor: 1 | -1) => void,
  ) {
    const shapes = SHAPES.map(([shape, title]) =>
      this.toggle(
        icon(ICONS[shape]),
        title,
        () => model.get("_tool") === shape,
        () => this.set("_tool", model.get("_tool") === shape ? "" : shape),
      ),
    );
    const purposes = PURPOSES.map(([purpose, word, title]) =>
      this.toggle(
        word,
        title,
        () => model.get("purpose") === purpose,
        () => this.set("purpose", purpose),
      ),
    );
    this.node.append(
      group("Shapes to draw", ...shapes),
      group("What a drawn shape does", ...purposes),
      group(
        "Show",
        this.switch("show_ellipses", ICONS.ellipses, "Error ellipses"),
        this.switch("show_grid", ICONS.grid, "Coordinate grid, scale bar and compass"),
      ),
      group(
        "Zoom",
        button(icon(ICONS.zoomOut), "Zoom out", () => zoom(-1)),
        button(icon(ICONS.zoomIn), "Zoom in", () => zoom(1)),
      ),
    );
    this.update();
  }

  /** Show the model's state again. */
  update(): void {
    for (const update of this.updates) update();
  }

  private switch(trait: "show_ellipses" | "show_grid", path: string, title: string): HTMLButtonElement {
    return this.toggle(
      icon(path),
      title,
      () => this.model.get(trait),
      () => this.set(trait, !this.model.get(trait)),
    );
  }

  private toggle(content: Node | string, title: string, pressed: () => boolean, act: () => void): HTMLButtonElement {
    const node = button(content, title, act);
    this.updates.push(() => node.setAttribute("aria-pressed", String(pressed())));
    return node;
  }

  private set: SkyModel["set"] = (trait, value) => {
    this.model.set(trait, value);
    this.model.save_changes();
  };
}

function group(label: string, ...buttons: HTMLElement[]): HTMLElement {
  return element("div", { class: "csc-group", role: "group", "aria-label": label }, ...buttons);
}

function button(content: Node | string, title: string, act: () => void): HTMLButtonElement {
  const node = element(
    "button",
    { type: "button", title, "aria-label": typeof content === "string" ? content : title },
    content,
  );
  node.addEventListener("click", act);
  return node;
}
