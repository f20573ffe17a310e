// A border between two areas: dragged with the pointer or the arrow keys, brought back by a double click.
import { element } from "../shared/dom";

const STEP = 0.02;
const LEAST = 0.1;

export interface BorderOptions {
  label: string;
  vertical: boolean;
  get(): number;
  /** While it is dragged. */
  move(part: number): void;
  /** Where it stays. */
  leave(part: number): void;
  /** Which part of the whole a pointer is at. */
  at(event: PointerEvent): number;
  usual(): number;
}

export function border({ label, vertical, get, move, leave, at, usual }: BorderOptions): HTMLElement {
  const node = element("div", {
    class: vertical ? "csc-vline" : "csc-hline",
    role: "separator",
    tabindex: "0",
    "aria-label": label,
    "aria-orientation": vertical ? "vertical" : "horizontal",
    title: `${label}: drag, or use the arrow keys; a double click brings it back`,
  });
  const say = () => node.setAttribute("aria-valuenow", String(Math.round(100 * get())));
  const within = (part: number) => Math.min(1 - LEAST, Math.max(LEAST, part));
  const stay = (part: number) => {
    leave(within(part));
    say();
  };
  let grip = 0; // from the pointer to the border
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    grip = get() - at(event);
    node.setPointerCapture(event.pointerId);
    node.focus();
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) move(within(at(event) + grip));
  });
  node.addEventListener("pointerup", (event) => {
    if (!node.hasPointerCapture(event.pointerId)) return;
    node.releasePointerCapture(event.pointerId);
    stay(at(event) + grip);
  });
  node.addEventListener("dblclick", () => stay(usual()));
  node.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = vertical
      ? { ArrowLeft: -STEP, ArrowRight: STEP }
      : { ArrowUp: STEP, ArrowDown: -STEP };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    stay(get() + step);
  });
  say();
  return node;
}
