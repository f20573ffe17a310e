// A heavy library reaches the page once: as a static file of the JupyterLab extension where a server
// serves it, else as one binary message from the kernel (VS Code, Colab, a server without our extension).
import type { AnyModel } from "@anywidget/types";

declare const ALADIN_VERSION: string;
declare const TABULATOR_VERSION: string;

const VERSIONS = { aladin: ALADIN_VERSION, tabulator: TABULATOR_VERSION };

export type AssetName = keyof typeof VERSIONS;

const KERNEL_TIMEOUT = 60_000;

/** The library's module. Call it in `render`: the kernel cannot answer during `initialize`. */
export function loadAsset<T>(name: AssetName, model: AnyModel): Promise<T> {
  const page = globalThis as unknown as Record<symbol, Promise<T> | undefined>;
  const key = Symbol.for(`cscwidgets.${name}@${VERSIONS[name]}`);
  page[key] ??= load<T>(name, model).catch((error: unknown) => {
    page[key] = undefined; // a later view may try again
    throw error;
  });
  return page[key];
}

/** Begin to load a library that will be asked for soon, where a server serves it. */
export function preload(name: AssetName): void {
  const url = staticUrl(name);
  if (url) import(url).catch(() => {}); // loadAsset tells of what fails
}

async function load<T>(name: AssetName, model: AnyModel): Promise<T> {
  const url = staticUrl(name);
  if (url) {
    try {
      return await import(url);
    } catch {
      console.info(`cscwidgets: ${name} is not served here; asking the kernel for it`);
    }
  }
  const blob = URL.createObjectURL(new Blob([await fromKernel(name, model)], { type: "text/javascript" }));
  try {
    return await import(blob);
  } finally {
    URL.revokeObjectURL(blob);
  }
}

/** Configuration that JupyterLab and Voila write into their page; empty elsewhere. */
export function pageConfig(): Record<string, string | undefined> {
  try {
    return JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
  } catch {
    return {};
  }
}

function staticUrl(name: AssetName): string | undefined {
  const config = pageConfig();
  const folder = config.fullLabextensionsUrl ?? (config.baseUrl && `${config.baseUrl}lab/extensions`);
  if (!folder) return undefined;
  const path = `${folder.replace(/\/$/, "")}/cscwidgets/static/${name}.js?v=${VERSIONS[name]}`;
  return new URL(path, location.href).href;
}

/** Whether this page was made of a saved notebook, by nbconvert, Sphinx and the like: it carries its widgets' state. */
function savedPage(): boolean {
  return document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]') !== null;
}

function fromKernel(name: AssetName, model: AnyModel): Promise<DataView<ArrayBuffer>> {
  if (savedPage()) return Promise.reject(new Error("This is a saved page. Run its notebook to explore."));
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      model.off("msg:custom", answer);
    };
    const answer = (message: { event_name?: string; name?: string; error?: string }, buffers: DataView[]) => {
      if (message.event_name !== "asset" || message.name !== name) return;
      done();
      if (buffers[0]) resolve(buffers[0] as DataView<ArrayBuffer>);
      else reject(new Error(message.error));
    };
    const timer = setTimeout(() => {
      done();
      reject(new Error(`The kernel did not send ${name}.js. Run the cell again.`));
    }, KERNEL_TIMEOUT);
    model.on("msg:custom", answer);
    model.send({ event_type: "asset", name });
  });
}
