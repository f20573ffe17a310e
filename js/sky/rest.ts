// Aladin Lite draws in every frame, changed or not. Where the CPU does the work of a graphics card that is most of a
// core, so it may rest here: full speed while something happens, now and then otherwise, to see tiles that arrived.

const LINGER = 1500; // ms of full speed after something happened
const RESTING = 500; // ms between frames when nothing does

/** What this must know of Aladin Lite's view. */
interface View {
  wasm: { isRendering(): boolean };
  needRedraw: boolean;
  redraw(time: number): void;
  redrawClbk: (time: number) => void;
}

export interface Rest {
  /** Something is about to change: draw every frame for a while. */
  wake(): void;
  stop(): void;
}

export function letRest(view: View): Rest {
  let awakeUntil = performance.now() + LINGER;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draw = (time: number) => view.redraw(time); // asks for the next frame itself
  view.redrawClbk = (time) => {
    // One timer at most: the second loop that an exported picture starts ends here.
    clearTimeout(timer);
    if (time < awakeUntil || view.needRedraw || view.wasm.isRendering()) draw(time);
    else timer = setTimeout(() => requestAnimationFrame(draw), RESTING);
  };
  return {
    wake: () => {
      awakeUntil = performance.now() + LINGER;
      clearTimeout(timer);
      if (timer !== undefined) requestAnimationFrame(view.redrawClbk);
      timer = undefined;
    },
    stop: () => {
      clearTimeout(timer);
      view.redrawClbk = () => undefined;
    },
  };
}
