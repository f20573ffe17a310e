// The launcher card and the palette commands that open a notebook with an explorer beside it.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ICommandPalette } from "@jupyterlab/apputils";
import type { IStateDB } from "@jupyterlab/statedb";
import type { Widget } from "@lumino/widgets";
import type { Explorers } from "./explorers";
import { icon, iconUrl } from "./icon";
import { openNotebook } from "./new_notebook";
import type { Services } from "./services";

export const EXPLORE = "cscwidgets:explore";
const ALSO_EXPLORE = "cscwidgets:explore-other"; // for the palette
const LAST = "cscwidgets:archive";

type ArchiveName = "demo" | "csc2.1";

const LABELS: Record<ArchiveName, string> = {
  "csc2.1": "Explore the Chandra Source Catalog",
  demo: "Explore the Simulated Chandra Source Catalog (Works Offline)",
};

function isArchive(name: unknown): name is ArchiveName {
  return typeof name === "string" && name in LABELS;
}

/** The archive that was used last, kept with JupyterLab's state. */
class LastUsed {
  name: ArchiveName = "demo";

  constructor(private state: IStateDB | null) {
    void state?.fetch(LAST).then((name) => {
      if (isArchive(name)) this.name = name;
    });
  }

  remember(name: string): void {
    if (!isArchive(name) || name === this.name) return;
    this.name = name;
    void this.state?.save(LAST, name);
  }
}

/** Opens a new notebook in the folder, with an explorer beside it. */
function explore(app: JupyterFrontEnd, folder: string, archive: ArchiveName): Promise<Widget | undefined> {
  return openNotebook(app, folder, [
    "from cscwidgets import Explorer",
    `app = Explorer("M33", radius="1 deg", archive="${archive}")`,
    'app.show("beside")',
  ]);
}

export function addLauncher(
  app: JupyterFrontEnd,
  explorers: Explorers,
  palette: ICommandPalette | null,
  { launcher, browser, state }: Services,
): void {
  const last = new LastUsed(state);
  explorers.changed.connect(() => {
    const newest = explorers.list().at(-1);
    if (newest) last.remember(newest.report.archive);
  });
  const start = (archive: ArchiveName, cwd: unknown) => {
    last.remember(archive);
    return explore(app, (cwd as string) || browser?.model.path || "", archive);
  };
  app.commands.addCommand(EXPLORE, {
    label: "Chandra Source Catalog",
    caption: "Open a notebook with an explorer of the Chandra Source Catalog beside it",
    icon,
    execute: ({ cwd }) => start(last.name, cwd),
  });
  app.commands.addCommand(ALSO_EXPLORE, {
    label: ({ archive }) => (isArchive(archive) ? LABELS[archive] : LABELS["csc2.1"]),
    caption: "Open a notebook with an explorer beside it",
    icon,
    execute: ({ archive, cwd }) => start(isArchive(archive) ? archive : "csc2.1", cwd),
  });
  launcher?.add({ command: EXPLORE, category: "Notebook", rank: 1000, kernelIconUrl: iconUrl });
  for (const archive of Object.keys(LABELS)) {
    palette?.addItem({ command: ALSO_EXPLORE, category: "Astronomy", args: { archive } });
  }
}
