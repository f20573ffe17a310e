// Sessions that were let fall on an explorer: JupyterLab, where our extension of it is there, opens them.
const ASKED = "cscwidgets-session-asked";
export const SESSION_ENDING = ".csc.json";

export function isSession(name: string): boolean {
  return name.endsWith(SESSION_ENDING);
}

/** Ask for the session of a path of the Jupyter server; whether somebody took the question. */
export function asksForSession(path: string): boolean {
  return !document.dispatchEvent(new CustomEvent(ASKED, { detail: path, cancelable: true }));
}

/** Take such questions. */
export function onSessionAsked(open: (path: string) => void): void {
  document.addEventListener(ASKED, (event) => {
    event.preventDefault();
    open((event as CustomEvent<string>).detail);
  });
}
