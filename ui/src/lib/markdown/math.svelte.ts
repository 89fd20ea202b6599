// TeX math as MathML, which the web view sets itself: no fonts and no style sheet are shipped for it. A formula that is too
// long, too deep or not understood is left to its source; nothing is thrown. Formulas that were set are remembered, because a
// growing answer is drawn again and again.
import type { KatexOptions } from "katex";
import { late } from "./late.svelte";
import { DEEPEST_FORMULA, LONGEST_FORMULA, MOST_FORMULA_ELEMENTS, MOST_FORMULAS } from "./limits";

type Render = (tex: string, element: HTMLElement, options: KatexOptions) => void;

/** Sets a formula into an element, or says that its source is to be shown. */
export type Typeset = (tex: string, display: boolean, element: HTMLElement) => boolean;

/** Macros of the formula's own, of which a few can make millions of signs. */
const DEFINES = /\\(?:[gex]?def|let|futurelet|(?:re)?newcommand|providecommand|global|long)(?![a-zA-Z])/;
/** How often macros are replaced: KaTeX's own make up most of what people write, some formulas of it by the hundred. */
const EXPANSIONS = { own: 20, none: 1000 };

let render: Render | undefined;
let requested = false;
/** What became of a formula; null: its source is shown. */
const known = new Map<string, HTMLElement | null>();

export const typeset: Typeset = (tex, display, element) => {
  const formula = isKnown(tex, display) ? recall(tex, display) : make(tex, display);
  if (formula === null) return false;
  element.replaceChildren(...[...formula.childNodes].map((node) => node.cloneNode(true)));
  return true;
};

/** Whether it costs next to nothing to typeset. */
export function isKnown(tex: string, display: boolean): boolean {
  return known.has(nameOf(tex, display));
}

function recall(tex: string, display: boolean): HTMLElement | null {
  return known.get(nameOf(tex, display)) ?? null;
}

function make(tex: string, display: boolean): HTMLElement | null {
  if (tex.length > LONGEST_FORMULA || nesting(tex) > DEEPEST_FORMULA) return null;
  if (!render) {
    load();
    return null;
  }
  const made = document.createElement("span");
  const whole = attempt(render, tex, display, made) && isDrawable(made);
  if (known.size >= MOST_FORMULAS) for (const oldest of known.keys()) if (known.delete(oldest)) break;
  known.set(nameOf(tex, display), whole ? made : null);
  return whole ? made : null;
}

/** KaTeX throws more than it promises, a stack that is used up for example. */
function attempt(render: Render, tex: string, display: boolean, element: HTMLElement): boolean {
  try {
    render(tex, element, {
      displayMode: display,
      output: "mathml",
      throwOnError: false,
      strict: false,
      trust: false,
      maxExpand: DEFINES.test(tex) ? EXPANSIONS.own : EXPANSIONS.none,
    });
    return true;
  } catch {
    return false;
  }
}

function isDrawable(formula: HTMLElement): boolean {
  const elements = formula.getElementsByTagName("*");
  if (elements.length > MOST_FORMULA_ELEMENTS) return false;
  let depth = 0;
  for (let level: Element[] = [formula]; level.length > 0; depth += 1) {
    if (depth > DEEPEST_FORMULA) return false;
    level = level.flatMap((element) => [...element.children]);
  }
  return true;
}

function nesting(tex: string): number {
  let depth = 0;
  let deepest = 0;
  for (const sign of tex) {
    if (sign === "{") deepest = Math.max(deepest, ++depth);
    else if (sign === "}") depth -= 1;
  }
  return deepest;
}

function nameOf(tex: string, display: boolean): string {
  return `${display ? "block" : "inline"} ${tex}`;
}

function load(): void {
  if (requested) return;
  requested = true;
  void import("katex").then((katex) => {
    render = katex.default.render;
    late.arrived();
  });
}
