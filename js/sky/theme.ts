// Colours that stay apart for colour-blind eyes (Okabe and Ito's set), on light, dark and image backgrounds.

export interface Palette {
  background: string;
  grid: string;
  label: string;
  halo: string;
  source: string;
  selected: string;
  edge: string;
  focus: string;
  region: string;
  detection: string;
  drawing: string;
  candidate: string;
  covered: string;
  /** By instrument. */
  fields: Record<string, string>;
}

const LIGHT: Palette = {
  background: "#f7f9fb",
  grid: "#d3dae2",
  label: "#5a6672",
  halo: "rgba(247, 249, 251, 0.85)",
  source: "#0072b2",
  selected: "#e6007e",
  edge: "#ffffff",
  focus: "#111111",
  region: "#007a59",
  detection: "#8a5a00",
  drawing: "#aa3377",
  candidate: "#d55e00",
  covered: "rgba(86, 180, 233, 0.25)",
  fields: { "ACIS-I": "#b36b00", "ACIS-S": "#a8487f", HRC: "#0072b2", ACIS: "#5a6672" },
};

const DARK: Palette = {
  background: "#11151c",
  grid: "#2c3540",
  label: "#9aa7b5",
  halo: "rgba(17, 21, 28, 0.85)",
  source: "#56b4e9",
  selected: "#ff4da6",
  edge: "#11151c",
  focus: "#ffffff",
  region: "#2fd6a3",
  detection: "#f0b95a",
  drawing: "#f08ac0",
  candidate: "#ff8a3d",
  covered: "rgba(86, 180, 233, 0.28)",
  fields: { "ACIS-I": "#e69f00", "ACIS-S": "#cc79a7", HRC: "#56b4e9", ACIS: "#b8c4d0" },
};

const IMAGE: Palette = { ...DARK, grid: "rgba(160, 176, 192, 0.45)", label: "#e4e9ee", halo: "rgba(0, 0, 0, 0.6)" };

export type Theme = "auto" | "light" | "dark";

export function isDark(theme: Theme): boolean {
  if (theme !== "auto") return theme === "dark";
  const lab = document.body.dataset.jpThemeLight;
  return lab === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : lab === "false";
}

/** The palette for a theme; a background image is taken to be dark, as the sky is. */
export function palette(theme: Theme, hasImage: boolean): Palette {
  if (hasImage) return IMAGE;
  return isDark(theme) ? DARK : LIGHT;
}

/** Calls back when JupyterLab's theme changes. Returns how to stop. */
export function onThemeChange(callback: () => void): () => void {
  const observer = new MutationObserver(callback);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  return () => observer.disconnect();
}
