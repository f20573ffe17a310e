// Tabulator with the parts used here: it draws rows and lets columns be moved and resized.
import {
  FormatModule,
  FrozenColumnsModule,
  MoveColumnsModule,
  ResizeColumnsModule,
  ResizeTableModule,
  Tabulator,
} from "tabulator-tables";
import css from "tabulator-tables/dist/css/tabulator_simple.min.css";

Tabulator.registerModule([
  FormatModule,
  FrozenColumnsModule,
  MoveColumnsModule,
  ResizeColumnsModule,
  ResizeTableModule,
]);

export { css, Tabulator };
