// The left side panel: a card for each explorer of the running kernels.
import { Widget } from "@lumino/widgets";
import { element, say } from "../shared/dom";
import type { Explorer, Explorers } from "./explorers";
import { icon } from "./icon";

const EMPTY = "No notebook that is open here has an explorer yet.";

/** What the list asks for. */
export interface Actions {
  /** Bring an explorer to the front. */
  front(explorer: Explorer): void;
  /** Open a notebook with one. */
  explore(): void;
}

export class ExplorerList extends Widget {
  private cards = new Map<Explorer, Card>();
  private items = element("ul", { class: "csc-cards", "aria-label": "Explorers" });
  private empty: HTMLElement;

  constructor(
    private explorers: Explorers,
    private actions: Actions,
  ) {
    super();
    this.id = "cscwidgets-explorers";
    this.addClass("csc-explorers");
    this.title.icon = icon;
    this.title.caption = "Chandra explorers";
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", "Chandra explorers");
    const start = element("button", { type: "button", class: "jp-mod-styled jp-mod-accept" }, "Open an explorer");
    start.addEventListener("click", () => actions.explore());
    this.empty = element("div", { class: "csc-no-cards" }, element("p", {}, EMPTY), start);
    this.node.append(element("h2", {}, "Chandra explorers"), this.empty, this.items);
    explorers.changed.connect(() => this.redraw());
  }

  /** The cards enter the page when the panel is opened: a hidden list costs nothing and is found by nobody. */
  protected override onAfterShow(): void {
    this.redraw();
  }

  protected override onAfterHide(): void {
    this.redraw();
  }

  private redraw(): void {
    const list = this.isVisible ? this.explorers.list() : [];
    for (const [explorer, card] of this.cards) {
      if (list.includes(explorer)) continue;
      card.node.remove();
      this.cards.delete(explorer);
    }
    for (const explorer of list) {
      let card = this.cards.get(explorer);
      if (!card) {
        card = new Card(() => this.actions.front(explorer));
        this.cards.set(explorer, card);
        this.items.append(card.node);
      }
      card.show(explorer);
    }
    this.empty.hidden = list.length > 0;
  }
}

/** One explorer. Its elements stay, so that the focus does while the numbers change. */
class Card {
  private variable = element("strong");
  private place = element("span");
  private badge = element("span", { class: "csc-simulated" }, "SIMULATED");
  private archive = element("span");
  private counts = line();
  private tasks = element("span", { class: "csc-card-tasks" });
  private errors = line("csc-card-errors");
  private notebook = line("csc-card-notebook");
  readonly node: HTMLLIElement;

  constructor(front: () => void) {
    const button = element(
      "button",
      { type: "button", class: "csc-card-button", title: "Bring this explorer to the front" },
      element("span", { class: "csc-card-line" }, this.variable, this.place),
      element("span", { class: "csc-card-line csc-card-archive" }, this.archive, this.badge),
      this.counts,
      this.tasks,
      this.errors,
      this.notebook,
    );
    button.addEventListener("click", front);
    this.node = element("li", {}, button);
  }

  show(explorer: Explorer): void {
    const { report, context } = explorer;
    say(this.variable, report.variable || "explorer");
    say(this.place, report.place ? ` · ${report.place}` : "");
    say(this.archive, report.archive.split("/").at(-1) ?? "");
    this.archive.title = report.title;
    this.badge.hidden = !report.simulated;
    say(this.counts, countsOf(report));
    this.tasks.replaceChildren(...report.tasks.map(taskLine));
    say(this.errors, report.errors === 1 ? "1 error" : `${report.errors} errors`);
    this.errors.hidden = report.errors === 0;
    say(this.notebook, context?.path.split("/").at(-1) ?? "");
  }
}

function line(kind = ""): HTMLElement {
  return element("span", { class: `csc-card-line ${kind}` });
}

/** How many sources there are, and how many of them are selected. */
export function countsOf({ sources, complete, selected }: Explorer["report"]): string {
  if (sources === null) return "Nothing asked yet";
  const found = `${sources.toLocaleString("en")} ${sources === 1 ? "source" : "sources"}`;
  const chosen = selected ? ` · ${selected.toLocaleString("en")} selected` : "";
  return `${found}${complete ? "" : ", not all"}${chosen}`;
}

function taskLine({ label, message, fraction }: Explorer["report"]["tasks"][number]): HTMLElement {
  const words = message ? `${label}: ${message}` : label;
  const progress = element("progress", fraction < 0 ? {} : { value: String(fraction) });
  progress.setAttribute("aria-label", label);
  return element("span", { class: "csc-card-line", title: words }, element("span", {}, words), progress);
}
