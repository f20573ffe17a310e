// In the menu of images: the archive's own pictures, and the image that the kernel made.
import { element, say } from "../shared/dom";
import { labelled } from "./layer_controls";
import type { SkyModel } from "./model";

export class PictureControls {
  readonly node = element("fieldset", {});
  private readonly archive = element("input", { type: "checkbox" });
  private readonly titles = element("span", {});
  private readonly image = element("div", { class: "csc-image-row" });
  private readonly title = element("span", {});
  private readonly opacity = element("input", { type: "range", min: "0", max: "1", step: "0.05" });
  private readonly pictures: HTMLElement;

  constructor(private readonly model: SkyModel) {
    const take = element("button", { type: "button", title: "Take the image off the sky" }, "Take off");
    take.addEventListener("click", () => model.send({ event_type: "picture_unwanted" }));
    this.archive.addEventListener("change", () => this.set("show_archive_pictures", this.archive.checked));
    this.opacity.addEventListener("input", () => this.set("picture_opacity", Number(this.opacity.value)));
    this.pictures = element(
      "div",
      { class: "csc-image-row" },
      labelled("Archive's picture", this.archive, "The archive's own picture, above the surveys"),
      this.titles,
    );
    this.image.append(this.title, labelled("opacity", this.opacity, "Opacity of the image"), take);
    this.node.append(this.pictures, this.image);
    this.update();
  }

  update(): void {
    const { model } = this;
    const archive = model.get("_archive_pictures");
    const image = model.get("_picture");
    this.node.hidden = archive.length === 0 && !image.png;
    this.pictures.hidden = archive.length === 0;
    this.image.hidden = !image.png;
    this.archive.checked = model.get("show_archive_pictures");
    this.opacity.value = String(model.get("picture_opacity"));
    say(this.titles, archive.map(({ title, credit }) => [title, credit].filter(Boolean).join(" · ")).join(", "));
    say(this.title, image.title ?? "");
  }

  private set<T extends "show_archive_pictures" | "picture_opacity">(
    trait: T,
    value: { show_archive_pictures: boolean; picture_opacity: number }[T],
  ): void {
    this.model.set(trait, value as never);
    this.model.save_changes();
  }
}
