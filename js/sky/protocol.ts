// The messages of ipyaladin 0.8's Python methods: markers, tables, MOCs, regions, images.
import type { Aladin, AladinApi } from "./aladin";

type Options = Record<string, unknown>;

export interface Message {
  event_name: string;
  view?: string;
  options?: Options;
  [key: string]: unknown;
}

interface Region {
  region_type: "stcs" | "circle" | "ellipse" | "line" | "polygon";
  infos: Record<string, number> & { stcs: string; vertices: [number, number][] };
  options?: Options;
}

interface Marker {
  lon: number;
  lat: number;
  title: string;
  description: string;
}

export class Protocol {
  private images: [Message, DataView][] = [];

  constructor(
    private readonly api: AladinApi,
    private readonly aladin: Aladin,
    private readonly reply: (content: object, buffers: ArrayBuffer[]) => void,
  ) {}

  /** Do what a message asks; unknown ones are not for a view. */
  handle(message: Message, buffers: DataView[]): void {
    this.handlers[message.event_name]?.(message, buffers);
  }

  /** Lay the images again over a new survey. */
  restack(): void {
    for (const [message, bytes] of this.images) {
      this.aladin.removeImageLayer(message.options?.name as string);
      this.layImage(message, bytes, false);
    }
  }

  private readonly handlers: Record<string, (message: Message, buffers: DataView[]) => void> = {
    add_marker: (message) => {
      const options = camelCase(message.options);
      const catalog = this.api.catalog(options);
      this.aladin.addCatalog(catalog);
      catalog.addSources(
        (message.markers as Marker[]).map(({ lon, lat, title, description }) =>
          this.api.marker(lon, lat, { ...options, popupTitle: title, popupDesc: description }),
        ),
      );
    },
    // Straight from its address, not through a proxy of CDS's; `showTable` alone leaves the writing to us.
    add_catalog_from_URL: (message) => {
      const options = { ...camelCase(message.options), onClick: "showTable" };
      this.aladin.addCatalog(this.api.catalogFromURL(message.votable_URL as string, options, undefined, false));
    },
    add_table: (message, [bytes]) => this.addTable(message, bytes),
    add_MOC_from_URL: (message) =>
      this.aladin.addMOC(this.api.MOCFromURL(message.moc_URL as string, camelCase(message.options))),
    add_MOC_from_dict: (message) =>
      this.aladin.addMOC(this.api.MOCFromJSON(message.moc_dict as object, camelCase(message.options))),
    add_overlay: (message) => this.addOverlay(message),
    remove_overlay: (message) => {
      for (const name of message.overlay_names as string[]) this.aladin.removeOverlay(name);
    },
    add_fits: (message, [bytes]) => {
      if (!bytes) return;
      this.forgetImage(message.options?.name as string);
      this.images.push([message, bytes]);
      this.layImage(message, bytes, message.view === undefined && message.visit !== false);
    },
    remove_image: (message) => {
      for (const name of message.overlay_names as string[]) {
        this.forgetImage(name);
        this.aladin.removeImageLayer(name);
      }
    },
    image_opacity: (message) => {
      for (const name of message.overlay_names as string[]) {
        const laid = this.images.find(([{ options }]) => options?.name === name);
        if (laid) laid[0].options = { ...laid[0].options, opacity: message.opacity };
        this.aladin.getOverlayImageLayer(name)?.setOpacity(message.opacity as number);
      }
    },
    change_colormap: (message) => this.aladin.getBaseImageLayer()?.setColormap(message.colormap as string),
    get_JPG_thumbnail: () => this.aladin.exportAsPNG(),
    save_view_as_image: async (message) => {
      const image = await this.aladin.getViewData(
        "arraybuffer",
        `image/${message.format}`,
        message.with_logo as boolean,
      );
      this.reply({ event_type: "save_view_as_image", ticket: message.ticket }, [image]);
    },
  };

  private forgetImage(name: string): void {
    this.images = this.images.filter(([message]) => message.options?.name !== name);
  }

  private layImage(message: Message, bytes: DataView, visit: boolean): void {
    const url = blobUrl(bytes, "application/fits");
    const options = camelCase(message.options);
    const image = this.aladin.createImageFITS(url, options, (ra, dec) => {
      URL.revokeObjectURL(url);
      if (visit) this.aladin.gotoRaDec(ra, dec);
    });
    this.aladin.setOverlayImageLayer(image, options.name as string);
  }

  private addTable(message: Message, bytes: DataView | undefined): void {
    if (!bytes) return;
    const options = camelCase(message.options);
    const fallback = options.shape ?? "cross";
    const url = blobUrl(bytes, "text/xml");
    const circle = options.circleError ? camelCase(options.circleError as Options) : undefined;
    const ellipse = options.ellipseError ? camelCase(options.ellipseError as Options) : undefined;
    const number = (data: Record<string, unknown>, shape: Options, field: string, conversion: string) =>
      Number(data[shape[field] as string]) * Number(shape[conversion]);
    type Source = { ra: number; dec: number; data: Record<string, unknown> };
    if (circle) {
      options.shape = ({ ra, dec, data }: Source) =>
        data[circle.radius as string]
          ? this.api.circle(ra, dec, number(data, circle, "radius", "conversionRadius"))
          : fallback;
    } else if (ellipse) {
      options.shape = ({ ra, dec, data }: Source) =>
        data[ellipse.majAxis as string] && data[ellipse.minAxis as string]
          ? this.api.ellipse(
              ra,
              dec,
              number(data, ellipse, "majAxis", "conversionMajAxis"),
              number(data, ellipse, "minAxis", "conversionMinAxis"),
              number(data, ellipse, "angle", "conversionAngle"),
            )
          : fallback;
    }
    const done = (catalog: object) => {
      URL.revokeObjectURL(url);
      this.aladin.addCatalog(catalog);
    };
    this.api.catalogFromURL(url, { ...options, onClick: "showTable" }, done, false);
  }

  private addOverlay(message: Message): void {
    const common = { color: "red", ...camelCase(message.graphic_options as Options) };
    const overlay = this.api.graphicOverlay(common);
    this.aladin.addOverlay(overlay);
    for (const { region_type, infos, options } of message.regions_infos as Region[]) {
      const style = { ...common, ...camelCase(options) } as Options;
      const n = (key: string) => infos[key] as number;
      if (region_type === "stcs") overlay.addFootprints(this.api.footprintsFromSTCS(infos.stcs, style));
      else if (region_type === "circle") overlay.add(this.api.circle(n("ra"), n("dec"), n("radius"), style));
      else if (region_type === "ellipse")
        overlay.add(this.api.ellipse(n("ra"), n("dec"), n("a"), n("b"), n("theta"), style));
      else if (region_type === "line")
        overlay.add(this.api.vector(n("ra1"), n("dec1"), n("ra2"), n("dec2"), { lineWidth: 3, ...style }));
      else overlay.add(this.api.polygon(infos.vertices, style));
    }
  }
}

/** snake_case Python names as Aladin Lite's camelCase. */
export function camelCase(options: Options | undefined): Options {
  const rename = (key: string) => key.replace(/^_/, "").replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(options ?? {}).map(([key, value]) => [rename(key), value]));
}

function blobUrl(bytes: DataView, type: string): string {
  return URL.createObjectURL(new Blob([bytes as DataView<ArrayBuffer>], { type }));
}
