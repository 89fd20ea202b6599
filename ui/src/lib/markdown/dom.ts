// One block of HTML to the DOM that is shown: sanitised, pills in place of placeholders, links that open nothing, code with
// its label and copy button.
//
// The grammar lets no HTML of the model through. The sanitiser is the second wall: it knows only the few tags that the
// grammar writes. Pills and buttons are made after it, by DOM calls, so it never has to allow them.
import DOMPurify from "dompurify";
import { text } from "../text/en";
import { MOST_ELEMENTS } from "./limits";
import type { Typeset } from "./math.svelte";
import { plainParts } from "./plain";
import { PLACEHOLDER, placeholdersToText, removedAt, type Removed } from "./source";

const SANITISER = {
  ALLOWED_TAGS: [
    ...["p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "br", "pre", "code", "a", "span"],
    ...["strong", "em", "del", "table", "thead", "tbody", "tr", "th", "td", "#text"],
  ],
  ALLOWED_ATTR: ["align", "class", "data-language", "data-level", "data-math", "data-target", "start"],
  // The target is shown as text, so it is not judged as an address: what would be dangerous to open is safe to read.
  ADD_URI_SAFE_ATTR: ["data-target"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

/** A block of HTML; null where it has more elements than are drawn. Formulas are typeset where `formulas` lets them be. */
export function toFragment(
  html: string,
  removed: readonly Removed[],
  formulas: Typeset,
): DocumentFragment | null {
  // What the model writes as "<" is escaped, so these are the tags of the grammar, two for most elements.
  if (html.split("<", 2 * MOST_ELEMENTS + 2).length > 2 * MOST_ELEMENTS + 1) return null;
  const fragment = DOMPurify.sanitize(html, SANITISER);
  for (const element of fragment.querySelectorAll("*")) cleanAttributes(element, removed);
  for (const element of fragment.querySelectorAll<HTMLElement>("[data-math]")) setMath(element, formulas);
  placePills(fragment, removed);
  for (const pre of fragment.querySelectorAll("pre")) frameCode(pre);
  for (const table of fragment.querySelectorAll("table")) wrap(table, "table");
  for (const task of fragment.querySelectorAll(".task")) task.closest("li")?.classList.add("task-item");
  for (const link of fragment.querySelectorAll("a")) disarm(link);
  // An element with its own direction does not count when the paragraph around it finds its direction.
  for (const code of fragment.querySelectorAll("code, .math")) code.setAttribute("dir", "ltr");
  for (const child of fragment.children) {
    if (!child.hasAttribute("dir")) child.setAttribute("dir", "auto");
  }
  return fragment;
}

/** Plain text, with pills where something was removed. */
export function toPlainFragment(text: string, removed: readonly Removed[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const part of plainParts(text)) {
    const paragraph = document.createElement("p");
    paragraph.className = "plain";
    paragraph.dir = "auto";
    paragraph.textContent = part;
    fragment.append(paragraph);
  }
  placePills(fragment, removed);
  return fragment;
}

export function pill({ kind, list, entry }: Removed): HTMLElement {
  const element = document.createElement("span");
  element.className = "pill";
  element.dir = "ltr";
  element.tabIndex = 0;
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", text.redaction.spoken);
  element.dataset["testid"] = "redaction";
  element.dataset["kind"] = kind;
  element.dataset["label"] = text.redaction.label(kind);
  if (list !== null) element.dataset["list"] = list;
  if (entry !== null) element.dataset["entry"] = entry;
  element.textContent = text.redaction.copied(kind);
  return element;
}

function cleanAttributes(element: Element, removed: readonly Removed[]): void {
  for (const { name, value } of [...element.attributes]) {
    if (PLACEHOLDER.test(value)) element.setAttribute(name, placeholdersToText(value, removed));
  }
}

function setMath(element: HTMLElement, formulas: Typeset): void {
  const display = element.dataset["math"] === "block";
  const tex = element.textContent;
  element.className = display ? "math math-block" : "math";
  // A formula with something removed from it is no formula any more: its source is shown, with the pill in it.
  if (PLACEHOLDER.test(tex) || !formulas(tex, display, element)) {
    const code = document.createElement("code");
    code.textContent = tex;
    element.replaceChildren(code);
  }
}

function placePills(fragment: DocumentFragment, removed: readonly Removed[]): void {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const node of texts) {
    if (!PLACEHOLDER.test(node.data)) continue;
    const parts = node.data.split(/([\uE000-\uF8FF])/).filter((part) => part !== "");
    node.replaceWith(
      ...parts.map((part) => (PLACEHOLDER.test(part) ? pill(removedAt(part, removed)) : part)),
    );
  }
}

function frameCode(pre: HTMLElement): void {
  const frame = wrap(pre, "code");
  const bar = document.createElement("div");
  bar.className = "code-bar";
  const language = document.createElement("span");
  language.textContent = pre.dataset["language"] || text.chat.plainCode;
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "code-copy";
  copy.textContent = text.chat.copyCode;
  bar.append(language, copy);
  frame.prepend(bar);
  frame.dir = "ltr";
}

function wrap(element: HTMLElement, className: string): HTMLElement {
  const wrapper = document.createElement("div");
  wrapper.className = className;
  element.replaceWith(wrapper);
  wrapper.append(element);
  return wrapper;
}

function disarm(link: HTMLElement): void {
  link.tabIndex = 0;
  link.setAttribute("role", "button");
}
