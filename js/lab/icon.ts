import { LabIcon } from "@jupyterlab/ui-components";
import svgstr from "./icon.svg";

export const icon = new LabIcon({ name: "cscwidgets:icon", svgstr });

/** The same as the address of an image. */
export const iconUrl = `data:image/svg+xml,${encodeURIComponent(svgstr)}`;
