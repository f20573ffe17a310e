// Our own drawing above Aladin Lite: grid, region, sources, selection, focus. One canvas, redrawn as a whole
// from the model's state, so that nothing can pile up; ten thousand sources take a few milliseconds.
import { float64, halves, uint32, words } from "../shared/bytes";
import { IN_MEMORY, sheetFor, stamp } from "../shared/stamp";
import { drawBeyond } from "./beyond";
import { DensityLayer } from "./density";
import { drawEllipses } from "./ellipses";
import { FieldsLayer } from "./fields";
import { drawFurniture, type Furniture } from "./furniture";
import { drawGraticule } from "./graticule";
import { strokeWithHalo } from "./halo";
import type { SkyModel } from "./model";
import { OwnLayers } from "./own_layers";
import { tracePath } from "./path";
import type { Projection } from "./projection";
import type { Palette } from "./theme";

const PICK_RADIUS = 8;
const CROSS = 6;
const NOTHING = new Float64Array();

/** Right ascensions and declinations in degrees. */
type Sky = [Float64Array, Float64Array];

export class Layers {
  readonly canvas = document.createElement("canvas");
  /** Draws what is being drawn by hand, last. */
  preview: (context: CanvasRenderingContext2D, palette: Palette) => void = () => undefined;
  /** Rows of the fields of view that stand out. */
  chosenFields: ReadonlySet<number> = new Set();
  readonly fields = new FieldsLayer();
  readonly density = new DensityLayer();
  readonly own: OwnLayers;
  hovered = -1;
  /** What the reader should know about the picture; shown by the view. */
  notes: string[] = [];
  palette: Palette;
  frames = 0;
  furniture: Furniture = { taken: [] };

  private names: string[] = [];
  private total = 0;
  private ra: Float64Array = new Float64Array();
  private dec: Float64Array = new Float64Array();
  private ellipses: Float64Array = new Float64Array();
  private pixels: Float64Array = new Float64Array();
  private selected: Uint32Array = new Uint32Array();
  private totalSelected = 0;
  private selectedElsewhere: [Float64Array, Float64Array] = [new Float64Array(), new Float64Array()];
  private outline: [Float64Array, Float64Array] = [new Float64Array(), new Float64Array()];
  private regions: { ra: Float64Array; dec: Float64Array; dashed: boolean }[] = [];
  private groups: { colour: string; at: Sky }[] = [];
  private candidates: { at: Sky; best: number; outlines: Sky[] } = { at: [NOTHING, NOTHING], best: -1, outlines: [] };
  private contours: Sky = [NOTHING, NOTHING];
  private coverage: Sky = [NOTHING, NOTHING]; // cells, NaN between one and the next
  private readonly context: CanvasRenderingContext2D;

  constructor(
    private readonly model: SkyModel,
    private readonly projection: Projection,
    palette: Palette,
  ) {
    this.palette = palette;
    this.own = new OwnLayers(model, projection);
    this.canvas.className = "csc-sky-layers";
    this.context = this.canvas.getContext("2d", IN_MEMORY) as CanvasRenderingContext2D;
    this.readSources();
    this.readHighlighted();
    this.readOutline();
    this.readRegions();
    this.readGroups();
    this.readCandidates();
    this.readContours();
    this.fields.read(model);
    this.density.read(model);
    this.readCoverage();
  }

  readSources(): void {
    const { positions, names, ellipses, total } = this.model.get("_sources");
    [this.ra, this.dec] = halves(float64(positions));
    this.names = words(names);
    this.ellipses = float64(ellipses);
    this.total = total ?? 0;
    this.hovered = -1;
  }

  readHighlighted(): void {
    const { slots, positions, total } = this.model.get("_highlighted");
    this.selected = uint32(slots);
    this.selectedElsewhere = halves(float64(positions));
    this.totalSelected = total ?? 0;
  }

  readOutline(): void {
    this.outline = halves(float64(this.model.get("_outline").positions));
  }

  readRegions(): void {
    this.regions = this.model.get("_regions").map(({ positions, dashed }) => {
      const [ra, dec] = halves(float64(positions));
      return { ra, dec, dashed };
    });
  }

  readGroups(): void {
    this.groups = this.model
      .get("_groups")
      .map(({ colour, positions }) => ({ colour, at: halves(float64(positions)) }));
  }

  readCandidates(): void {
    const { positions, best, outlines } = this.model.get("_candidates");
    this.candidates = {
      at: halves(float64(positions)),
      best: best ?? -1,
      outlines: (outlines ?? []).map((corners) => halves(float64(corners))),
    };
  }

  readContours(): void {
    this.contours = halves(float64(this.model.get("_contours").positions));
  }

