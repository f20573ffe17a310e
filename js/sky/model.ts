// The traits of cscwidgets.views.sky.Sky that its views read and write.
import type { AnyModel } from "@anywidget/types";
import type { Survey } from "./hips";
import type { Look } from "./survey_layer";
import type { Theme } from "./theme";

interface Words {
  what: string;
  why: string;
  hint: string;
}

export type Shape = "circle" | "box" | "polygon";
export type Purpose = "region" | "select";

export interface PictureState {
  png?: DataView;
  wcs?: Record<string, number | string>;
  title?: string;
  credit?: string;
  simulated?: boolean;
}

/** What is said of the fields of view at a place. */
export interface Card {
  ra?: number;
  dec?: number;
  note?: string;
  entries?: {
    name: string;
    row: number;
    title: string;
    words: string;
    observations: { name: string; instrument: string; date: string; exposure: string; page: string }[];
  }[];
}

export interface SkyState {
  _target: string;
  _fov: number;
  _rotation: number;
  _projection: string;
  _height: number;
  _moves: number;
  _seen: number;
  _init_options: Record<string, unknown>;
  _is_loaded: boolean;
  _wcs: object;
  _fov_xy: { x: number; y: number };
  _base_layer_last_view: string;
  _survey_body: string;
  coo_frame: string;
  survey: string;
  overlay_survey: string;
  overlay_survey_opacity: number;
  survey_look: Look;
  overlay_survey_look: Look;
  _surveys: Survey[];
  _refused_surveys: Record<string, Words>;
  _survey_search: {
    words?: string;
    running?: boolean;
    found?: { identifier: string; name: string }[];
    failure?: Words | null;
  };
  _survey_looks: { colormap: string[]; stretch: string[] };
  theme: Theme;
  show_ellipses: boolean;
  show_grid: boolean;
  fields: "" | "stacks" | "observations";
  covered: boolean;
  purpose: Purpose;
  _tool: Shape | "";
  _sources: { total?: number; positions?: DataView; names?: DataView; ellipses?: DataView };
  _highlighted: { slots?: DataView; positions?: DataView; total?: number };
  _density: { positions?: DataView; levels?: DataView; selected?: DataView; total?: number; most?: number };
  _focused: { name?: string; ra?: number; dec?: number };
  _outline: { positions?: DataView };
  _regions: { positions: DataView; dashed: boolean }[];
  _groups: { colour: string; positions: DataView }[];
  _candidates: { positions?: DataView; best?: number; outlines?: DataView[] };
  show_archive_pictures: boolean;
  picture_opacity: number;
  _archive_pictures: PictureState[];
  _picture: PictureState;
  _asks_values: boolean;
  _value: string;
  _contours: { positions?: DataView };
  _fields: { positions?: DataView; ends?: DataView; labels?: DataView; instruments?: DataView };
  _coverage: { positions?: DataView };
  _card: Card;
  _own_layers: {
    name: string;
    colour: string;
    total: number;
    positions: DataView;
    rows: DataView;
    labels: DataView;
    chosen: DataView;
  }[];
  _own_areas: { name: string; colour: string; words: string; filled: boolean; positions: DataView }[];
  _own_row: {
    layer?: string;
    title?: string;
    colour?: string;
    ra?: number;
    dec?: number;
    values?: [string, string][];
  };
}

export type SkyModel = AnyModel<SkyState>;
