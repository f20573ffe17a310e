// The traits of cscwidgets.views.screen.frame.Frame.
import type { AnyModel } from "@anywidget/types";

export const AREAS = ["sky", "panels", "table"] as const;
export type Area = (typeof AREAS)[number];

export interface FrameState {
  height: number;
  panels: { name: string; title: string }[];
  front: string;
  pinned: string;
  sky: number;
  table: number;
  folded: Area[];
  usual: { sky: number; table: number };
  two: boolean;
  news: number;
}

export type FrameModel = AnyModel<FrameState>;

export function choose(model: FrameModel, changes: Partial<FrameState>): void {
  for (const [trait, value] of Object.entries(changes)) model.set(trait as keyof FrameState, value);
  model.save_changes();
}