  readCoverage(): void {
    this.coverage = halves(float64(this.model.get("_coverage").positions));
  }

  get counts(): { sources: number; selected: number; total: number; cells: number; hasEllipses: boolean } {
    const selected = this.selected.length + this.selectedElsewhere[0].length;
    const [cells, hasEllipses] = [this.density.cells, this.ellipses.length > 0];
    return { sources: this.ra.length, selected, total: this.total, cells, hasEllipses };
  }

  name(slot: number): string {
    return this.names[slot] ?? "";
  }

  /** Where a source is drawn. */
  pixel(slot: number): [number, number] {
    return [this.pixels[2 * slot] ?? Number.NaN, this.pixels[2 * slot + 1] ?? Number.NaN];
  }

  /** The source under a point of the view, or -1. */
  pick(x: number, y: number): number {
    let [found, nearest] = [-1, PICK_RADIUS ** 2];
    for (let i = 0; i < this.pixels.length; i += 2) {
      const distance = ((this.pixels[i] as number) - x) ** 2 + ((this.pixels[i + 1] as number) - y) ** 2;
      if (distance < nearest) [found, nearest] = [i / 2, distance];
    }
    return found;
  }

  draw(): void {
    const { context, palette, projection } = this;
    this.frames++;
    this.fit();
    this.notes = [];
    drawBeyond(context, projection, palette);
    const writeLabels = this.model.get("show_grid") && drawGraticule(context, projection, palette);
    this.drawCoverage();
    this.own.drawAreas(context, palette);
    this.drawContours();
    this.drawOutline();
    const writeFields = this.fields.draw(context, projection, palette, this.chosenFields);
    this.drawRegions();
    this.pixels = projection.toPixels(this.ra, this.dec);
    const crowd = this.density.cells > 0;
    if (crowd) {
      this.pixels = NOTHING; // no single source is under the pointer
      this.density.draw(context, projection, palette);
    } else if (this.model.get("show_ellipses")) {
      const note = drawEllipses(context, projection, palette, this.ra, this.dec, this.pixels, this.ellipses);
      if (note) this.notes.push(note);
    }
    if (!crowd) {
      this.drawSources();
      this.drawSelected();
    }
    this.drawGroups();
    this.own.draw(context, palette);
    this.drawCandidates();
    this.drawFocus();
    this.preview(context, palette);
    const font = `11px ${this.fontFamily}`;
    if (writeLabels) writeLabels(font);
    this.furniture = this.model.get("show_grid") ? drawFurniture(context, projection, palette, font) : { taken: [] };
    const crowded = writeFields?.(font, this.furniture.taken);
    if (crowded) this.notes.push(crowded);
    const { sources, selected } = this.counts;
    if (crowd) {
      const { total, most } = this.density;
      const chosen = this.totalSelected ? `, ${count(this.totalSelected)} of all selected` : "";
      const words = `${count(total)} sources here, up to ${count(most)} in a cell (logarithmic)${chosen}`;
      this.notes.unshift(`${words}; selection acts on all; zoom in for single ones`);
    } else if (this.total > sources) {
      const also =
        selected < this.totalSelected ? `, ${count(selected)} of the ${count(this.totalSelected)} selected` : "";
      this.notes.unshift(`${count(sources)} of ${count(this.total)} drawn${also}; selection acts on all`);
    }
  }

  private get fontFamily(): string {
    return getComputedStyle(this.canvas).fontFamily || "sans-serif";
  }

  private fit(): void {
    const { width, height } = this.projection;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      [this.canvas.width, this.canvas.height] = [w, h];
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
  }

  private drawCoverage(): void {
    const [ra, dec] = this.coverage;
    if (ra.length === 0) return;
    const { context, palette, projection } = this;
    context.fillStyle = palette.covered;
    tracePath(context, projection.toPixels(ra, dec), false);
    context.fill();
  }

  // White with a dark edge: seen on the image that they belong to, in any theme.
  private drawContours(): void {
    const [ra, dec] = this.contours;
    if (ra.length === 0) return;
    const { context, projection } = this;
    context.save();
    tracePath(context, projection.toPixels(ra, dec), false);
    strokeWithHalo(context, "rgba(0, 0, 0, 0.55)", "#ffffff", 1.2, { rim: 0.7 });
    context.restore();
  }

  private drawOutline(): void {
    const [ra, dec] = this.outline;
    if (ra.length === 0) return;
    const { context, palette, projection } = this;
    context.save();
    tracePath(context, projection.toPixels(ra, dec), true);
    strokeWithHalo(context, palette.halo, palette.region, 2);
    context.restore();
  }

