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
    // JupyterLab restores its layout late where it began with a single document, and drops what is not part of that.
    shell.layoutModified.connect(() => {
      for (const tab of this.tabs) if (!tab.widget.isAttached && !tab.widget.isDisposed) this.place(tab);
    });
  }

  /** Whether an explorer has a tab. */
  has(explorer: Explorer): boolean {
    return this.tabs.some((tab) => tab.explorer === explorer);
  }

  /** Brings the tab of an explorer to the front, a new one if it has none; the focus stays where it is. */
  async show(explorer: Explorer): Promise<MainAreaWidget> {
    const widget = this.tabs.find((tab) => tab.explorer === explorer)?.widget ?? this.open(explorer);
    bringForward(widget);
    await widget.revealed;
    return widget;
  }

  private open(explorer: Explorer): MainAreaWidget {
    const { shell } = this;
    const { context } = explorer;
    if (shell.mode === "single-document") shell.mode = "multiple-document"; // nothing is beside anything there
    const content = new Panel();
    content.addClass("csc-beside");
    const reveal = explorer.view().then((view) => (content.isDisposed ? view.dispose() : content.addWidget(view)));
    const widget = new MainAreaWidget({ content, reveal });
    widget.id = `cscwidgets-beside-${explorer.root}`;
    widget.toolbar.hide(); // the explorer has its own bar
    entitle(widget, explorer);
    const tab = { widget, context, explorer };
    const before = this.tabs.filter((other) => other.context === context && !other.explorer);
    this.place(tab);
    this.tabs.push(tab);
    widget.disposed.connect(() => {
      this.tabs = this.tabs.filter((other) => other !== tab);
    });
    for (const other of before) other.widget.dispose();
    return widget;
  }

  /** Puts a tab where others of its notebook are, else right of the notebook. */
  private place({ widget, context }: Tab): void {
    const neighbour = this.tabs.findLast((other) => other.context === context && other.widget.isAttached)?.widget;
    this.shell.add(widget, "main", {
      activate: false,
      mode: neighbour ? "tab-after" : "split-right",
      ref: neighbour?.id ?? notebookOf(this.shell, context)?.id ?? null,
    });
    bringForward(widget);
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

/** Shows a widget of the main area; the focus stays where it is. */
function bringForward(widget: Widget): void {
  if (widget.parent instanceof DockPanel) widget.parent.selectWidget(widget);
}

function entitle({ title }: Widget, explorer: Explorer): void {
  title.label = explorer.name;
  title.caption = `${explorer.name}: Chandra Source Catalog explorer`;
  title.icon = icon;
  title.closable = true;
}
