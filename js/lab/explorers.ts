// The explorers of the page: each from the moment its model is there until it, its kernel or its notebook is gone.
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { Kernel } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";
import type { Widget } from "@lumino/widgets";
import type { BesideModel, Report } from "../shared/lab";

/** What is used of ipywidgets' manager of a notebook's models. */
interface Manager {
  has_model(id: string): boolean;
  get_model(id: string): Promise<RootModel>;
  create_view(model: RootModel): Promise<{ luminoWidget: Widget }>;
  kernel: Kernel.IKernelConnection | null;
  context?: DocumentRegistry.Context;
}

interface RootModel {
  comm_live: boolean;
}

export type End = "closed" | "restarted" | "ended";

const ENDS: Partial<Record<Kernel.Status, End>> = {
  restarting: "restarted",
  autorestarting: "restarted",
  terminating: "ended",
  dead: "ended",
};

const POLL = 50; // ms
const PATIENCE = 10_000; // ms

export class Explorer {
  constructor(readonly model: BesideModel) {}

  get root(): string {
    return this.model.get("_root");
  }

  get report(): Report {
    return this.model.get("_report");
  }

  /** Variable and region. */
  get name(): string {
    const { variable, place } = this.report;
    return [variable || "explorer", place].filter(Boolean).join(" · ");
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this.manager.kernel;
  }

  /** The notebook it was made in. */
  get context(): DocumentRegistry.Context | undefined {
    return this.manager.context;
  }

  /** Whether a kernel is behind it: a saved notebook's widgets have none. */
  async live(): Promise<boolean> {
    return this.kernel !== null && (await this.rootModel()).comm_live;
  }

  /** A new view of the whole. */
  async view(): Promise<Widget> {
    return (await this.manager.create_view(await this.rootModel())).luminoWidget;
  }

  private get manager(): Manager {
    return this.model.widget_manager as unknown as Manager;
  }

  private async rootModel(): Promise<RootModel> {
    // The whole reaches the page after its parts.
    for (let waited = 0; !this.root || !this.manager.has_model(this.root); waited += POLL) {
      if (waited > PATIENCE) throw new Error("The explorer did not reach this page. Run its cell again.");
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
    return this.manager.get_model(this.root);
  }
}

export class Explorers {
  /** One came, changed or went. */
  readonly changed = new Signal<this, void>(this);
  /** One went. */
  readonly gone = new Signal<this, { explorer: Explorer; end: End }>(this);
  private present = new Map<BesideModel, { explorer: Explorer; forget: () => void }>();

  async add(model: BesideModel): Promise<void> {
    const explorer = new Explorer(model);
    const { kernel } = explorer;
    const tell = () => this.changed.emit();
    const status = (_: unknown, now: Kernel.Status) => {
      const end = ENDS[now];
      if (end) this.remove(model, end);
    };
    const disposed = () => this.remove(model, "ended");
    const forget = () => {
      model.off("change:_report", tell);
      kernel?.statusChanged.disconnect(status);
      kernel?.disposed.disconnect(disposed);
    };
    this.present.set(model, { explorer, forget });
    model.on("change:_report", tell);
    kernel?.statusChanged.connect(status);
    kernel?.disposed.connect(disposed);
    if (await explorer.live().catch(() => false)) tell();
    else this.remove(model, "ended");
  }

  remove(model: BesideModel, end: End = "closed"): void {
    const found = this.present.get(model);
    if (!found) return;
    this.present.delete(model);
    found.forget();
    this.gone.emit({ explorer: found.explorer, end });
    this.changed.emit();
  }

  /** Oldest first. */
  list(): Explorer[] {
    const explorers = [...this.present.values()].map(({ explorer }) => explorer);
    return explorers.sort((a, b) => a.report.made - b.report.made);
  }

  /** The explorer that a widget of it belongs to. */
  of(model: BesideModel): Explorer | undefined {
    return this.list().find((explorer) => explorer.root === model.get("_root"));
  }

  /** The newest of a kernel. */
  newest(kernel: Kernel.IKernelConnection | null | undefined): Explorer | undefined {
    return this.list().findLast((explorer) => kernel && explorer.kernel?.id === kernel.id);
  }
}
