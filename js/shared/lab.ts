// Where the widgets of a page and our JupyterLab extension meet, whichever comes first.
import type { AnyModel } from "@anywidget/types";

/** A task as cscwidgets.state.report tells it. */
export interface TaskReport {
  label: string;
  message: string;
  /** 0 to 1; negative where that is not known. */
  fraction: number;
}

/** What cscwidgets.state.report.Report tells of an explorer. */
export interface Report {
  made: number;
  variable: string;
  place: string;
  archive: string;
  title: string;
  simulated: boolean;
  sources: number | null;
  complete: boolean;
  selected: number;
  tasks: TaskReport[];
  errors: number;
}

/** The traits of cscwidgets.views.beside.Beside. */
export interface BesideState {
  _root: string;
  _report: Report;
  _asked: boolean;
}

export type BesideModel = AnyModel<BesideState>;

/** What the extension does for the explorers of the page. */
export interface Lab {
  /** An explorer is there. */
  add(model: BesideModel): void;
  /** It is gone. */
  remove(model: BesideModel): void;
  /** Shows it beside its notebook, or brings it to the front there; fails with a sentence for the reader. */
  beside(model: BesideModel): Promise<void>;
  /** Puts code into a new cell of its notebook; fails with a sentence for the reader. */
  insert(model: BesideModel, code: string): void;
  /** Says a sentence to the reader. */
  tell(sentence: string): void;
}

interface Meeting {
  lab: Promise<Lab>;
  publish(lab: Lab): void;
}

const KEY = Symbol.for("cscwidgets.lab");

function meeting(): Meeting {
  const page = globalThis as unknown as Record<symbol, Meeting | undefined>;
  if (!page[KEY]) {
    let publish: Meeting["publish"] = () => {};
    const lab = new Promise<Lab>((resolve) => {
      publish = resolve;
    });
    page[KEY] = { lab, publish };
  }
  return page[KEY];
}

/** Tell the widgets of the page, those to come too, that the extension is there. */
export function publishLab(lab: Lab): void {
  meeting().publish(lab);
}

/** The extension, as soon as it is there; in a page without it, never. */
export function whenLab(): Promise<Lab> {
  return meeting().lab;
}

/** The extension, or null if there is none after so many milliseconds. */
export function labWithin(milliseconds: number): Promise<Lab | null> {
  return Promise.race([
    whenLab(),
    new Promise<null>((resolve) => {
      setTimeout(() => resolve(null), milliseconds);
    }),
  ]);
}
