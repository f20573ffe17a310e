// What is used of a notebook panel: @jupyterlab/notebook itself is not among the packages that we build with.
import type { ILabShell } from "@jupyterlab/application";
import type { ISessionContext } from "@jupyterlab/apputils";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { Toolbar } from "@jupyterlab/ui-components";
import type { Widget } from "@lumino/widgets";
import type { Rendermime } from "./still";

const WIDGET_MIME = "application/vnd.jupyter.widget-view+json";

interface Output {
  data?: Record<string, { model_id?: string } | undefined>;
}

interface Cell {
  node: HTMLElement;
  model: { outputs?: { toJSON(): Output[] }; sharedModel?: { setSource(source: string): void } };
  outputArea?: Widget;
}

export interface NotebookPanel extends Widget {
  context: DocumentRegistry.Context;
  sessionContext: ISessionContext;
  toolbar: Toolbar;
  content: Widget & {
    widgets: readonly Cell[];
    activeCellIndex: number;
    activeCell: Cell | null;
    rendermime: Rendermime;
    scrollToItem(index: number, align?: "start"): Promise<void>;
  };
}

/** Whether a widget of the main area is a notebook. */
export function isNotebook(widget: Widget | null): widget is NotebookPanel {
  const content = (widget as NotebookPanel | null)?.content;
  return content !== undefined && "activeCellIndex" in content;
}

/** The open notebook of a document. */
export function notebookOf(shell: ILabShell, context: DocumentRegistry.Context | undefined): NotebookPanel | undefined {
  for (const widget of shell.widgets("main")) {
    if (isNotebook(widget) && widget.context === context) return widget;
  }
  return undefined;
}

/** Scrolls to the output that shows a widget; false if none does. */
export async function scrollToOutput(panel: NotebookPanel, modelId: string): Promise<boolean> {
  const { content } = panel;
  const shows = (output: Output) => output.data?.[WIDGET_MIME]?.model_id === modelId;
  const index = content.widgets.findIndex((cell) => cell.model.outputs?.toJSON().some(shows));
  if (index < 0) return false;
  content.activeCellIndex = index;
  await content.scrollToItem(index, "start");
  content.widgets[index]?.outputArea?.node.scrollIntoView({ block: "start" });
  return true;
}
