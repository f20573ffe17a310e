// One view of a Sky: Aladin Lite kept in step with the model by comparing values, our layers above it, and
// what the pointer does to them.
import { formatAngle, formatDec, formatRa } from "../shared/angles";
import { pageConfig } from "../shared/assets";
import { element, say } from "../shared/dom";
import { type Aladin, type AladinApi, createAladin } from "./aladin";
import { FieldCard } from "./card";
import { DrawingTool } from "./drawing";
import { FileDrop } from "./drop";
import { ImageMenu } from "./image_menu";
import { Layers } from "./layers";
import type { SkyModel, SkyState } from "./model";
import { Pictures } from "./pictures";
import { Pointer } from "./pointer";
import { near, type Point, Projection, position, separation } from "./projection";
import { camelCase, type Message, Protocol } from "./protocol";
import { Surveys } from "./surveys";
import { isDark, onThemeChange, palette } from "./theme";
import { Toolbar } from "./toolbar";

const SETTLED = 80; // ms after the last move before the model is told
const RESIZED = 120; // ms after the last resize before the view is trusted again
const ASKED = 60; // ms that the pointer rests before the kernel is asked for a value
const PART = 90; // degrees: a view that shows no more than a part of the sky
const SMALLEST = 20; // pixels; below, the view is hidden or not laid out yet
const HANDS = ["pointerdown", "pointermove", "pointerup", "wheel", "keydown"]; // what may move Aladin Lite's sky
const DRAWN_BY_ALADIN = [
  ...(["_target", "_fov", "_rotation", "_projection", "theme", "coo_frame"] as const),
  ...(["survey", "overlay_survey", "overlay_survey_opacity", "survey_look", "overlay_survey_look"] as const),
];

type Listener = NonNullable<Parameters<SkyModel["off"]>[1]>;

export class SkyView {
  readonly aladin: Aladin;
  readonly layers: Layers;
  private readonly projection: Projection;
  private readonly protocol: Protocol;
  private readonly pictures: Pictures;
  private readonly toolbar: Toolbar;
  private readonly surveys: Surveys;
  private readonly imageMenu: ImageMenu;
  private readonly pointer: Pointer;
  private readonly card: FieldCard;
  private readonly host = element("div", { class: "csc-aladin" });
  private readonly note = element("div", { class: "csc-note", hidden: "" });
  private readonly place = element("span", { class: "csc-place" });
  private readonly value = element("span", { class: "csc-value" });
  private readonly credits = element("span", { class: "csc-credits" });
  private readonly extent = element("span", { class: "csc-extent" });
  private readonly id = crypto.randomUUID?.() ?? String(Math.random());
  private readonly cleanups: (() => void)[] = [];
  private readonly wake: () => void;
  private readonly listeners: [string, Listener][] = [];
  private readonly timers: Record<string, ReturnType<typeof setTimeout>> = {};
  private tool: DrawingTool | undefined;
  private key = "";
  private frozen = true;
  private caughtUp = false;
  private redrawRequested = false;

  constructor(
    api: AladinApi,
    private readonly model: SkyModel,
    private readonly root: HTMLElement,
    private readonly sky: HTMLElement,
  ) {
    this.sky.append(this.host);
    const [aladin, dispose, wake] = createAladin(api, this.host, this.options());
    this.aladin = aladin;
    this.wake = wake;
    this.cleanups.push(dispose);
    this.projection = new Projection(aladin);
    this.layers = new Layers(model, this.projection, palette("auto", false));
    this.layers.preview = (context, colours) => this.tool?.draw(context, colours);
    this.card = new FieldCard(model, this.projection, (name, mode) =>
      model.send({ event_type: "field_chosen", name, mode }),
    );
    const { legend, card } = this.layers.own;
    this.sky.append(this.layers.canvas, this.note, legend, this.card.node, card);
    this.pointer = new Pointer(this.sky, this.layers, {
      busy: () => this.tool !== undefined,
      redraw: () => this.requestRedraw(),
      at: (point) => this.pointedAt(point && this.projection.toSky(...point)),
      hovered: (name) => model.send({ event_type: "source_hovered", name }),
      clicked: (name, mode) => model.send({ event_type: "source_clicked", name, mode }),
      pressed: (point, beside) => {
        const place = this.projection.toSky(...point);
        if (place) model.send({ event_type: "place_clicked", place, beside });
      },
    });
    this.toolbar = new Toolbar(model, (way) => (way > 0 ? aladin.increaseZoom() : aladin.decreaseZoom()));
    this.root.prepend(this.toolbar.node);
    this.root.append(element("div", { class: "csc-status" }, this.place, this.value, this.credits, this.extent));
    this.protocol = new Protocol(api, aladin, (content, buffers) => model.send(content, undefined, buffers));
    this.pictures = new Pictures(api, aladin, model, () => this.showSurveys());
    this.surveys = new Surveys(aladin, model, {
      centre: () => this.projection.center,
      changed: () => this.showSurveys(),
      restack: () => this.restack(),
    });
    this.imageMenu = new ImageMenu(model, this.surveys);
    this.toolbar.node.append(this.imageMenu.node);
    this.hookFrames();
    this.listenToModel();
    this.watchSize();
    const drop = new FileDrop(this.sky, model, () => pageConfig().baseUrl ?? "/");
    this.cleanups.push(() => drop.dispose());
    for (const event of HANDS) this.root.addEventListener(event, wake, { capture: true, passive: true });
    this.cleanups.push(onThemeChange(() => this.applyTheme()));
    this.applyTheme();
    this.surveys.apply("base");
    this.surveys.apply("overlay");
    this.pictures.restack();
    this.applyTool();
    this.later("resized", RESIZED, () => this.thaw());
    model.send({ event_type: "view_ready", view: this.id });
    this.set({ _is_loaded: true });
  }

