// Segments to DOM, again and again while an answer grows. Blocks that did not change keep their DOM untouched; in a growing
// text only the last one does. What is on the page after any number of updates equals what one update with the whole
// text makes: stream.test.ts holds this for every split.
import type { Token } from "marked";
import type { Segment } from "../api/types";
import { toFragment } from "./dom";
import { Document } from "./grammar";
import { late } from "./late.svelte";
import { patch } from "./patch";
import { PLACEHOLDER, toSource, type Removed } from "./source";

export class Renderer {
  readonly #root: HTMLElement;
  #keys: string[] = [];

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  update(segments: readonly Segment[]): void {
    const { markdown, removed } = toSource(segments);
    const document = new Document(markdown);
    const keys = document.blocks.map((block) => keyOf(block, document.definitions, removed));
    document.blocks.forEach((block, index) => {
      if (this.#keys[index] !== keys[index]) {
        const element = this.#element(index);
        element.dataset["type"] = block.type;
        patch(element, toFragment(document.html(block), removed));
      }
    });
    while (this.#root.children.length > keys.length) this.#root.lastElementChild?.remove();
    this.#keys = keys;
  }

  #element(index: number): HTMLElement {
    const existing = this.#root.children[index];
    if (existing instanceof HTMLElement) return existing;
    const element = this.#root.ownerDocument.createElement("div");
    element.className = "block";
    this.#root.append(element);
    return element;
  }
}

/** Everything that the DOM of a block depends on. */
function keyOf(block: Token, definitions: string, removed: readonly Removed[]): string {
  const loose = block.type === "list" ? String(block["loose"]) : "";
  const pills = PLACEHOLDER.test(block.raw + definitions) ? JSON.stringify(removed) : "";
  // Any text may hold code or math, whose colours or setting may have arrived since.
  return [block.type, loose, late.version, definitions, pills, block.raw].join("\n");
}
