// TeX math as MathML, which the web view sets itself: no fonts and no style sheet are shipped for it.
import type { KatexOptions } from "katex";
import { late } from "./late.svelte";

type Render = (tex: string, element: HTMLElement, options: KatexOptions) => void;

let render: Render | undefined;
let requested = false;

/** Sets the formula into the element, or leaves the element alone while the typesetter is not loaded. */
export function typeset(tex: string, display: boolean, element: HTMLElement): boolean {
  if (!render) {
    if (!requested) {
      requested = true;
      void import("katex").then((katex) => {
        render = katex.default.render;
        late.arrived();
      });
    }
    return false;
  }
  render(tex, element, {
    displayMode: display,
    output: "mathml",
    throwOnError: false,
    strict: false,
    trust: false,
  });
  return true;
}
