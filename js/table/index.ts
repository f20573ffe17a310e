import type { AnyModel, RenderProps } from "@anywidget/types";
import { loadAsset, preload } from "../shared/assets";
import { element, failure } from "../shared/dom";
import type { TableModel, TableState } from "./model";
import { TableView, type TabulatorModule } from "./view";

function render({ model, el }: RenderProps<TableState>): () => void {
  const root = element("div", { class: "csc-table" });
  el.classList.add("csc-widget");
  el.append(root);
  let view: TableView | undefined;
  let gone = false;
  void loadAsset<TabulatorModule>("tabulator", model as AnyModel)
    .then((tabulator) => {
      if (gone) return;
      view = new TableView(tabulator, model as TableModel, root);
      Object.assign(el, { __cscwidgets: view });
    })
    .catch((error: unknown) => root.replaceChildren(failure("The table cannot be drawn here.", error)));
  return () => {
    gone = true;
    view?.dispose();
    root.remove();
    Object.assign(el, { __cscwidgets: undefined });
  };
}

function initialize(): void {
  preload("tabulator");
}

export default { initialize, render };
