// The button that shows an explorer beside the notebook, and the page's word of it to the JupyterLab extension.
import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";
import { element, icon } from "../shared/dom";
import { type BesideModel, labWithin, whenLab } from "../shared/lab";

const PATIENCE = 2000; // ms: the extension is there before any notebook, unless the page is only starting
const COLUMNS = "M1.5 2.5h13v11h-13zM8 2.5v11M10.5 6h2M10.5 8h2M10.5 10h2";

/** Puts code into a cell, and tells the kernel where that cannot be. */
async function insert(model: BesideModel, code: string): Promise<void> {
  const lab = await labWithin(PATIENCE);
  try {
    lab?.insert(model, code);
    model.send({ event_type: "insert", inserted: lab !== null });
  } catch (error) {
    model.send({ event_type: "insert", inserted: false, why: error instanceof Error ? error.message : String(error) });
  }
}

/** Runs when the explorer reaches the page, whether or not anything of it is shown. */
function initialize({ model: anyModel }: InitializeProps): () => void {
  const model = anyModel as AnyModel as BesideModel;
  let gone = false;
  // The kernel cannot answer before this function has returned: nothing here waits.
  void whenLab().then((lab) => gone || lab.add(model));
  void labWithin(PATIENCE).then((lab) => gone || model.send({ event_type: "page", extension: lab !== null }));

  const answer = async () => {
    if (!model.get("_asked")) return;
    const lab = await labWithin(PATIENCE);
    try {
      await lab?.beside(model);
      model.send({ event_type: "beside", shown: lab !== null });
    } catch (error) {
      model.send({ event_type: "beside", shown: false, why: error instanceof Error ? error.message : String(error) });
    }
  };
  model.on("change:_asked", answer);
  const told = (message: { event_type?: string; code?: string }) => {
    if (message.event_type === "insert") void insert(model, message.code ?? "");
  };
  model.on("msg:custom", told);
  void answer();

  return () => {
    gone = true;
    model.off("msg:custom", told);
    void whenLab().then((lab) => lab.remove(model));
  };
}

function render({ model: anyModel, el }: RenderProps): void {
  const model = anyModel as AnyModel as BesideModel;
  const name = "Show beside the notebook";
  const button = element("button", { type: "button", title: name, "aria-label": name }, icon(COLUMNS));
  button.hidden = true; // until there is something that can show it
  el.classList.add("csc-widget", "csc-beside-button");
  el.dataset.root = model.get("_root"); // by which commands know the explorer that they were called on
  el.append(button);
  void whenLab().then((lab) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      lab.beside(model).catch((error: unknown) => lab.tell(error instanceof Error ? error.message : String(error)));
    });
  });
}

export default { initialize, render };
