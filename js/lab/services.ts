// What only some pages have: Voila knows no file browser, and asking for its token when the extension loads would end it.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import type { ILauncher } from "@jupyterlab/launcher";
import type { IStateDB } from "@jupyterlab/statedb";
import type { Token } from "@lumino/coreutils";

export interface Services {
  launcher: ILauncher | null;
  browser: IDefaultFileBrowser | null;
  state: IStateDB | null;
}

async function found<T>(app: JupyterFrontEnd, token: Promise<Token<T>>): Promise<T | null> {
  try {
    return await app.resolveOptionalService(await token);
  } catch {
    return null; // the page does not share the module
  }
}

export async function services(app: JupyterFrontEnd): Promise<Services> {
  const [launcher, browser, state] = await Promise.all([
    found(
      app,
      import("@jupyterlab/launcher").then((module) => module.ILauncher),
    ),
    found(
      app,
      import("@jupyterlab/filebrowser").then((module) => module.IDefaultFileBrowser),
    ),
    found(
      app,
      import("@jupyterlab/statedb").then((module) => module.IStateDB),
    ),
  ]);
  return { launcher, browser, state };
}
