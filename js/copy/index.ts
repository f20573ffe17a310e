// A button that puts a text into the clipboard.
import type { AnyModel, RenderProps } from "@anywidget/types";

interface State {
  label: string;
  text: string;
}

const SHOWN = 1500; // ms that the button says what happened

function render({ model: anyModel, el }: RenderProps): () => void {
  const model = anyModel as AnyModel<State>;
  const button = document.createElement("button");
  button.classList.add("jupyter-widgets", "jupyter-button", "widget-button", "csc-copy");
  el.append(button);
  let timer = 0;

  const show = () => {
    button.textContent = model.get("label");
    button.disabled = !model.get("text");
  };
  show();

  const say = (words: string) => {
    button.textContent = words;
    clearTimeout(timer);
    timer = window.setTimeout(show, SHOWN);
  };

  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(model.get("text"));
      say("Copied");
    } catch {
      // A page that is not served securely has no clipboard.
      say("Please copy it below");
    }
  });
  model.on("change:label", show);
  model.on("change:text", show);

  return () => {
    clearTimeout(timer);
    model.off("change:label", show);
    model.off("change:text", show);
  };
}

export default { render };
