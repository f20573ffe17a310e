// Commands that put an explorer's selection, query or a variable into a new cell: in the palette and its context menu.
import type { ILabShell, JupyterFrontEnd } from "@jupyterlab/application";
import { type ICommandPalette, Notification } from "@jupyterlab/apputils";
import type { Explorer, Explorers } from "./explorers";
import { icon } from "./icon";
import { isNotebook } from "./notebook";

const CODES = {
  selection: "Send Selection to a New Cell as Code",
  query: "Insert the Query in a New Cell",
  variable: "Export Selection to a Variable",
};
const NONE = "There is no explorer in this notebook: run a cell with Explorer() of cscwidgets first.";

/** Adds the commands. */
export function addCode(
  app: JupyterFrontEnd,
  shell: ILabShell,
  explorers: Explorers,
  palette: ICommandPalette | null,
): void {
  for (const [what, label] of Object.entries(CODES)) {
    const command = `cscwidgets:${what}-code`;
    app.commands.addCommand(command, {
      label,
      icon,
      execute: ({ pointed }) => {
        const explorer = pointed ? pointedAt(app, explorers) : newest(shell, explorers);
        if (explorer) explorer.model.send({ event_type: "code", what });
        else Notification.info(NONE, { autoClose: 8000 }); // ms
      },
    });
    palette?.addItem({ command, category: "Astronomy" });
    app.contextMenu.addItem({ command, args: { pointed: true }, selector: ".csc-explorer", rank: 0 });
  }
}

/** The explorer on which the context menu was opened. */
function pointedAt(app: JupyterFrontEnd, explorers: Explorers): Explorer | undefined {
  const node = app.contextMenuHitTest((one) => one.classList.contains("csc-explorer"));
  const root = node?.querySelector<HTMLElement>(".csc-beside-button")?.dataset.root;
  return explorers.list().find((explorer) => root && explorer.root === root);
}

function newest(shell: ILabShell, explorers: Explorers): Explorer | undefined {
  const { currentWidget } = shell;
  return isNotebook(currentWidget)
    ? explorers.newest(currentWidget.sessionContext.session?.kernel)
    : explorers.list().at(-1);
}
