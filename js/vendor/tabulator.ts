export { TabulatorFull } from "tabulator-tables";
