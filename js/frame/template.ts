// Where the areas of an explorer stand, as a CSS grid template: pure, so that every arrangement can be tested.
import type { Area } from "./model";

export const WIDE = 900; // px: sky beside panels
export const NARROW = 600; // px: sky above panels; below that one area at a time
export const PANEL = 460; // px: least width of a panel

const SKY = 300; // px: least width of the sky beside a panel
const BORDER = "6px";
const TABS = "30px";
const REST = "minmax(0, 1fr)";

export type Size = "wide" | "narrow" | "single";

export function sizeOf(width: number): Size {
  if (width >= WIDE) return "wide";
  return width >= NARROW ? "narrow" : "single";
}

/** The grid template of these areas; `sky` and `table` are their parts of the width and the height. */
export function template(size: Size, shown: ReadonlySet<Area>, sky: number, table: number): string {
  const [hasSky, hasPanels, hasTable] = [shown.has("sky"), shown.has("panels"), shown.has("table")];
  const beside = size === "wide" && hasSky && hasPanels;
  const columns = beside
    ? [`clamp(${SKY}px, ${percent(sky)}, calc(100% - ${PANEL}px - ${BORDER}))`, BORDER, REST]
    : [REST];
  const rows: [string[], string][] = [[["bar"], "auto"]];
  if (beside) rows.push([["sky", "vline", "tabs"], TABS], [["sky", "vline", "stage"], REST]);
  else {
    if (hasSky) rows.push([["sky"], hasPanels ? "minmax(0, 2fr)" : REST]);
    if (hasPanels) rows.push([["tabs"], "auto"], [["stage"], hasSky ? "minmax(0, 3fr)" : REST]);
  }
  if (!hasTable) rows.push([["table"], "auto"]);
  else if (!hasSky && !hasPanels) rows.push([["table"], REST]);
  else rows.push([["hline"], BORDER], [["table"], `clamp(90px, ${percent(table)}, calc(100% - 160px))`]);
  const lines = rows.map(([names, height]) => {
    const across = names.length === columns.length ? names : columns.map(() => names[0]);
    return `"${across.join(" ")}" ${height}`;
  });
  return `${lines.join(" ")} / ${columns.join(" ")}`;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)}%`;
}
