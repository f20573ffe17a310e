// A button that puts a text into the clipboard: the one that is here, or one that the kernel makes when it is pressed.
import type { AnyModel, RenderProps } from "@anywidget/types";

interface State {
  label: string;
  text: string;
  asks: boolean;
}

const SHOWN = 1500; // ms that the button says what happened

function render({ model: anyModel, el }: RenderProps): () => void {
  const model = anyModel as AnyModel<State>;
  const button = document.createElement("button");
  button.type = "button";
  button.classList.add("jupyter-widgets", "jupyter-button", "widget-button", "csc-copy");
  el.append(button);
  let timer = 0;

  const show = () => {
    button.textContent = model.get("label");
    button.disabled = !model.get("text") && !model.get("asks");
  };
  show();

  const say = (words: string) => {
    show();
    button.textContent = words;
    clearTimeout(timer);
    timer = window.setTimeout(show, SHOWN);
  };

  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied");
    } catch {
      // A page that is not served securely has no clipboard.
      say(model.get("asks") ? "No clipboard here" : "Please copy it below");
    }
  };

  const answered = (message: { event_type?: string; text?: string }) => {
    if (message.event_type !== "text") return;
    if (message.text) void copy(message.text);
    else show(); // the kernel has said why
  };

  button.addEventListener("click", () => {
    if (model.get("asks")) {
      button.disabled = true;
      model.send({ event_type: "text" });
    } else void copy(model.get("text"));
  });
  model.on("change:label", show);
  model.on("change:text", show);
  model.on("msg:custom", answered);

  return () => {
    clearTimeout(timer);
    model.off("change:label", show);
    model.off("change:text", show);
    model.off("msg:custom", answered);
  };
}

export default { render };
