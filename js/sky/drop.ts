// Files that are let fall on the sky: from the desktop, or from JupyterLab's file browser. The kernel reads them.

import { asksForSession, isSession } from "../shared/session";
import { folderAddress } from "./hips";
import type { SkyModel } from "./model";

const PIECE = 4_000_000; // bytes: a Jupyter server takes messages of 10 MB
const LARGEST = 200_000_000;
const SESSION_HERE = "only a session in JupyterLab's file browser can be opened so";
const CONTENTS = "application/x-jupyter-icontents"; // what JupyterLab's file browser calls its paths

/** Of Lumino, which JupyterLab's own drags are made of. */
interface LuminoDrag extends Event {
  mimeData: { hasData(type: string): boolean; getData(type: string): unknown };
  dropAction: string;
  proposedAction: string; // of JupyterLab's files "move" is the only one; nothing is moved
}

export class FileDrop {
  private readonly control = new AbortController();

  constructor(
    private readonly target: HTMLElement,
    private readonly model: SkyModel,
    private readonly baseUrl: () => string,
  ) {
    const on = (type: string, act: (event: Event) => void) =>
      target.addEventListener(type, act, { signal: this.control.signal });
    on("dragover", (event) => this.over(event, hasFiles(event as DragEvent)));
    on("drop", (event) => this.dropped(event as DragEvent));
    for (const type of ["dragleave", "lm-dragleave"]) on(type, () => this.mark(false));
    for (const type of ["lm-dragenter", "lm-dragover"])
      on(type, (event) => {
        const drag = event as LuminoDrag;
        this.over(event, drag.mimeData.hasData(CONTENTS));
        if (drag.mimeData.hasData(CONTENTS)) drag.dropAction = drag.proposedAction;
      });
    on("lm-drop", (event) => this.luminoDropped(event as LuminoDrag));
  }

  dispose(): void {
    this.control.abort();
  }

  private over(event: Event, takes: boolean): void {
    if (!takes) return;
    event.preventDefault();
    event.stopPropagation();
    this.mark(true);
  }

  private mark(over: boolean): void {
    this.target.classList.toggle("csc-takes-file", over);
  }

  private dropped(event: DragEvent): void {
    if (!hasFiles(event)) return;
    this.over(event, true);
    this.mark(false);
    for (const file of event.dataTransfer?.files ?? []) {
      if (isSession(file.name)) this.refuse(file.name, SESSION_HERE);
      else void this.send(file.name, async () => file);
    }
  }

  private luminoDropped(event: LuminoDrag): void {
    const paths = event.mimeData.getData(CONTENTS);
    if (!Array.isArray(paths)) return;
    this.over(event, true);
    this.mark(false);
    event.dropAction = event.proposedAction;
    for (const path of paths.filter((one): one is string => typeof one === "string")) {
      const name = path.split("/").pop() ?? path;
      if (!isSession(name)) void this.send(name, () => this.fetched(path));
      else if (!asksForSession(path)) this.refuse(name, SESSION_HERE);
    }
  }

  private async fetched(path: string): Promise<Blob> {
    const answer = await fetch(folderAddress(path, this.baseUrl(), location.origin), { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer.blob();
  }

  /** Hand a file to the kernel in pieces, or why it cannot be. */
  private async send(name: string, read: () => Promise<Blob>): Promise<void> {
    try {
      const blob = await read();
      if (blob.size > LARGEST) throw new Error(`it is larger than ${LARGEST / 1e6} MB`);
      const ticket = crypto.randomUUID?.() ?? String(Math.random());
      const parts = Math.max(1, Math.ceil(blob.size / PIECE));
      for (let part = 0; part < parts; part++) {
        const bytes = await blob.slice(part * PIECE, (part + 1) * PIECE).arrayBuffer();
        this.model.send({ event_type: "file_dropped", ticket, name, part, parts }, undefined, [bytes]);
      }
    } catch (error) {
      this.refuse(name, error instanceof Error ? error.message : String(error));
    }
  }

  private refuse(name: string, why: string): void {
    this.model.send({ event_type: "file_refused", name, why });
  }
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
