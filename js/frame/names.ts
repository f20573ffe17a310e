// What ipywidgets does not say of its controls: a slider's label to who only hears it, and a label that is not seen
// (`spoken` of cscwidgets.views.controls) to who points at its control.

/** Names all controls below a node by their labels, as they come; returns what ends it. */
export function nameControls(root: HTMLElement): () => void {
  const name = () => {
    for (const handle of root.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = handle.closest(".widget-slider")?.querySelector(".widget-label")?.textContent;
      if (label) handle.setAttribute("aria-label", label);
    }
    for (const control of root.querySelectorAll<HTMLElement>(".csc-spoken:not([title])")) {
      const label = control.querySelector(".widget-label-basic > span, .widget-label")?.textContent;
      if (label) control.title = label;
    }
  };
  const observer = new MutationObserver(name);
  observer.observe(root, { childList: true, subtree: true });
  name();
  return () => observer.disconnect();
}
