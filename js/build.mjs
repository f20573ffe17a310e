// Bundles the widgets and the heavy libraries they share.
//   node js/build.mjs --lab   compiles the JupyterLab extension for jupyter-builder
//   node js/build.mjs         builds everything else; run it last: jupyter-builder empties its output folder

import { existsSync } from "node:fs";
import { cp, readdir, readFile } from "node:fs/promises";
import { build } from "esbuild";

const WIDGETS = "cscwidgets/static";
const LIBRARIES = "cscwidgets/labextension/static";

const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};

async function version(library) {
  return JSON.parse(await readFile(`node_modules/${library}/package.json`, "utf8")).version;
}

async function lab() {
  await build({
    ...common,
    minify: false,
    packages: "external",
    entryPoints: ["js/lab/index.ts"],
    outdir: "lib/lab",
    loader: { ".svg": "text", ".css": "text" },
  });
}

async function widgets() {
  const folders = (await readdir("js", { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && entry.name !== "lab",
  );
  const names = folders.map((folder) => folder.name).filter((name) => existsSync(`js/${name}/index.ts`));
  await build({
    ...common,
    entryPoints: Object.fromEntries(
      names.flatMap((name) => [
        [name, `js/${name}/index.ts`],
        ...(existsSync(`js/${name}/style.css`) ? [[`${name}-style`, `js/${name}/style.css`]] : []),
      ]),
    ),
    outdir: WIDGETS,
    loader: { ".svg": "text" },
    define: {
      ALADIN_VERSION: JSON.stringify(await version("aladin-lite")),
      TABULATOR_VERSION: JSON.stringify(await version("tabulator-tables")),
    },
  });
}

async function libraries() {
  await build({
    ...common,
    entryPoints: { tabulator: "js/vendor/tabulator.ts" },
    outdir: LIBRARIES,
    loader: { ".css": "text" },
  });
  const copies = {
    "aladin-lite/dist/aladin.js": "aladin.js", // untouched: LGPL, anyone may put another build in its place
    "aladin-lite/LICENSE": "aladin.LGPL-3.txt",
    "aladin-lite/COPYING": "aladin.GPL-3.txt",
    "tabulator-tables/LICENSE": "tabulator.MIT.txt",
  };
  for (const [from, to] of Object.entries(copies)) await cp(`node_modules/${from}`, `${LIBRARIES}/${to}`);
}

if (process.argv.includes("--lab")) await lab();
else await Promise.all([widgets(), libraries()]);