  private drawRegions(): void {
    const { context, palette, projection } = this;
    context.save();
    context.strokeStyle = palette.detection;
    context.lineWidth = 1.3;
    for (const { ra, dec, dashed } of this.regions) {
      context.setLineDash(dashed ? [5, 4] : []);
      tracePath(context, projection.toPixels(ra, dec), true);
      context.stroke();
    }
    context.restore();
  }

  /** Radius of a symbol: smaller where there are many. */
  private get size(): number {
    return this.ra.length > 5000 ? 2.5 : this.ra.length > 1500 ? 3.2 : 4;
  }

  private drawSources(): void {
    const { context, palette, pixels, size } = this;
    const ring = sheetFor(context, size + 1, (pen) => {
      pen.strokeStyle = palette.source;
      pen.lineWidth = 1.4;
      pen.arc(0, 0, size, 0, 2 * Math.PI);
      pen.stroke();
    });
    const circle = stamp(context, ring);
    const selected = new Uint8Array(pixels.length / 2);
    for (const slot of this.selected) selected[slot] = 1;
    for (let i = 0; i < selected.length; i++) {
      if (!selected[i]) circle(pixels[2 * i] as number, pixels[2 * i + 1] as number);
    }
  }

  // Discs within the rings of the sources, in the colours that the table and the diagrams give them too.
  private drawGroups(): void {
    for (const { colour, at } of this.groups) {
      const sheet = sheetFor(this.context, this.size, (pen) => {
        pen.arc(0, 0, this.size - 1, 0, 2 * Math.PI);
        pen.fillStyle = colour;
        pen.fill();
      });
      const disc = stamp(this.context, sheet);
      const pixels = this.projection.toPixels(...at);
      for (let i = 0; i < pixels.length; i += 2) disc(pixels[i] as number, pixels[i + 1] as number);
    }
  }

  // Another shape, not only another colour: filled diamonds.
  private drawSelected(): void {
    const size = this.size + 2;
    const rhombus = sheetFor(this.context, size + 2, (pen) => {
      for (const [x, y] of [
        [0, -size],
        [size, 0],
        [0, size],
        [-size, 0],
      ] as const)
        pen.lineTo(x, y);
      pen.closePath();
      pen.lineJoin = "round";
      pen.strokeStyle = this.palette.edge;
      pen.lineWidth = 2.5;
      pen.stroke();
      pen.fillStyle = this.palette.selected;
      pen.fill();
    });
    const diamond = stamp(this.context, rhombus);
    const elsewhere = this.projection.toPixels(...this.selectedElsewhere);
    for (const slot of this.selected) diamond(...this.pixel(slot));
    for (let i = 0; i < elsewhere.length; i += 2) diamond(elsewhere[i] as number, elsewhere[i + 1] as number);
  }

  // Crosses at any scale, ellipses to scale; the one taken for the counterpart stands out.
  private drawCandidates(): void {
    const { context, palette, projection } = this;
    const { at, best, outlines } = this.candidates;
    const pixels = projection.toPixels(...at);
    context.save();
    outlines.forEach(([ra, dec], i) => {
      const ofSource = i === 0 && outlines.length > at[0].length;
      tracePath(context, projection.toPixels(ra, dec), true);
      context.strokeStyle = ofSource ? palette.source : palette.candidate;
      context.lineWidth = 1.3;
      context.stroke();
    });
    for (let i = 0; i < pixels.length; i += 2) {
      const [x, y] = [pixels[i] as number, pixels[i + 1] as number];
      if (!Number.isFinite(x)) continue;
      const size = i === 2 * best ? CROSS + 2 : CROSS;
      context.beginPath();
      context.moveTo(x - size, y - size);
      context.lineTo(x + size, y + size);
      context.moveTo(x - size, y + size);
      context.lineTo(x + size, y - size);
      strokeWithHalo(context, palette.halo, palette.candidate, i === 2 * best ? 3 : 1.5);
    }
    context.restore();
  }

  private drawFocus(): void {
    const { ra, dec } = this.model.get("_focused");
    const { context, palette } = this;
    const rings: [number, number, number][] = [];
    if (ra !== undefined && dec !== undefined) {
      const at = this.projection.toPixels(new Float64Array([ra]), new Float64Array([dec]));
      rings.push([at[0] as number, at[1] as number, 12]);
    }
    if (this.hovered >= 0) rings.push([...this.pixel(this.hovered), this.size + 4]);
    context.save();
    for (const [x, y, radius] of rings) {
      if (!Number.isFinite(x)) continue;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      strokeWithHalo(context, palette.halo, palette.focus, 2);
    }
    context.restore();
  }
}

function count(number: number): string {
  return number.toLocaleString("en");
}
