// How a pick combines with what is selected, by the keys that are held; one rule for the sky, diagrams and tables:
//
//   none                 null: the mode that is chosen in the bar
//   Shift, Ctrl or Cmd   add
//   Alt                  remove
//   Alt with one of them intersect
export type Mode = "add" | "remove" | "intersect" | null;

export type Keys = Pick<MouseEvent, "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

export function modeOf({ shiftKey, ctrlKey, metaKey, altKey }: Keys): Mode {
  const more = shiftKey || ctrlKey || metaKey;
  if (altKey) return more ? "intersect" : "remove";
  return more ? "add" : null;
}
