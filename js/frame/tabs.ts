// The tabs of the panels, and the pin that keeps one beside the others.
import { element, icon } from "../shared/dom";
import { choose, type FrameModel } from "./model";

const PIN =
  "M9.5 2.2l4.3 4.3l-1 .6l-1.7-.1l-2.4 2.4l-.1 2.6l-.8.8l-4.5-4.5l.8-.8l2.6-.1l2.4-2.4l-.1-1.7zM5.6 10.4l-3.4 3.4";

export class Tabs {
  readonly node = element("div", { class: "csc-tabs" });
  private readonly list = element("div", { role: "tablist", "aria-label": "Panels" });
  private readonly pin = element("button", { type: "button", class: "csc-pin" }, icon(PIN));

  constructor(private readonly model: FrameModel) {
    for (const { name, title } of model.get("panels")) {
      const tab = element("button", { type: "button", role: "tab", "data-panel": name }, title);
      tab.addEventListener("click", () => choose(model, { front: name }));
      this.list.append(tab);
    }
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.pin.addEventListener("click", () => {
      const { front, pinned } = { front: model.get("front"), pinned: model.get("pinned") };
      choose(model, { pinned: pinned === front ? "" : front });
    });
    this.node.append(this.list, this.pin);
    this.update();
  }

  /** Show the model's state again. */
  update(): void {
    const [front, pinned] = [this.model.get("front"), this.model.get("pinned")];
    for (const tab of this.tabs) {
      const chosen = tab.dataset.panel === front;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      tab.classList.toggle("csc-pinned", tab.dataset.panel === pinned);
      // Only the strip is scrolled: `scrollIntoView` would move the notebook too.
      if (chosen && this.list.scrollWidth > this.list.clientWidth)
        this.list.scrollLeft = tab.offsetLeft - (this.list.clientWidth - tab.offsetWidth) / 2;
    }
    const kept = pinned !== "" && pinned === front;
    const title = kept ? "Let go of this panel" : "Keep this panel in sight beside the next one, where there is room";
    this.pin.setAttribute("aria-pressed", String(kept));
    this.pin.setAttribute("aria-label", title);
    this.pin.title = title;
  }

  private get tabs(): HTMLButtonElement[] {
    return [...this.list.children] as HTMLButtonElement[];
  }

  private key(event: KeyboardEvent): void {
    const tabs = this.tabs;
    const at = tabs.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    const tab = tabs[(to + tabs.length) % tabs.length] as HTMLButtonElement;
    tab.click();
    tab.focus();
    event.preventDefault();
  }
}
