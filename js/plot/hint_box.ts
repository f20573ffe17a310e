// The words beside a point, and where they come from: columns that are in the browser, or the kernel.
import type { AnyModel } from "@anywidget/types";
import { type Axes, axesOf } from "../shared/axes";
import { element, say } from "../shared/dom";
import { type Hint, Hints, type PackedHints } from "./hints";

export interface HintState {
  /** What the kernel says where it is the one to know. */
  hint: { x: number; y: number; text: string } | Record<string, never>;
  _hints: PackedHints | { waiting: true } | Record<string, never>;
  _asks_kernel: boolean;
}

const RESTING = 60; // ms before the kernel is asked

type Pixel = [number, number];

export class HintBox {
  readonly node = element("div", { class: "csc-plot-hint", hidden: "" });
  private read: Hints | undefined; // once there is something to say
  private asked = false;
  private pointer: Pixel | undefined;
  private frame = 0;
  private timer = 0;
  private readonly reactions: [string, () => void][] = [
    ["change:hint", () => this.showKernels()],
    ["change:_hints", () => this.receive()],
  ];

  constructor(
    private readonly model: AnyModel<HintState>,
    private readonly plot: HTMLElement,
  ) {
    for (const [event, react] of this.reactions) model.on(event, react);
  }

  dispose(): void {
    this.asked = false; // nobody may be there to hear
    this.leave();
    for (const [event, react] of this.reactions) this.model.off(event, react);
  }

  /** The pointer is at a pixel of the plot. */
  move(pointer: Pixel): void {
    const entered = !this.pointer;
    this.pointer = pointer;
    if (entered) this.request();
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.look());
  }

  /** The pointer is not there, or does something else. */
  leave(): void {
    if (this.asked) this.model.send({ kind: "leave" });
    this.asked = false;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.pointer = undefined;
    this.show(undefined);
  }

  private get axes(): Axes {
    return axesOf(this.model as AnyModel, this.plot);
  }

  /** Very many hints come when somebody points at one. */
  private request(): void {
    if (this.pointer && "waiting" in this.model.get("_hints")) this.model.send({ kind: "hints" });
  }

  private receive(): void {
    this.read = undefined;
    this.request();
    if (!this.model.get("_asks_kernel")) this.look();
  }

  private get hints(): Hints | undefined {
    const packed = this.model.get("_hints");
    if ("positions" in packed) this.read ??= new Hints(packed as PackedHints);
    return this.read;
  }

  private look(): void {
    const { pointer } = this;
    if (this.model.get("_asks_kernel")) {
      clearTimeout(this.timer);
      if (pointer) this.timer = window.setTimeout(() => this.ask(pointer), RESTING);
    } else this.show(pointer && this.hints?.at(...pointer, this.axes));
  }

  private ask([left, top]: Pixel): void {
    const { x, y, area } = this.axes;
    const { width, height } = area;
    this.asked = true;
    this.model.send({ kind: "hover", x: x.toData(left), y: y.toData(top), width, height });
  }

  private showKernels(): void {
    const { x, y, text } = this.model.get("hint");
    const { axes } = this;
    this.show(text && this.asked ? { left: axes.x.toPixel(x), top: axes.y.toPixel(y), text } : undefined);
  }

  private show(hint: Hint | undefined): void {
    const { node, plot } = this;
    node.hidden = !hint;
    if (!hint) return;
    const { left, top, text } = hint;
    say(node, text);
    const flip = left > plot.clientWidth / 2;
    node.style.left = flip ? "" : `${left + 12}px`;
    node.style.right = flip ? `${plot.clientWidth - left + 12}px` : "";
    node.style.top = `${Math.max(0, top - 10)}px`;
  }
}
