// What the pointer does to the sources: a name when it rests on one, a pick when it clicks one.
import { element, say } from "../shared/dom";
import { type Mode, modeOf } from "../shared/modes";
import type { Layers } from "./layers";

const RESTING = 60; // ms before the kernel hears of it
const STEADY = 3; // pixels; a click that moves more is a drag of the sky

interface Handlers {
  /** Whether the pointer is drawing something instead. */
  busy(): boolean;
  redraw(): void;
  /** The pointer is at this pixel, or has left. */
  at(point: [number, number] | undefined): void;
  hovered(name: string | null): void;
  clicked(name: string, mode: Mode): void;
  /** The sky was clicked at this pixel, on a source or beside all. */
  pressed(point: [number, number], beside: boolean): void;
}

export class Pointer {
  private readonly tooltip = element("div", { class: "csc-tooltip", hidden: "" });
  private pressed: [number, number] | undefined;
  private last: PointerEvent | undefined; // while the pointer is on the sky
  private news: string | null = null; // what the kernel is about to hear
  private told: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly field: HTMLElement,
    private readonly layers: Layers,
    private readonly handlers: Handlers,
  ) {
    field.append(this.tooltip);
    field.addEventListener("pointerdown", (event) => {
      this.pressed = event.button === 0 ? this.point(event) : undefined;
    });
    field.addEventListener("pointerup", (event) => {
      this.last = event;
      this.click(event);
    });
    field.addEventListener("pointermove", (event) => {
      this.last = event;
      handlers.at(this.point(event));
      this.look();
    });
    field.addEventListener("pointerleave", () => {
      this.last = undefined;
      this.hover(-1);
      handlers.at(undefined);
    });
  }

  /** See what is below the pointer: it moved, or the sky or its sources did below a pointer at rest. */
  look(): void {
    if (!this.last) return;
    const resting = this.last.buttons === 0 && !this.handlers.busy();
    const point = this.point(this.last);
    this.hover(resting ? this.layers.pick(...point) : -1);
    const own = resting && this.layers.hovered < 0 ? this.layers.own.pick(...point) : undefined;
    this.field.classList.toggle("csc-over-source", this.layers.hovered >= 0 || own !== undefined);
    if (own) this.showName(own.label, own.x, own.y);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private point(event: MouseEvent): [number, number] {
    const box = this.field.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private click(event: MouseEvent): void {
    const [x, y] = this.point(event);
    if (this.handlers.busy() || !this.pressed) return;
    if (Math.hypot(x - this.pressed[0], y - this.pressed[1]) > STEADY) return;
    const slot = this.layers.pick(x, y);
    const own = slot < 0 ? this.layers.own.pick(x, y) : undefined;
    if (slot >= 0) this.handlers.clicked(this.layers.name(slot), modeOf(event));
    if (own) this.layers.own.press(own, modeOf(event));
    this.handlers.pressed([x, y], slot < 0 && !own);
  }

  private hover(slot: number): void {
    const name = slot >= 0 ? this.layers.name(slot) : null;
    this.showName(name, ...this.layers.pixel(slot));
    if (slot !== this.layers.hovered) {
      this.layers.hovered = slot;
      this.handlers.redraw();
    }
    this.tell(name);
  }

  /** Tell the kernel once the pointer has stayed. */
  private tell(name: string | null): void {
    if (name === this.news) return;
    this.news = name;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (name === this.told) return;
      this.told = name;
      this.handlers.hovered(name);
    }, RESTING);
  }

  private showName(name: string | null, x: number, y: number): void {
    const { tooltip, field } = this;
    tooltip.hidden = name === null;
    say(tooltip, name ?? "");
    if (name === null) return;
    const onLeft = x > field.clientWidth / 2;
    tooltip.style.left = onLeft ? "" : `${x + 12}px`;
    tooltip.style.right = onLeft ? `${field.clientWidth - x + 12}px` : "";
    tooltip.style.top = `${Math.max(4, y - 28)}px`;
  }
}
