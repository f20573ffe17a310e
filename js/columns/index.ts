// The columns of a table, to choose from: by group, and by words of their names and descriptions.
import type { AnyModel, RenderProps } from "@anywidget/types";
import { element, say } from "../shared/dom";
import { type Column, found } from "./found";

interface State {
  columns: Column[];
  chosen: string[];
  usual: string[];
  groups: string[];
}

const ALL = "All groups";
const CHOSEN = "Chosen";

function render({ model: anyModel, el }: RenderProps): () => void {
  const model = anyModel as AnyModel<State>;
  el.classList.add("csc-widget", "csc-columns");
  const search = element("input", {
    type: "search",
    placeholder: "Find a column: gamma, variability hard …",
    "aria-label": "Find a column by words of its name or description",
    spellcheck: "false",
  });
  const group = element("select", { "aria-label": "Group of columns" });
  const count = element("span", { class: "csc-count", role: "status" });
  const list = element("div", { class: "csc-columns-list csc-scrolled", role: "group", "aria-label": "Columns" });
  el.append(element("div", { class: "csc-columns-bar" }, search, group, count), list);

  const chosen = () => new Set(model.get("chosen"));

  const choose = (name: string, wanted: boolean) => {
    const others = model.get("chosen").filter((one) => one !== name);
    model.set("chosen", wanted ? [...others, name] : others);
    model.save_changes();
  };

  const line = (column: Column, picked: Set<string>, usual: Set<string>): HTMLElement => {
    const { name, unit, description } = column;
    const box = element("input", { type: "checkbox", value: name });
    box.checked = picked.has(name) || usual.has(name);
    box.disabled = usual.has(name);
    box.addEventListener("change", () => choose(name, box.checked));
    const always = usual.has(name) ? "always comes along" : "";
    const words = element("small", {}, [unit && `[${unit}]`, description].filter(Boolean).join(" "));
    const title = [`${name}${unit ? ` [${unit}]` : ""}`, description, always].filter(Boolean).join("\n");
    return element("label", { title }, box, element("span", {}, name), words);
  };

  const fill = () => {
    const picked = chosen();
    const usual = new Set(model.get("usual"));
    const wanted = group.value;
    const offered = found(model.get("columns"), search.value).filter(
      (column) => wanted === ALL || (wanted === CHOSEN ? picked.has(column.name) : column.group === wanted),
    );
    const parts: Node[] = [];
    for (const title of model.get("groups")) {
      const members = offered.filter((column) => column.group === title);
      if (members.length) parts.push(element("h4", {}, `${title} (${members.length})`));
      parts.push(...members.map((column) => line(column, picked, usual)));
    }
    list.replaceChildren(...(parts.length ? parts : [element("p", {}, "No column has these words.")]));
    tell();
  };

  const tell = () => say(count, `${model.get("chosen").length} of ${model.get("columns").length} chosen`);

  const mark = () => {
    const picked = chosen();
    for (const box of list.querySelectorAll("input")) if (!box.disabled) box.checked = picked.has(box.value);
    if (group.value === CHOSEN) fill();
    tell();
  };

  const offer = () => {
    const before = group.value || ALL;
    const there = new Set(model.get("columns").map((column) => column.group));
    const titles = [ALL, CHOSEN, ...model.get("groups").filter((title) => there.has(title))];
    group.replaceChildren(...titles.map((title) => element("option", {}, title)));
    group.value = titles.includes(before) ? before : ALL;
    fill();
  };

  search.addEventListener("input", fill);
  group.addEventListener("change", fill);
  el.addEventListener("keydown", (event) => event.stopPropagation()); // the notebook has keys of its own
  const reactions: [string, () => void][] = [
    ["change:columns", offer],
    ["change:groups", offer],
    ["change:usual", fill],
    ["change:chosen", mark],
  ];
  for (const [event, react] of reactions) model.on(event, react);
  offer();
  return () => {
    for (const [event, react] of reactions) model.off(event, react);
  };
}

export default { render };
