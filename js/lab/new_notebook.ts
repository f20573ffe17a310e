// A new notebook of one cell, written, opened and run.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { Widget } from "@lumino/widgets";
import { isNotebook } from "./notebook";

function notebookOfLines(lines: string[], kernelspec: Record<string, string>): object {
  const source = lines.join("\n");
  return {
    cells: [{ cell_type: "code", id: "explorer", metadata: {}, source, outputs: [], execution_count: null }],
    metadata: { kernelspec },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** Writes a new notebook with a cell of these lines into the folder, opens it and runs it. */
export async function openNotebook(app: JupyterFrontEnd, folder: string, lines: string[]): Promise<Widget | undefined> {
  const { contents, kernelspecs } = app.serviceManager;
  const { path } = await contents.newUntitled({ path: folder, type: "notebook" });
  await kernelspecs.ready;
  const name = kernelspecs.specs?.default ?? "python3";
  const display_name = kernelspecs.specs?.kernelspecs[name]?.display_name ?? name;
  const content = notebookOfLines(lines, { name, display_name, language: "python" });
  await contents.save(path, { type: "notebook", format: "json", content });
  const panel: Widget | undefined = await app.commands.execute("docmanager:open", { path, factory: "Notebook" });
  void run(app, panel);
  return panel;
}

async function run(app: JupyterFrontEnd, panel: Widget | undefined): Promise<void> {
  if (!panel || !isNotebook(panel)) return; // opened in a page of its own
  await panel.context.ready;
  await panel.sessionContext.ready;
  if (panel.isDisposed || !panel.sessionContext.session?.kernel) return; // the reader chose no kernel
  app.shell.activateById(panel.id);
  await app.commands.execute("notebook:run-all-cells");
}
