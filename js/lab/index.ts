// The launcher card and the palette command that open a notebook with an explorer in its first cell.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { LabIcon } from "@jupyterlab/ui-components";
import svgstr from "./icon.svg";

const COMMAND = "cscwidgets:explore";
const CATEGORY = "Astronomy";
const FIRST_CELL = ["from cscwidgets import Explorer", 'app = Explorer("M33", radius="1 deg", archive="demo")', "app"];

const icon = new LabIcon({ name: "cscwidgets:icon", svgstr });

const NOTEBOOK = {
  cells: [
    {
      cell_type: "code",
      id: "explorer",
      metadata: {},
      source: FIRST_CELL.join("\n"),
      outputs: [],
      execution_count: null,
    },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};

/** Writes a new notebook into the folder and opens it. */
async function explore(app: JupyterFrontEnd, folder: string): Promise<void> {
  const { contents, kernelspecs } = app.serviceManager;
  const { path } = await contents.newUntitled({ path: folder, type: "notebook" });
  await kernelspecs.ready;
  const name = kernelspecs.specs?.default ?? "python3";
  const display_name = kernelspecs.specs?.kernelspecs[name]?.display_name ?? name;
  const content = { ...NOTEBOOK, metadata: { kernelspec: { name, display_name, language: "python" } } };
  await contents.save(path, { type: "notebook", format: "json", content });
  await app.commands.execute("docmanager:open", { path, factory: "Notebook" });
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: "cscwidgets:launcher",
  description: "Opens a notebook that explores the Chandra Source Catalog",
  autoStart: true,
  optional: [ILauncher, ICommandPalette, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null,
  ) => {
    app.commands.addCommand(COMMAND, {
      label: (args) => (args.isPalette ? "Explore the Chandra Source Catalog" : "Chandra Source Catalog"),
      caption: "Open a notebook that explores the Chandra Source Catalog",
      icon,
      execute: (args) => explore(app, (args.cwd as string) || browser?.model.path || ""),
    });
    launcher?.add({ command: COMMAND, category: CATEGORY, rank: 1 });
    palette?.addItem({ command: COMMAND, category: CATEGORY, args: { isPalette: true } });
  },
};

export default plugin;
