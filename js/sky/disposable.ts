export type Disposer = () => void;

/**
 * Builds something that has no way to be taken down, and returns how to remove the listeners it put on
 * objects that outlive it: the document, the window, media queries.
 */
export function disposable<T>(build: () => T): [T, Disposer] {
  const original = EventTarget.prototype.addEventListener;
  const removals: Disposer[] = [];
  EventTarget.prototype.addEventListener = function (this: EventTarget, type, listener, options) {
    const target = this ?? window;
    if (!(target instanceof Element)) removals.push(() => target.removeEventListener(type, listener, options));
    original.call(target, type, listener, options);
  };
  try {
    return [build(), () => removals.splice(0).forEach((remove) => void remove())];
  } finally {
    EventTarget.prototype.addEventListener = original;
  }
}
