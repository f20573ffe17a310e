// Files of sessions: a double click opens a notebook with the explorer beside it; a still leads back to its session.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { type ICommandPalette, InputDialog } from "@jupyterlab/apputils";
import type { DocumentRegistry, IDocumentWidget } from "@jupyterlab/docregistry";
import { Widget } from "@lumino/widgets";
import { element } from "../shared/dom";
import { onSessionAsked, SESSION_ENDING } from "../shared/session";
import { icon } from "./icon";
import { openNotebook } from "./new_notebook";
import type { NotebookPanel } from "./notebook";

const OPEN = "cscwidgets:open-session";
const FILE_TYPE = "cscwidgets-session";

/** What a cell says to open a session; a path in JSON is one in Python too. */
export function openingLines(path: string): string[] {
  return ["from cscwidgets import Explorer", `app = Explorer.open(${JSON.stringify(path)})`];
}

function openSession(app: JupyterFrontEnd, path: string): Promise<unknown> {
  const parts = path.slice(path.indexOf(":") + 1).split("/");
  const name = parts.pop() ?? "";
  return openNotebook(app, parts.join("/"), [...openingLines(name), 'app.show("beside")']);
}

async function askedForPath(): Promise<string | null> {
  const { value } = await InputDialog.getText({
    title: "Open the session of an explorer",
    label: `File in JupyterLab's folder, as in "papers/m33${SESSION_ENDING}"`,
    okLabel: "Open",
  });
  return value?.trim() || null;
}

/** Lets JupyterLab open sessions. */
export async function addSessions(
  app: JupyterFrontEnd,
  palette: ICommandPalette | null,
  told: (work: Promise<unknown>) => void,
): Promise<void> {
  onSessionAsked((path) => told(openSession(app, path)));
  app.commands.addCommand(OPEN, {
    label: "Open the Session of an Explorer…",
    caption: "Open a notebook with an explorer as it was saved beside it",
    icon,
    execute: async ({ path }) => {
      const named = typeof path === "string" ? path : await askedForPath();
      if (named) await openSession(app, named);
    },
  });
  palette?.addItem({ command: OPEN, category: "Astronomy" });
  // Not every page shares the module: asking for it when the extension loads would end that there.
  const registry = await import("@jupyterlab/docregistry").catch(() => null);
  if (!registry) return;

  class Factory extends registry.ABCWidgetFactory<IDocumentWidget> {
    protected createNewWidget(context: DocumentRegistry.Context): IDocumentWidget {
      const words = element("p", { class: "csc-session-words", role: "status" }, "Opening the session in a notebook.");
      const document = new (registry as NonNullable<typeof registry>).DocumentWidget({
        content: new Widget({ node: words }),
        context,
      });
      context.ready
        .then(() => openSession(app, context.path))
        .then(() => document.dispose())
        .catch((error: unknown) => {
          words.textContent = `The session was not opened. ${error instanceof Error ? error.message : String(error)}`;
        });
      return document;
    }
  }

  app.docRegistry.addFileType({
    name: FILE_TYPE,
    displayName: "Session of a Chandra explorer",
    extensions: [SESSION_ENDING],
    mimeTypes: ["application/vnd.cscwidgets.session+json"],
    contentType: "file",
    fileFormat: "text",
    icon,
  });
  app.docRegistry.addWidgetFactory(
    new Factory({ name: "Chandra Explorer", fileTypes: [FILE_TYPE], defaultFor: [FILE_TYPE], readOnly: true }),
  );
}

/** Opens a session in a new cell below the one that shows a node. */
export async function reopen(app: JupyterFrontEnd, panel: NotebookPanel, node: Node, path: string): Promise<void> {
  const { content } = panel;
  const index = content.widgets.findIndex((cell) => cell.node.contains(node));
  if (index >= 0) content.activeCellIndex = index;
  app.shell.activateById(panel.id);
  await app.commands.execute("notebook:insert-cell-below");
  content.activeCell?.model.sharedModel?.setSource([...openingLines(path), "app"].join("\n"));
  await app.commands.execute("notebook:run-cell");
}
