import type { AnyModel, RenderProps } from "@anywidget/types";
import { loadAsset, preload } from "../shared/assets";
import { element, failure } from "../shared/dom";
import { type AladinModule, hasWebGL } from "./aladin";
import type { SkyModel, SkyState } from "./model";
import { SkyView } from "./view";

async function render({ model, el }: RenderProps<SkyState>): Promise<() => void> {
  const gone = new AbortController();
  const sky = element("div", { class: "csc-sky-field" });
  const root = element("div", { class: "csc-sky" }, sky);
  const size = () => {
    const height = model.get("_height");
    root.style.height = height < 0 ? "100%" : `${height}px`;
  };
  size();
  model.on("change:_height", size);
  el.classList.add("csc-widget");
  el.append(root);
  let view: SkyView | undefined;
  // Not awaited: JupyterLab lays out, and so gives a size to, only what has been rendered.
  void start().catch((error: unknown) => {
    root.style.height = "auto";
    root.replaceChildren(failure("The sky cannot be drawn here.", error));
  });
  return () => {
    gone.abort();
    model.off("change:_height", size);
    view?.dispose();
    root.remove();
    Object.assign(el, { __cscwidgets: undefined });
  };

  async function start(): Promise<void> {
    if (!hasWebGL())
      throw new Error("This browser offers no WebGL 2; switch hardware acceleration on, or use another one.");
    const { default: api } = await loadAsset<AladinModule>("aladin", model as AnyModel);
    await api.init;
    await sized(sky, gone.signal);
    if (gone.signal.aborted) return;
    view = new SkyView(api, model as SkyModel, root, sky);
    Object.assign(el, { __cscwidgets: view });
  }
}

/** Resolves when an element has a size, or when it is gone. */
function sized(target: HTMLElement, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      observer.disconnect();
      resolve();
    };
    const observer = new ResizeObserver(() => {
      if (target.clientWidth > 20 && target.clientHeight > 20) done();
    });
    observer.observe(target);
    gone.addEventListener("abort", done);
  });
}

function initialize(): void {
  if (hasWebGL()) preload("aladin"); // while the kernel still makes the rest
}

export default { initialize, render };
