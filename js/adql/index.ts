// A query to read and write; beside it, what may stand where the cursor is.
import type { AnyModel, RenderProps } from "@anywidget/types";
import { element } from "../shared/dom";
import { complete, type Suggestions, type Tables } from "./complete";

interface State {
  value: string;
  tables: Tables;
}

const TYPED = 400; // ms after the last key before the kernel is told
let boxes = 0;

function render({ model: anyModel, el }: RenderProps): () => void {
  const model = anyModel as AnyModel<State>;
  const id = `csc-adql-${boxes++}`;
  el.classList.add("csc-widget", "csc-adql");
  const area = element("textarea", {
    "aria-label": "The query, in ADQL",
    "aria-describedby": `${id}-help`,
    "aria-autocomplete": "list",
    "aria-controls": id,
    role: "combobox",
    "aria-expanded": "true",
    spellcheck: "false",
    autocapitalize: "off",
    placeholder: "SELECT TOP 10 name FROM …",
  });
  const list = element("ul", { id, role: "listbox", "aria-label": "What may stand at the cursor" });
  const help = element(
    "div",
    { id: `${id}-help`, class: "csc-adql-help" },
    "Alt+↓ and Alt+↑ go through the list, Alt+Enter takes from it; Ctrl+Enter sends the query.",
  );
  el.append(area, element("div", { class: "csc-adql-side" }, list, help));
  let offered: Suggestions = { from: 0, options: [] };
  let active = 0;
  let timer = 0;

  const offer = () => {
    offered = complete(area.value, area.selectionStart, model.get("tables"));
    active = 0;
    list.replaceChildren(
      ...offered.options.map(({ text, detail }, index) => {
        const item = element(
          "li",
          { role: "option", id: `${id}-${index}`, title: detail },
          element("b", {}, text),
          detail,
        );
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault(); // the cursor stays in the text
          take(index);
        });
        return item;
      }),
    );
    mark();
  };

  const mark = () => {
    [...list.children].forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === active));
    });
    const item = list.children[active] as HTMLElement | undefined;
    area.setAttribute("aria-activedescendant", item?.id ?? "");
    if (item) list.scrollTop = Math.max(0, item.offsetTop - list.clientHeight / 2);
  };

  const tell = () => {
    clearTimeout(timer);
    if (area.value === model.get("value")) return;
    model.set("value", area.value);
    model.save_changes();
  };

  const take = (index: number) => {
    const option = offered.options[index];
    if (!option) return;
    area.setRangeText(option.text, offered.from, area.selectionStart, "end");
    area.focus();
    changed();
  };

  const changed = () => {
    offer();
    clearTimeout(timer);
    timer = window.setTimeout(tell, TYPED);
  };

  area.addEventListener("input", changed);
  area.addEventListener("click", offer);
  area.addEventListener("focus", offer);
  area.addEventListener("blur", tell);
  area.addEventListener("keyup", (event) => {
    if (/^(Arrow|Home|End)/.test(event.key) && !event.altKey) offer();
  });
  area.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      tell();
      model.send({ event_type: "run" });
      event.preventDefault();
    } else if (event.altKey && /^Arrow(Down|Up)$/.test(event.key)) {
      const most = offered.options.length - 1;
      active = Math.max(0, Math.min(most, active + (event.key === "ArrowDown" ? 1 : -1)));
      mark();
      event.preventDefault();
    } else if (event.altKey && event.key === "Enter") {
      take(active);
      event.preventDefault();
    }
    event.stopPropagation(); // the notebook has keys of its own
  });

  const show = () => {
    if (area.value !== model.get("value")) area.value = model.get("value");
    offer();
  };
  model.on("change:value", show);
  model.on("change:tables", offer);
  show();
  return () => {
    clearTimeout(timer);
    model.off("change:value", show);
    model.off("change:tables", offer);
  };
}

export default { render };
