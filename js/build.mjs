// Bundles the widgets and the heavy libraries they share.
//   node js/build.mjs --lab   compiles the JupyterLab extension for jupyter-builder
//   node js/build.mjs         builds everything else; run it last: jupyter-builder empties its output folder

import { existsSync } from "node:fs";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const WIDGETS = "cscwidgets/static";
const LIBRARIES = "cscwidgets/labextension/static";

const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

async function card(library) {
  return JSON.parse(await readFile(`node_modules/${library}/package.json`, "utf8"));
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
  const { metafile } = await build({
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
      ALADIN_VERSION: JSON.stringify((await card("aladin-lite")).version),
      TABULATOR_VERSION: JSON.stringify((await card("tabulator-tables")).version),
    },
  });
  return packagesIn(metafile);
}

async function libraries() {
  const { metafile } = await build({
    ...common,
    entryPoints: { tabulator: "js/vendor/tabulator.ts" },
    outdir: LIBRARIES,
    loader: { ".css": "text" },
  });
  // Untouched: LGPL, anyone may put another build in its place.
  await cp("node_modules/aladin-lite/dist/aladin.js", `${LIBRARIES}/aladin.js`);
  return [...packagesIn(metafile), "aladin-lite"];
}

/** The packages whose code is in what esbuild made. */
function packagesIn({ inputs }) {
  return Object.keys(inputs).flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
}

/** Add to the list that JupyterLab shows of an extension's licences, in which the builder has put those of its part. */
async function licences(packages) {
  const file = `${LIBRARIES}/third-party-licenses.json`;
  const list = JSON.parse(await readFile(file, "utf8"));
  for (const name of [...new Set(packages)].sort()) {
    const { version, license } = await card(name);
    const texts = (await readdir(`node_modules/${name}`))
      .filter((entry) => /^(licen[cs]e|copying)/i.test(entry))
      .sort();
    const read = await Promise.all(texts.map((text) => readFile(`node_modules/${name}/${text}`, "utf8")));
    list.packages = list.packages.filter((other) => other.name !== name);
    list.packages.push({ name, versionInfo: version, licenseId: license, extractedText: read.join("\n\n") });
  }
  await writeFile(file, `${JSON.stringify(list, null, 2)}\n`);
}

if (process.argv.includes("--lab")) await lab();
else await licences((await Promise.all([widgets(), libraries()])).flat());
