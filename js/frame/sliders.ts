// ipywidgets' sliders have a label, but not for who only hears them.

/** Names the handles of all sliders below a node by their labels, as they come; returns what ends it. */
export function nameSliders(root: HTMLElement): () => void {
  const name = () => {
    for (const handle of root.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = handle.closest(".widget-slider")?.querySelector(".widget-label")?.textContent;
      if (label) handle.setAttribute("aria-label", label);
    }
  };
  const observer = new MutationObserver(name);
  observer.observe(root, { childList: true, subtree: true });
  name();
  return () => observer.disconnect();
}
