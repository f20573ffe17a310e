// Buttons at the end of the bar that show and fold sky, panels and table; where it is narrow, one at a time.
import { element, icon } from "../shared/dom";
import { AREAS, type Area } from "./model";

const ICONS: Record<Area, string> = {
  sky: "M2.5 2.5h11v11h-11zM7 2.5v11M3.6 5h2.2M3.6 7h2.2M3.6 9h2.2",
  panels: "M2.5 2.5h11v11h-11zM7 2.5v11M8.5 11l2-3l1.2 1.6l1-3.6",
  table: "M2.5 2.5h11v11h-11zM2.5 9h11M2.5 11.3h11",
};

const WORDS: Record<Area, string> = { sky: "Sky", panels: "Panels", table: "Table" };

export class Areas {
  readonly node = element("div", { class: "csc-areas", role: "group", "aria-label": "What is shown" });
  private readonly buttons: [Area, HTMLButtonElement][];

  constructor(press: (area: Area) => void, only: (area: Area) => void) {
    this.buttons = AREAS.map((area) => {
      const title = `${WORDS[area]}: show or fold away; a double click shows nothing else`;
      const button = element("button", { type: "button", title, "aria-label": WORDS[area] }, icon(ICONS[area]));
      button.addEventListener("click", (event) => (event.detail > 1 ? only(area) : press(area)));
      return [area, button];
    });
    this.node.append(...this.buttons.map(([, button]) => button));
  }

  update(shown: ReadonlySet<Area>): void {
    for (const [area, button] of this.buttons) button.setAttribute("aria-pressed", String(shown.has(area)));
  }
}
