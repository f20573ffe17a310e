import type { AnyModel, RenderProps } from "@anywidget/types";
import { loadAsset } from "../shared/assets";

async function render({ model, el }: RenderProps): Promise<void> {
  await loadAsset("tabulator", model as AnyModel);
  el.textContent = "loaded";
}

export default { render };