  /** What a test may ask: nothing of this may grow with use. */
  counts(): Record<string, number> {
    return {
      aladinLayers: this.aladin.getOverlays().length + this.aladin.getStackLayers().length,
      modelListeners: this.listeners.length,
      elements: this.root.querySelectorAll("*").length,
      frames: this.layers.frames,
      ...(({ sources, selected, total, cells }) => ({ sources, selected, total, cells }))(this.layers.counts),
    };
  }

  /** Where a sky position is drawn, in pixels of the sky element. */
  toPixel(ra: number, dec: number): number[] {
    return [...this.projection.toPixels(new Float64Array([ra]), new Float64Array([dec]))];
  }

  dispose(): void {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    for (const [event, listener] of this.listeners.splice(0)) this.model.off(event, listener);
    this.tool?.dispose();
    this.pointer.dispose();
    this.imageMenu.dispose();
    this.surveys.dispose();
    for (const cleanup of this.cleanups.splice(0).reverse()) cleanup();
    this.root.replaceChildren();
  }

  private options(): object {
    const { model } = this;
    const given = camelCase(model.get("_init_options"));
    for (const own of ["target", "fov", "height", "rotation", "survey", "projection"]) delete given[own];
    return { ...given, target: model.get("_target"), fov: model.get("_fov"), projection: model.get("_projection") };
  }

  // --- frames: Aladin Lite calls drawAllOverlays whenever it has drawn ---------------------------------------

  private hookFrames(): void {
    const { view } = this.aladin;
    const drawOverlays = view.drawAllOverlays;
    view.drawAllOverlays = () => {
      drawOverlays.call(view);
      if (this.projection.key() !== this.key) this.moved();
    };
    const pixels = view.getRawPixelsCanvas;
    view.getRawPixelsCanvas = (width, height) => {
      const canvas = pixels.call(view, width, height);
      canvas.getContext("2d")?.drawImage(this.layers.canvas, 0, 0, canvas.width, canvas.height);
      return canvas;
    };
  }

  private moved(): void {
    this.redraw();
    if (!this.frozen) this.later("settled", SETTLED, () => this.push());
    this.later("surveys", SETTLED, () => this.surveys.moved());
  }

  /** Draw in the next frame, once however often it is asked for. */
  private requestRedraw(): void {
    if (this.redrawRequested) return;
    this.redrawRequested = true;
    requestAnimationFrame(() => {
      this.redrawRequested = false;
      if (this.cleanups.length > 0) this.redraw();
    });
  }

  private redraw(): void {
    this.key = this.projection.key();
    if (this.sky.clientWidth < SMALLEST) return;
    this.layers.chosenFields = this.card.rows;
    this.layers.draw();
    this.card.place();
    this.pointer.look();
    const notes = [...this.layers.notes, ...this.surveys.notes, ...(this.tool ? [this.tool.hint] : [])].join(" · ");
    say(this.note, notes);
    if (this.note.hidden !== (notes === "")) this.note.hidden = notes === "";
    this.showPlace(this.projection.center);
    const fov = this.aladin.getFov();
    say(this.extent, `${formatAngle(fov[0])} × ${formatAngle(fov[1])} · Aladin Lite`);
  }

