// Aladin Lite asks for a tile once and says nothing of it when none comes: this sees what the browser saw.

const ENOUGH = 4; // failures in a row that are no accident

/** Counts tiles that do not come; one that a survey does not have (404) is none. */
export class TileWatch {
  private readonly observer: PerformanceObserver;
  private failed = 0;

  constructor(address: string, fail: () => void) {
    this.observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as PerformanceResourceTiming[])
        if (entry.name.startsWith(`${address}/Norder`)) this.count(entry.responseStatus);
      if (this.failed >= ENOUGH) {
        this.stop();
        fail();
      }
    });
    this.observer.observe({ type: "resource" });
  }

  stop(): void {
    this.observer.disconnect();
  }

  /** Browsers without this status say nothing, and so does this. */
  private count(status: number | undefined): void {
    if (status === 0 || (status ?? 0) >= 500) this.failed++;
    else this.failed = 0;
  }
}
