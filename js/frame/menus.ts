// Menus of the bar: a button and what opens below it, opened and closed in the browser.
const MENU = ".csc-menu";
const OPEN = "csc-open";

/** Lets all menus below a node open and close; returns what undoes it. */
export function handleMenus(root: HTMLElement): () => void {
  const control = new AbortController();
  const { signal } = control;

  const close = (except?: Element | null) => {
    for (const menu of root.querySelectorAll(`${MENU}.${OPEN}`)) if (menu !== except) set(menu, false);
  };

  root.addEventListener(
    "click",
    (event) => {
      const button = (event.target as Element).closest(".csc-menu-button");
      const menu = button?.closest(MENU);
      if (menu) set(menu, !menu.classList.contains(OPEN));
    },
    { signal },
  );
  root.addEventListener(
    "keydown",
    (event) => {
      // A message opens by itself: then the focus is elsewhere, and stays.
      const target = event.target as Element;
      const menu = target.closest(`${MENU}.${OPEN}`) ?? root.querySelector(`${MENU}.${OPEN}`);
      if (event.key !== "Escape" || !menu) return;
      set(menu, false);
      if (menu.contains(target)) menu.querySelector<HTMLElement>(".csc-menu-button")?.focus();
      event.stopPropagation();
    },
    { signal, capture: true }, // ipywidgets' text fields keep their keys to themselves
  );
  document.addEventListener("pointerdown", (event) => close((event.target as Element).closest(MENU)), { signal });
  return () => control.abort();
}

/** Open the menu of a name. */
export function openMenu(root: HTMLElement, name: string): void {
  const menu = root.querySelector(`.csc-menu-${name}`);
  if (menu) set(menu, true);
}

function set(menu: Element, open: boolean): void {
  menu.classList.toggle(OPEN, open);
  const button = menu.querySelector(".csc-menu-button");
  button?.setAttribute("aria-expanded", String(open));
}
