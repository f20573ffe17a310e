// In the menu of images: whose fields of view are outlined.
import { element } from "../shared/dom";
import { labelled } from "./layer_controls";
import type { SkyModel } from "./model";

const CHOICES = [
  ["", "off"],
  ["stacks", "stacks"],
  ["observations", "observations"],
] as const;

export class FieldsControls {
  readonly node: HTMLElement;
  private readonly choice = element(
    "select",
    {},
    ...CHOICES.map(([value, name]) => element("option", { value }, name)),
  );
  private readonly covered = element("input", { type: "checkbox" });

  constructor(private readonly model: SkyModel) {
    this.choice.addEventListener("change", () => this.set("fields", this.choice.value));
    this.covered.addEventListener("change", () => this.set("covered", this.covered.checked));
    this.node = element(
      "fieldset",
      {},
      element(
        "div",
        { class: "csc-image-row" },
        labelled("Fields of view", this.choice, "Outlines of what the telescope has looked at"),
        labelled("coverage", this.covered, "Coverage map (MOC) of these fields"),
      ),
    );
    this.update();
  }

  update(): void {
    this.choice.value = this.model.get("fields");
    this.covered.checked = this.model.get("covered");
    this.covered.disabled = this.choice.value === "";
  }

  private set(trait: "fields" | "covered", value: string | boolean): void {
    this.model.set(trait, value as never);
    this.model.save_changes();
  }
}