  /** The pointer is at a place, or has left: the kernel, which has the values, says which one is there. */
  private pointedAt(place: Point | undefined): void {
    this.showPlace(place ?? this.projection.center);
    if (!this.model.get("_asks_values")) return;
    this.later("value", ASKED, () => this.model.send({ event_type: "place_hovered", place: place ?? null }));
  }

  private showPlace([ra, dec]: Point): void {
    const step = this.projection.fov / this.projection.width;
    say(this.place, `${formatRa(ra, step)} ${formatDec(dec, step)}`);
  }

  // --- the view and the model, by value --------------------------------------------------------------------

  private push(): void {
    if (this.frozen) return;
    const { aladin, model } = this;
    // All of the sky is seen in Aitoff's projection, and what it was zoomed to as ever.
    if (aladin.getProjectionName() === "AIT" && aladin.getFov()[0] < PART) aladin.setProjection("SIN");
    const [ra, dec] = aladin.getRaDec();
    const fov = aladin.getFov();
    const changed: Partial<SkyState> = {};
    if (separation([ra, dec], position(model.get("_target"))) > fov[0] * 1e-7) changed._target = `${ra} ${dec}`;
    if (!near(fov[0], model.get("_fov"))) changed._fov = fov[0];
    if (Math.abs(aladin.getRotation() - model.get("_rotation")) > 1e-4) changed._rotation = aladin.getRotation();
    if (aladin.getProjectionName() !== model.get("_projection")) changed._projection = aladin.getProjectionName();
    this.set({ ...changed, _seen: model.get("_moves"), _wcs: aladin.getViewWCS(), _fov_xy: { x: fov[0], y: fov[1] } });
  }

  private pull(): void {
    if (this.frozen) return; // thaw() does it
    const { aladin, model } = this;
    const target = position(model.get("_target"));
    const fov = model.get("_fov");
    if (aladin.getProjectionName() !== model.get("_projection")) aladin.setProjection(model.get("_projection"));
    if (separation(target, aladin.getRaDec()) > Math.min(fov, aladin.getFov()[0]) * 1e-7) aladin.gotoRaDec(...target);
    if (!near(fov, aladin.getFov()[0])) aladin.setFoV(fov);
    if (Math.abs(aladin.getRotation() - model.get("_rotation")) > 1e-4) aladin.setRotation(model.get("_rotation"));
    this.requestRedraw();
    this.later("settled", SETTLED, () => this.push());
  }

  private set(changes: Partial<SkyState>): void {
    for (const [trait, value] of Object.entries(changes)) this.model.set(trait as keyof SkyState, value);
    this.model.save_changes();
  }

  private listenToModel(): void {
    const { layers, model } = this;
    const redraw = () => this.requestRedraw();
    const tools = () => this.toolbar.update();
    const on = (trait: keyof SkyState, ...reactions: (() => void)[]) => {
      for (const react of reactions) this.listen(`change:${trait}`, react);
    };
    for (const trait of DRAWN_BY_ALADIN) on(trait, this.wake);
    for (const trait of ["_target", "_fov", "_rotation", "_projection"] as const) on(trait, () => this.pull());
    // Python forgets the WCS when it moves the view, even to where it is already.
    on("_wcs", () => {
      if (Object.keys(model.get("_wcs")).length === 0) this.later("settled", SETTLED, () => this.push());
    });
    on("_sources", () => layers.readSources(), redraw);
    on("_highlighted", () => layers.readHighlighted(), redraw);
    on("_density", () => layers.density.read(model), redraw);
    on("_outline", () => layers.readOutline(), redraw);
    on("_regions", () => layers.readRegions(), redraw);
    on("_groups", () => layers.readGroups(), redraw);
    on("_candidates", () => layers.readCandidates(), redraw);
    on("_contours", () => layers.readContours(), redraw);
    on("_fields", () => layers.fields.read(model), redraw);
    on("_coverage", () => layers.readCoverage(), redraw);
    on("_card", () => this.card.read(), redraw);
    for (const trait of ["_own_layers", "_own_areas"] as const) on(trait, () => layers.own.read(), redraw);
    on("_own_row", () => layers.own.readRow(), redraw);
    for (const trait of ["fields", "covered"] as const) on(trait, () => this.imageMenu.update());
    on("_focused", redraw);
    on("show_ellipses", tools, redraw);
    on("show_grid", tools, redraw);
    on("purpose", tools);
    on("_tool", () => this.applyTool());
    on("theme", () => this.applyTheme());
    const looks = () => {
      this.surveys.adjust();
      this.imageMenu.update();
    };
    on("survey", () => this.surveys.apply("base"));
    on("overlay_survey", () => this.surveys.apply("overlay"));
    for (const trait of ["overlay_survey_opacity", "survey_look", "overlay_survey_look"] as const) on(trait, looks);
    for (const trait of ["_surveys", "_refused_surveys"] as const) on(trait, () => this.surveys.learn());
    for (const trait of ["_surveys", "_survey_search"] as const) on(trait, () => this.imageMenu.update());
    for (const trait of ["_archive_pictures", "show_archive_pictures"] as const) on(trait, () => this.restack());
    on("_picture", () => {
      this.pictures.readImage();
      this.showSurveys();
    });
    on(
      "picture_opacity",
      () => this.pictures.readOpacity(),
      this.wake,
      () => this.imageMenu.update(),
    );
    on("_value", () => say(this.value, model.get("_value")));
    on("coo_frame", () => this.aladin.setFrame(model.get("coo_frame")));
    this.listen("msg:custom", (message: Message, buffers: DataView[]) => this.receive(message, buffers));
  }

