// Arranges an explorer: its height, its areas and the borders between them, tabs and menus. Nothing here asks the
// kernel: an explorer is rearranged while it computes.
import type { AnyModel, RenderProps } from "@anywidget/types";
import { Areas } from "./areas";
import { border } from "./border";
import { handleMenus, openMenu } from "./menus";
import { AREAS, type Area, choose, type FrameState } from "./model";
import { nameControls } from "./names";
import { roomFor, scrollerOf } from "./room";
import { Tabs } from "./tabs";
import { PANEL, sizeOf, template } from "./template";

function render({ model: anyModel, el }: RenderProps): () => void {
  const model = anyModel as AnyModel<FrameState>;
  el.classList.add("csc-frame");
  const root = () => el.closest<HTMLElement>(".csc-explorer");

  // What a window of this width shows is no choice of the reader's, and is kept with the view.
  let narrowTable = false;
  let alone: Area = "panels";
  let dragged: { sky?: number; table?: number } = {};

  const size = () => sizeOf(root()?.clientWidth ?? 0);
  const shown = (): Set<Area> => {
    if (size() === "single") return new Set([alone]);
    const folded = new Set(model.get("folded"));
    if (size() === "narrow" && !narrowTable) folded.add("table");
    return new Set(AREAS.filter((area) => !folded.has(area)));
  };

  const press = (area: Area) => {
    if (size() === "single") alone = area;
    else if (size() === "narrow" && area === "table") narrowTable = !narrowTable;
    else {
      const folded = model.get("folded");
      const next = folded.includes(area) ? folded.filter((one) => one !== area) : [...folded, area];
      if (next.length < AREAS.length) choose(model, { folded: next });
    }
    arrange();
  };
  const only = (area: Area) => {
    alone = area;
    narrowTable = area === "table";
    choose(model, { folded: AREAS.filter((one) => one !== area) });
    arrange();
  };

  const line = (part: "sky" | "table", label: string, at: (event: PointerEvent, box: DOMRect) => number) =>
    border({
      label,
      vertical: part === "sky",
      get: () => model.get(part),
      usual: () => model.get("usual")[part],
      at: (event) => at(event, (root() as HTMLElement).getBoundingClientRect()),
      move: (value) => {
        root()?.classList.add("csc-dragged");
        dragged = { [part]: value };
        arrange();
      },
      leave: (value) => {
        root()?.classList.remove("csc-dragged");
        dragged = {};
        choose(model, { [part]: value });
        arrange();
      },
    });

  const tabs = new Tabs(model);
  const areas = new Areas(press, only);
  const lines = [
    line("sky", "Border between sky and panels", (event, box) => (event.clientX - box.left) / box.width),
    line("table", "Border above the table", (event, box) => (box.bottom - event.clientY) / box.height),
  ] as const;
  el.append(tabs.node, ...lines, areas.node);

  const arrange = () => {
    const home = root();
    if (!home?.clientWidth) return;
    const visible = shown();
    home.dataset.size = size();
    home.style.gridTemplate = template(
      size(),
      visible,
      dragged.sky ?? model.get("sky"),
      dragged.table ?? model.get("table"),
    );
    for (const area of AREAS) home.classList.toggle(`csc-no-${area}`, !visible.has(area));
    areas.update(visible);
    turn();
  };

  /** Show the page in front, and the pinned one where there is room. */
  const turn = () => {
    tabs.update();
    const stage = root()?.querySelector<HTMLElement>(".csc-stage");
    if (!stage) return;
    arrived.observe(stage, { childList: true });
    const two = stage.clientWidth >= 2 * PANEL;
    if (stage.clientWidth && two !== model.get("two")) choose(model, { two });
    const [front, pinned] = [model.get("front"), model.get("pinned")];
    for (const page of stage.children) {
      const is = (name: string) => name !== "" && page.classList.contains(`csc-page-${name}`);
      page.classList.toggle("csc-front", is(front) || (two && is(pinned)));
      page.classList.toggle("csc-second", two && is(pinned) && !is(front));
    }
  };

  const refit = () => {
    const home = root();
    if (!home) return;
    const height = roomFor(home, model.get("height"));
    if (home.style.height !== height) home.style.height = height;
    arrange();
  };

  let undo = () => {};
  // The view is made before it is in the page, and its neighbours after it.
  const resized = new ResizeObserver(refit);
  const arrived = new MutationObserver(refit);
  const begin = () => {
    const home = root();
    if (!home) {
      frame = requestAnimationFrame(begin);
      return;
    }
    const ends = [handleMenus(home), nameControls(home)];
    undo = () => {
      for (const end of ends) end();
    };
    resized.observe(home);
    const scroller = scrollerOf(home);
    if (scroller) resized.observe(scroller);
    arrived.observe(home, { childList: true });
    home.addEventListener("keydown", keep);
    refit();
  };
  let frame = requestAnimationFrame(begin);

  const opens = () => {
    const home = root();
    if (home) openMenu(home, "messages");
  };
  const reactions: [string, () => void][] = [
    ["change:front", turn],
    ["change:pinned", turn],
    ["change:sky", arrange],
    ["change:table", arrange],
    ["change:folded", arrange],
    ["change:height", refit],
    ["change:news", opens],
  ];
  for (const [event, react] of reactions) model.on(event, react);

  return () => {
    cancelAnimationFrame(frame);
    undo();
    resized.disconnect();
    tabs.dispose();
    arrived.disconnect();
    for (const [event, react] of reactions) model.off(event, react);
  };
}

/** A key pressed in an explorer is none of the notebook's commands: there, "d d" deletes the cell. */
function keep(event: KeyboardEvent): void {
  const forNotebook = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
  if (!forNotebook && event.key !== "Tab") event.stopPropagation();
}

export default { render };
