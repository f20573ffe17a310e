// The JupyterLab extension: what opens an explorer, shows it beside its notebook, and lists those that there are.
import { ILabShell, ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, Notification, ToolbarButton } from "@jupyterlab/apputils";
import { publishLab } from "../shared/lab";
import { BesideTabs } from "./beside";
import { addCode } from "./code";
import { type Explorer, Explorers } from "./explorers";
import { icon } from "./icon";
import { addLauncher, EXPLORE } from "./launcher";
import { ExplorerList } from "./list";
import { insertBelow, isNotebook, type NotebookPanel, notebookOf, scrollToOutput } from "./notebook";
import { services } from "./services";
import { addSessions, reopen } from "./session";
import { addStills } from "./still";
import sheet from "./style.css";

const BESIDE = "cscwidgets:beside";
const NONE = "There is no explorer in this notebook: run a cell with Explorer() of cscwidgets first.";
const NO_NOTEBOOK = "No notebook is in front: choose the one whose explorer is to be shown.";

function tell(sentence: string): void {
  Notification.info(sentence, { autoClose: 8000 }); // ms; unless told, only the notification centre has it
}

/** What a press of a button fails with is told to the reader. */
function told(work: Promise<unknown>): void {
  work.catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)));
}

/** Explorers beside notebooks, and the list of them: only in JupyterLab, whose main area can be split. */
function addBeside(
  app: JupyterFrontEnd,
  shell: ILabShell,
  explorers: Explorers,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
): void {
  const tabs = new BesideTabs(shell, explorers);
  const showNewest = async (panel: NotebookPanel): Promise<void> => {
    const explorer = explorers.newest(panel.sessionContext.session?.kernel);
    if (explorer) await tabs.show(explorer);
    else tell(NONE);
  };
  const front = async (explorer: Explorer): Promise<void> => {
    const panel = notebookOf(shell, explorer.context);
    if (!tabs.has(explorer) && panel && (await scrollToOutput(panel, explorer.root))) shell.activateById(panel.id);
    else shell.activateById((await tabs.show(explorer)).id);
  };

  app.commands.addCommand(BESIDE, {
    label: "Show Explorer beside the Notebook",
    caption: "Show the newest explorer of this notebook in a tab beside it",
    icon,
    execute: () => {
      const { currentWidget } = shell;
      if (isNotebook(currentWidget)) told(showNewest(currentWidget));
      else tell(NO_NOTEBOOK);
    },
  });
  palette?.addItem({ command: BESIDE, category: "Astronomy" });
  app.docRegistry.addWidgetExtension("Notebook", {
    createNew: (widget) => {
      const panel = widget as unknown as NotebookPanel;
      const button = new ToolbarButton({
        icon,
        tooltip: "Show the explorer beside the notebook",
        onClick: () => told(showNewest(panel)),
      });
      panel.toolbar.insertBefore("spacer", "cscwidgets-beside", button);
      return button;
    },
  });

  const list = new ExplorerList(explorers, {
    front: (explorer) => told(front(explorer)),
    explore: () => void app.commands.execute(EXPLORE),
  });
  shell.add(list, "left", { rank: 900 });
  restorer?.add(list, list.id);

  publishLab({
    add: (model) => void explorers.add(model),
    remove: (model) => explorers.remove(model),
    beside: async (model) => {
      const explorer = explorers.of(model);
      if (!explorer) throw new Error("This explorer is gone with its kernel. Run the cell that makes it again.");
      await tabs.show(explorer);
    },
    insert: (model, code) => {
      const explorer = explorers.of(model);
      const panel = explorer && notebookOf(shell, explorer.context);
      if (!panel) throw new Error("its notebook is not open");
      insertBelow(panel, explorer.root, code);
      tell("The code is in a new cell of the notebook.");
    },
    tell,
  });
  addCode(app, shell, explorers, palette);
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: "cscwidgets:explorers",
  description: "Explores the Chandra Source Catalog beside a notebook",
  autoStart: true,
  optional: [ILabShell, ICommandPalette, ILayoutRestorer],
  activate: async (
    app: JupyterFrontEnd,
    shell: ILabShell | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
  ) => {
    document.head.append(Object.assign(document.createElement("style"), { textContent: sheet }));
    const explorers = new Explorers();
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew: (panel) => addStills(panel as unknown as NotebookPanel, (...where) => told(reopen(app, ...where))),
    });
    if (shell) addBeside(app, shell, explorers, palette, restorer);
    addLauncher(app, explorers, palette, await services(app));
    await addSessions(app, palette, told);
  },
};

export default plugin;
