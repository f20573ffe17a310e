// A bqplot figure waits 300 ms after the last change of its size before it draws itself anew. While a border is
// dragged that would be never: here its views are told in each frame, and draw in it, not in the next.
import type { AnyModel } from "@anywidget/types";

export interface FigureState {
  _figure: string; // the model of the figure below; empty for none
}

interface FigureView {
  el: HTMLElement;
  /** Lays out in the next frame. */
  relayout(): void;
  /** Lays out at once. */
  relayoutImpl?(): void;
}

/** Lets the figure below an element follow its size; returns what ends it. */
export function followSize(model: AnyModel<FigureState>, el: HTMLElement): () => void {
  const id = model.get("_figure").replace("IPY_MODEL_", "");
  if (!id) return () => {};
  let view: FigureView | undefined;
  let size = "";
  const find = async () => {
    let figure: { views?: Record<string, unknown> };
    try {
      figure = (await model.widget_manager.get_model(id)) as unknown as typeof figure;
    } catch {
      return; // it was closed, and its page is about to be
    }
    for (const made of Object.values(figure.views ?? {})) {
      const one = (await made) as FigureView;
      if (one.el.parentElement === el.parentElement) view = one;
    }
  };
  const observer = new ResizeObserver(async () => {
    const { clientWidth, clientHeight } = el;
    const now = `${clientWidth} ${clientHeight}`;
    const first = size === "";
    if (now === size) return;
    size = now;
    if (first || !clientWidth || !clientHeight) return; // bqplot draws for the first time by itself
    if (!view?.el.isConnected) await find();
    if (view?.relayoutImpl) view.relayoutImpl();
    else view?.relayout();
  });
  observer.observe(el);
  return () => observer.disconnect();
}
