// Looking for surveys in CDS's list, by words; the kernel asks.
import { element, say } from "../shared/dom";
import { labelled } from "./layer_controls";
import type { SkyModel } from "./model";
import type { LayerName } from "./surveys";

export class SurveyFinder {
  readonly node: HTMLElement;
  private readonly words = element("input", { type: "search", spellcheck: "false", size: "24" });
  private readonly state = element("div", { class: "csc-image-found", role: "status" });
  private readonly list = element("ul", { class: "csc-image-list" });
  private shown = "";

  constructor(
    private readonly model: SkyModel,
    private readonly choose: (name: LayerName, survey: string) => void,
  ) {
    this.words.placeholder = "words of its name";
    const ask = () => {
      const words = this.words.value.trim();
      if (words) model.send({ event_type: "survey_search", words });
    };
    this.words.addEventListener("keydown", (event) => {
      if (event.key === "Enter") ask();
    });
    const button = element("button", { type: "button", title: "Ask CDS, over the network, for surveys" }, "Search CDS");
    button.addEventListener("click", ask);
    this.node = element(
      "div",
      {},
      element("div", { class: "csc-image-row" }, labelled("Search", this.words, "Search surveys at CDS"), button),
      this.state,
      this.list,
    );
  }

  /** Show what was found. */
  update(): void {
    const { words, running, found = [], failure } = this.model.get("_survey_search");
    const told = JSON.stringify([words, running, found, failure]);
    if (told === this.shown) return; // the keyboard's focus stays in the list
    this.shown = told;
    const number = found.length === 1 ? "1 survey" : `${found.length} surveys`;
    if (words === undefined) say(this.state, "");
    else if (running) say(this.state, `asking CDS for "${words}" …`);
    else if (failure) say(this.state, `${failure.what}. ${failure.why}. ${failure.hint}`);
    else say(this.state, `${number} for "${words}"`);
    this.list.replaceChildren(
      ...found.map(({ identifier, name }) =>
        element(
          "li",
          {},
          element("span", { title: identifier }, name, element("small", {}, ` ${identifier}`)),
          this.button("Base", `Show ${name} as the base layer`, "base", identifier),
          this.button("Above", `Show ${name} above the base layer`, "overlay", identifier),
        ),
      ),
    );
  }

  private button(words: string, title: string, name: LayerName, survey: string): HTMLButtonElement {
    const node = element("button", { type: "button", title, "aria-label": title }, words);
    node.addEventListener("click", () => this.choose(name, survey));
    return node;
  }
}
