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

/** What is used of a notebook's shared model, of @jupyter/ydoc. */
interface SharedNotebook {
  insertCell(index: number, cell: { cell_type: "code"; source: string; metadata: { trusted: boolean } }): unknown;
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
    model: { sharedModel: SharedNotebook } | null;
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

/** Puts code into a new cell below the one that shows a widget, else below the active one; nothing scrolls. */
export function insertBelow(panel: NotebookPanel, modelId: string, code: string): void {
  const { content } = panel;
  const shown = cellThatShows(panel, modelId);
  const index = (shown < 0 ? content.activeCellIndex : shown) + 1;
  content.model?.sharedModel.insertCell(index, { cell_type: "code", source: code, metadata: { trusted: true } });
}

function cellThatShows({ content }: NotebookPanel, modelId: string): number {
  const shows = (output: Output) => output.data?.[WIDGET_MIME]?.model_id === modelId;
  return content.widgets.findIndex((cell) => cell.model.outputs?.toJSON().some(shows));
}

/** Scrolls to the output that shows a widget; false if none does. */
export async function scrollToOutput(panel: NotebookPanel, modelId: string): Promise<boolean> {
  const { content } = panel;
  const index = cellThatShows(panel, modelId);
  if (index < 0) return false;
  content.activeCellIndex = index;
  await content.scrollToItem(index, "start");
  content.widgets[index]?.outputArea?.node.scrollIntoView({ block: "start" });
  return true;
}
