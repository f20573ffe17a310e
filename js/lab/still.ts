// An explorer in a cell's output: the widget while there is a kernel behind it, else the still that was saved with it.
import { Panel, Widget } from "@lumino/widgets";
import { element } from "../shared/dom";
import type { NotebookPanel } from "./notebook";

/** The kernel's half is cscwidgets.views.still. */
const EXPLORER_MIME = "application/vnd.cscwidgets.explorer+json";
const WIDGET_MIME = "application/vnd.jupyter.widget-view+json";
const POLL = 100; // ms
const RANK = -20; // before ipywidgets' own renderer, which knows no still

interface MimeModel {
  data: Record<string, unknown>;
}

interface Renderer extends Widget {
  renderModel(model: MimeModel): Promise<void>;
}

/** What is used of a notebook's registry of renderers: its package is not among those that we build with. */
export interface Rendermime {
  createRenderer(mimeType: string): Renderer;
  addFactory(factory: { safe: boolean; mimeTypes: string[]; createRenderer(): Renderer }, rank: number): void;
}

/** What is used of ipywidgets' manager of a notebook's models. */
interface Manager {
  restoredStatus: boolean;
  has_model(id: string): boolean;
}

/** ipywidgets' renderer, which holds the promise of that manager. */
type WidgetRenderer = Renderer & { _manager?: { promise: Promise<Manager> } };

class StillRenderer extends Panel implements Renderer {
  private shown = "";
  private model: MimeModel = { data: {} };

  constructor(
    private readonly rendermime: Rendermime,
    private readonly reopen: (node: Node, session: string) => void,
  ) {
    super();
    this.addClass("csc-still");
  }

  async renderModel(model: MimeModel): Promise<void> {
    this.model = model;
    const { model_id } = model.data[EXPLORER_MIME] as { model_id: string };
    if (model_id === this.shown) return; // a newer still of what is seen alive
    const found = await this.live();
    if (!found || this.isDisposed) return;
    if (!found.manager.has_model(model_id)) {
      found.renderer.dispose();
      await this.showStill();
      return;
    }
    this.shown = model_id;
    this.clear();
    this.addWidget(found.renderer);
    await found.renderer.renderModel(model);
  }

  /** A renderer of widgets, as soon as the notebook has them again; the still stands in its place meanwhile. */
  private async live(): Promise<{ renderer: Renderer; manager: Manager } | null> {
    while (!this.isDisposed) {
      // ipywidgets gives a notebook its manager late, and only renderers that are made after that know it.
      const renderer: WidgetRenderer = this.rendermime.createRenderer(WIDGET_MIME);
      const manager = await Promise.race([renderer._manager?.promise, later(POLL)]);
      if (manager?.restoredStatus) return { renderer, manager };
      renderer.dispose();
      if (!this.widgets.length) await this.showStill();
      await later(POLL);
    }
    return null;
  }

  private async showStill(): Promise<void> {
    const { data } = this.model;
    const still = this.rendermime.createRenderer("image/png" in data ? "image/png" : "text/plain");
    await still.renderModel(this.model);
    if (this.isDisposed) return;
    this.clear();
    const words = "A still of an explorer that no kernel is behind now. Run the cell to explore.";
    const line = element("p", { class: "csc-still-words", role: "note" }, words);
    const { session } = data[EXPLORER_MIME] as { session?: string };
    if (session) line.append(" ", this.wayBack(session));
    this.addWidget(new Widget({ node: line }));
    const image = still.node.querySelector("img");
    if (image) image.alt = String(data["text/plain"] ?? "");
    this.addWidget(still);
  }

  /** A button for the explorer as it was saved. */
  private wayBack(session: string): HTMLElement {
    const title = `Open ${session} in a new cell`;
    const button = element("button", { class: "csc-still-back", type: "button", title }, "Open the saved session");
    button.addEventListener("click", () => this.reopen(this.node, session));
    return button;
  }

  private clear(): void {
    for (const child of [...this.widgets]) child.dispose();
  }
}

function later(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), milliseconds);
  });
}

/** Lets a notebook show stills, which lead back to the session that was saved of them. */
export function addStills(
  panel: NotebookPanel,
  back: (panel: NotebookPanel, node: Node, session: string) => void,
): void {
  const { rendermime } = panel.content;
  const reopen = (node: Node, session: string) => back(panel, node, session);
  rendermime.addFactory(
    { safe: false, mimeTypes: [EXPLORER_MIME], createRenderer: () => new StillRenderer(rendermime, reopen) },
    RANK,
  );
}
