// The tabs of the panels, a list of them where not all fit, and the pin that keeps one beside the others.
import { element, icon } from "../shared/dom";
import { choose, type FrameModel } from "./model";

const PIN =
  "M9.5 2.2l4.3 4.3l-1 .6l-1.7-.1l-2.4 2.4l-.1 2.6l-.8.8l-4.5-4.5l.8-.8l2.6-.1l2.4-2.4l-.1-1.7zM5.6 10.4l-3.4 3.4";

const FADED = 20; // px at the end of a strip that is cut, see the style

export class Tabs {
  readonly node = element("div", { class: "csc-tabs" });
  private readonly list = element("div", { role: "tablist", "aria-label": "Panels" });
  private readonly more = element("button", {
    type: "button",
    class: "csc-menu-button",
    title: "All panels",
    "aria-label": "All panels",
    "aria-expanded": "false",
  });
  private readonly all = element("div", { class: "csc-menu-content", role: "group", "aria-label": "All panels" });
  private readonly menu = element("div", { class: "csc-menu csc-menu-panels" }, this.more, this.all);
  private readonly fits = new ResizeObserver(() => this.fit());
  private readonly pin = element("button", { type: "button", class: "csc-pin" }, icon(PIN));

  constructor(private readonly model: FrameModel) {
    for (const { name, title } of model.get("panels")) {
      const tab = element("button", { type: "button", role: "tab", "data-panel": name }, title);
      tab.addEventListener("click", () => choose(model, { front: name }));
      this.list.append(tab);
      const entry = element("button", { type: "button" }, title);
      entry.addEventListener("click", () => {
        choose(model, { front: name });
        this.menu.classList.remove("csc-open");
        this.more.setAttribute("aria-expanded", "false");
      });
      this.all.append(entry);
    }
    this.more.textContent = "\u22ef";
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("scroll", () => this.fade());
    this.pin.addEventListener("click", () => {
      const { front, pinned } = { front: model.get("front"), pinned: model.get("pinned") };
      choose(model, { pinned: pinned === front ? "" : front });
    });
    this.node.append(this.list, this.menu, this.pin);
    this.fits.observe(this.list);
    this.update();
  }

  dispose(): void {
    this.fits.disconnect();
  }

  /** Show the model's state again. */
  update(): void {
    const [front, pinned] = [this.model.get("front"), this.model.get("pinned")];
    for (const tab of this.tabs) {
      const chosen = tab.dataset.panel === front;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      tab.classList.toggle("csc-pinned", tab.dataset.panel === pinned);
    }
    this.fit();
    const kept = pinned !== "" && pinned === front;
    const title = kept ? "Let go of this panel" : "Keep this panel in sight beside the next one, where there is room";
    this.pin.setAttribute("aria-pressed", String(kept));
    this.pin.setAttribute("aria-label", title);
    this.pin.title = title;
  }

  /** Bring the tab in front into sight, the strip beginning with a whole one; a list has those that do not fit. */
  private fit(): void {
    const { list, menu } = this;
    const room = list.clientWidth + (menu.hidden ? 0 : menu.offsetWidth);
    const cut = list.scrollWidth > room;
    menu.hidden = !cut;
    const from = (tab: HTMLElement) => tab.offsetLeft - list.offsetLeft;
    const front = this.tabs.find((tab) => tab.dataset.panel === this.model.get("front"));
    if (!front) return;
    const end = from(front) + front.offsetWidth - list.clientWidth + FADED;
    // Only the strip is scrolled: `scrollIntoView` would move the notebook too.
    if (from(front) < list.scrollLeft) list.scrollLeft = from(front);
    else if (end > list.scrollLeft) list.scrollLeft = from(this.tabs.find((tab) => from(tab) >= end) ?? front);
    this.fade();
  }

  private fade(): void {
    const { scrollLeft, clientWidth, scrollWidth, classList } = this.list;
    classList.toggle("csc-cut-before", scrollLeft > 1);
    classList.toggle("csc-cut-after", scrollLeft + clientWidth < scrollWidth - 1);
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