  private listen(event: string, listener: Listener): void {
    this.model.on(event, listener);
    this.listeners.push([event, listener]);
  }

  // A new view is first sent what was added before it opened; until then news would come twice.
  private receive(message: Message, buffers: DataView[]): void {
    this.wake();
    if (message.view === this.id) {
      if (message.event_name === "overlays_sent") this.caughtUp = true;
      else this.protocol.handle(message, buffers);
    } else if (message.view === undefined && this.caughtUp) this.protocol.handle(message, buffers);
  }

  // --- size: the width of the sky is kept, not its pixel scale ------------------------------------------------

  private watchSize(): void {
    const observer = new ResizeObserver(() => {
      // While a border is dragged the picture keeps its size and rests: a new WebGL canvas in each frame takes long.
      if (!this.sky.closest(".csc-dragged")) {
        this.sky.style.setProperty("--csc-held-width", `${this.sky.clientWidth}px`);
        this.sky.style.setProperty("--csc-held-height", `${this.sky.clientHeight}px`);
        this.wake();
      }
      this.frozen = true;
      this.later("resized", RESIZED, () => this.thaw());
    });
    observer.observe(this.sky);
    observer.observe(this.host); // it grows when the border is let go
    this.cleanups.push(() => observer.disconnect());
  }

  private thaw(): void {
    if (this.sky.clientWidth < SMALLEST || this.sky.clientHeight < SMALLEST) return; // hidden: wait for the next size
    this.frozen = false;
    this.pull();
  }

  // --- appearance ------------------------------------------------------------------------------------------

  private applyTheme(): void {
    const theme = this.model.get("theme");
    this.layers.palette = palette(theme, this.surveys.hasImage || this.pictures.title !== "");
    this.root.dataset.theme = isDark(theme) ? "dark" : "light";
    this.aladin.setBackgroundColor(this.layers.palette.background);
    this.requestRedraw();
  }

  private showSurveys(): void {
    const credits = [this.surveys.credits, this.pictures.title].filter(Boolean).join(" + ");
    say(this.credits, credits);
    this.credits.title = credits;
    this.imageMenu.update();
    this.wake();
    this.applyTheme();
  }

  /** Images again above what has come below them. */
  private restack(): void {
    this.pictures.restack();
    this.protocol.restack();
    this.applyTheme();
  }

  // --- the pointer -----------------------------------------------------------------------------------------

  private applyTool(): void {
    this.tool?.dispose();
    this.tool = undefined;
    const shape = this.model.get("_tool");
    if (shape) {
      this.tool = new DrawingTool(shape, this.layers.canvas, this.projection, {
        redraw: () => this.requestRedraw(),
        cancel: () => this.set({ _tool: "" }),
        finish: (drawn, mode) => {
          const purpose = this.model.get("purpose");
          this.model.send({ event_type: "drawn", ...drawn, purpose, mode });
          if (purpose === "region") this.set({ _tool: "" }); // to select, one goes on drawing
        },
      });
    }
    this.toolbar.update();
    this.requestRedraw();
  }

  private later(name: string, delay: number, action: () => void): void {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(action, delay);
  }
}
