// The tabs that show explorers beside their notebooks.
import type { ILabShell } from "@jupyterlab/application";
import { MainAreaWidget } from "@jupyterlab/apputils";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import { DockPanel, Panel, Widget } from "@lumino/widgets";
import { element } from "../shared/dom";
import type { End, Explorer, Explorers } from "./explorers";
import { icon } from "./icon";
import { notebookOf } from "./notebook";

const ENDED: Record<Exclude<End, "closed">, string> = {
  restarted: "The kernel was restarted, and this explorer is gone. Run the cell that makes it again.",
  ended: "The kernel has ended, and this explorer with it. Run the cell that makes it again.",
};

interface Tab {
  widget: MainAreaWidget<Panel>;
  context: DocumentRegistry.Context | undefined;
  /** None in a tab that only says why its explorer is gone. */
  explorer: Explorer | null;
}

export class BesideTabs {
  private tabs: Tab[] = [];

  constructor(
    private shell: ILabShell,
    explorers: Explorers,
  ) {
    explorers.changed.connect(() => {
      for (const { widget, explorer } of this.tabs) if (explorer) entitle(widget, explorer);
    });
    explorers.gone.connect((_, { explorer, end }) => this.end(explorer, end));
  }

  /** Whether an explorer has a tab. */
  has(explorer: Explorer): boolean {
    return this.tabs.some((tab) => tab.explorer === explorer);
  }

  /** Brings the tab of an explorer to the front, a new one if it has none; the focus stays where it is. */
  async show(explorer: Explorer): Promise<MainAreaWidget> {
    const widget = this.tabs.find((tab) => tab.explorer === explorer)?.widget ?? this.open(explorer);
    if (widget.parent instanceof DockPanel) widget.parent.selectWidget(widget);
    await widget.revealed;
    return widget;
  }

  private open(explorer: Explorer): MainAreaWidget {
    const { shell } = this;
    const { context } = explorer;
    if (shell.mode === "single-document") shell.mode = "multiple-document"; // nothing is beside anything there
    const content = new Panel();
    content.addClass("csc-beside");
    const widget = new MainAreaWidget({ content, reveal: explorer.view().then((view) => content.addWidget(view)) });
    widget.id = `cscwidgets-beside-${explorer.root}`;
    widget.toolbar.hide(); // the explorer has its own bar
    entitle(widget, explorer);
    const neighbours = this.tabs.filter((tab) => tab.context === context);
    const neighbour = neighbours.at(-1)?.widget;
    shell.add(widget, "main", {
      activate: false,
      mode: neighbour ? "tab-after" : "split-right",
      ref: neighbour?.id ?? notebookOf(shell, context)?.id ?? null,
    });
    for (const tab of neighbours) if (!tab.explorer) tab.widget.dispose();
    const tab = { widget, context, explorer };
    this.tabs.push(tab);
    widget.disposed.connect(() => {
      this.tabs = this.tabs.filter((other) => other !== tab);
    });
    return widget;
  }

  /** Closes the tab of an explorer that was closed, or whose notebook was; says in it what else happened. */
  private end(explorer: Explorer, end: End): void {
    const tab = this.tabs.find((other) => other.explorer === explorer);
    if (!tab) return;
    if (end === "closed" || tab.context?.isDisposed) {
      tab.widget.dispose();
      return;
    }
    tab.explorer = null;
    const { content } = tab.widget;
    for (const child of [...content.widgets]) child.dispose();
    content.addWidget(new Widget({ node: element("p", { class: "csc-beside-ended", role: "status" }, ENDED[end]) }));
  }
}

function entitle({ title }: Widget, explorer: Explorer): void {
  title.label = explorer.name;
  title.caption = `${explorer.name}: Chandra Source Catalog explorer`;
  title.icon = icon;
  title.closable = true;
}
