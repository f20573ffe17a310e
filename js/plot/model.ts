// The traits of cscwidgets.views.plot_selector.PlotSelector that its views read.

export interface PlotState {
  margins: { top: number; right: number; bottom: number; left: number };
  x_range: [number, number];
  y_range: [number, number];
  x_log: boolean;
  y_log: boolean;
  tool: "lasso" | "box";
  label: string;
  hint: { x: number; y: number; text: string } | Record<string, never>;
  accent: string;
  _ringed?: DataView;
}
