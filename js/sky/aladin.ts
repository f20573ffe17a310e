// The part of Aladin Lite 3.9.2-beta that is used here, and the few places where its inside is touched.
import { type Disposer, disposable } from "./disposable";
import { MeasurementTable, type Popup, plainPopup } from "./measurement";
import { letRest } from "./rest";

export interface AladinModule {
  default: AladinApi;
}

/** An object Aladin Lite made, handed back to it unseen. */
export type Opaque = object;

/** An image layer, whose pixels we hand over ourselves. */
export interface ImageLayer {
  _addJPGOrPNG(layer: string): Promise<unknown>;
  _prepareMetadataForWASM(): object;
}

export interface AladinApi {
  init: Promise<void>;
  aladin(element: HTMLElement, options: Record<string, unknown>): Aladin;
  catalog(options: object): Opaque & { addSources(sources: Opaque[]): void };
  catalogFromURL(url: string, options: object, success?: (catalog: Opaque) => void, useProxy?: boolean): Opaque;
  graphicOverlay(options: object): Overlay;
  footprintsFromSTCS(stcs: string, options: object): Opaque[];
  marker(ra: number, dec: number, options: object): Opaque;
  circle(ra: number, dec: number, radius: number, options?: object): Opaque;
  ellipse(ra: number, dec: number, a: number, b: number, theta: number, options?: object): Opaque;
  polygon(vertices: [number, number][], options?: object): Opaque;
  vector(ra1: number, dec1: number, ra2: number, dec2: number, options?: object): Opaque;
  MOCFromURL(url: string, options: object): Opaque;
  MOCFromJSON(moc: object, options: object): Opaque;
  image(url: string, options: object): ImageLayer;
}

/** A survey or a FITS image, as a layer below everything else. */
export interface ImageLayer {
  id: string;
  setOptions(options: object): void;
  setOpacity(opacity: number): void;
}

export interface Overlay {
  add(shape: Opaque): void;
  addFootprints(shapes: Opaque[]): void;
}

export interface Aladin {
  view: {
    wasm: {
      worldToScreenVec(ra: Float64Array, dec: Float64Array): Float64Array;
      pix2world(x: number, y: number): [number, number] | undefined;
      getCenter(): Float64Array;
      isRendering(): boolean;
      addRGBAImage(pixels: Uint8ClampedArray, wcs: object, metadata: object, layer: string): unknown;
      free(): void;
    };
    width: number;
    height: number;
    empty: boolean;
    needRedraw: boolean;
    redraw(time: number): void;
    redrawClbk: (time: number) => void;
    resizeObserver: ResizeObserver;
    imageCanvas: HTMLCanvasElement;
    drawAllOverlays(): void;
    setOverlayImageLayer(layer: ImageLayer, name: string): void;
    getRawPixelsCanvas(width?: number, height?: number): HTMLCanvasElement;
  };
  measurementTable: Pick<MeasurementTable, "showMeasurement" | "hide">;
  popup: Popup;
  contextMenu: { constructor: { _menus: { aladin: Aladin }[] } };
  addCatalog(catalog: Opaque): void;
  addMOC(moc: Opaque): void;
  addOverlay(overlay: Overlay): void;
  createImageFITS(url: string, options: object, success: (ra: number, dec: number, fov: number) => void): Opaque;
  createImageSurvey(
    id: string,
    name: string,
    address: string,
    frame: string,
    order: number,
    options: object,
  ): ImageLayer;
  setOverlayImageLayer(layer: Opaque, name: string): ImageLayer;
  removeImageLayer(name: string): void;
  removeOverlay(name: string): void;
  getOverlays(): { name: string }[];
  getStackLayers(): string[];
  getBaseImageLayer(): (Opaque & { setColormap(name: string): void; id: string; hipsBody?: string }) | undefined;
  getOverlayImageLayer(name: string): ImageLayer | undefined;
  getFov(): [number, number];
  getRaDec(): [number, number];
  getRotation(): number;
  getProjectionName(): string;
  getViewWCS(): object;
  getViewData(type: "arraybuffer", format: string, logo: boolean): Promise<ArrayBuffer>;
  exportAsPNG(): void;
  gotoRaDec(ra: number, dec: number): void;
  setFoV(degrees: number): void;
  setRotation(degrees: number): void;
  setProjection(name: string): void;
  setFrame(name: string): void;
  setBackgroundColor(color: string): void;
  increaseZoom(): void;
  decreaseZoom(): void;
  on(event: string, callback: (...args: never[]) => void): void;
}

let webGL: boolean | undefined;

/** Whether this browser can draw Aladin Lite at all. */
export function hasWebGL(): boolean {
  if (webGL === undefined) {
    const context = document.createElement("canvas").getContext("webgl2");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    webGL = context !== null;
  }
  return webGL;
}

/** Aladin Lite's own timers end within a second; only then may its WebAssembly half go. */
const RETIREMENT = 2000;

const NO_SURVEY = { longitudeReversed: false, isPlanetaryBody: () => false, setColormap: () => undefined, id: "" };

/** Aladin Lite in an element that has a size, the function that takes it away again, and the one that wakes it. */
export function createAladin(api: AladinApi, element: HTMLElement, options: object): [Aladin, Disposer, () => void] {
  const [aladin, forgetListeners] = disposable(() =>
    api.aladin(element, {
      hipsList: [],
      survey: [],
      log: false,
      inertia: false, // a gliding sky would override a move from Python
      showReticle: false,
      showFrame: false,
      showFov: false,
      showZoomControl: false,
      showCooLocation: false,
      showProjectionControl: false,
      showFullscreenControl: false,
      showStatusBar: false,
      ...options,
      showLayersControl: false, // it writes the names of layers as HTML
    }),
  );
  const { view } = aladin;
  aladin.measurementTable = new MeasurementTable(element);
  plainPopup(aladin.popup);
  view.empty = false; // or a survey that fails to load is replaced by one from the network
  const rest = letRest(view);
  const baseLayer = aladin.getBaseImageLayer.bind(aladin);
  aladin.getBaseImageLayer = () => baseLayer() ?? NO_SURVEY;
  return [
    aladin,
    () => {
      forgetListeners();
      view.resizeObserver.disconnect();
      rest.stop();
      view.drawAllOverlays = () => undefined;
      view.imageCanvas.getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext();
      element.replaceChildren();
      const menus = aladin.contextMenu.constructor._menus;
      menus.splice(0, menus.length, ...menus.filter((menu) => menu.aladin !== aladin));
      setTimeout(() => view.wasm.free(), RETIREMENT);
    },
    rest.wake,
  ];
}
