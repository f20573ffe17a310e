// The switch of the fields of view in the toolbar.
import { element } from "../shared/dom";
import type { SkyModel } from "./model";

const CHOICES = [
  ["", "Fields: off"],
  ["stacks", "Fields: stacks"],
  ["observations", "Fields: observations"],
] as const;

/** The controls, and what shows the model's state in them again. */
export function fieldsMenu(model: SkyModel): [HTMLElement[], () => void] {
  const choice = element(
    "select",
    { "aria-label": "Fields of view", title: "Outlines of what the telescope has looked at" },
    ...CHOICES.map(([value, name]) => element("option", { value }, name)),
  );
  const covered = element(
    "button",
    { type: "button", "aria-label": "MOC of these fields", title: "Coverage map of these fields" },
    "MOC",
  );
  const set = (trait: "fields" | "covered", value: string | boolean) => {
    model.set(trait, value as never);
    model.save_changes();
  };
  choice.addEventListener("change", () => set("fields", choice.value));
  covered.addEventListener("click", () => set("covered", !model.get("covered")));
  return [
    [choice, covered],
    () => {
      choice.value = model.get("fields");
      covered.disabled = choice.value === "";
      covered.setAttribute("aria-pressed", String(model.get("covered")));
    },
  ];
}
