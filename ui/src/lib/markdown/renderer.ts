// Segments to DOM, again and again while an answer grows. Blocks that did not change keep their DOM untouched; in a growing
// text only the last one does. What is on the page after any number of updates equals what one update with the whole
// text makes: stream.test.ts holds this for every split.
//
// Nothing that is in an answer stops the window: a block that can't be drawn, or costs too much, is shown as the text that it
// is, and where a frame has had its time the rest follows in the next ones, from the end upwards, and is plain text until then.
// limits.test.ts holds this.
import type { Segment } from "../api/types";
import { toFragment, toPlainFragment } from "./dom";
import { Document, plainBlocks, type Block } from "./document";
import { late } from "./late.svelte";
import { MOST_FORMULAS, MOST_FORMULAS_OF_BLOCK } from "./limits";
import { isKnown, typeset, type Typeset } from "./math.svelte";
import { atOnce, type Pace } from "./pace";
import { patch } from "./patch";
import { removedIn, toSource, type Removed } from "./source";

/** What takes longer than a frame leaves the window as much time again before it is done anew. In milliseconds. */
const FRAME = 16;
/** Marks a formula that is shown as its source until its turn comes. */
const LATER = "data-later";

/** A block, and what else its DOM depends on. */
type Drawing = {
  block: Block;
  /** What was removed from it. */
  removals: string;
  /** Which colours and typesetters were there. */
  version: number;
  /** Which link definitions the text had. */
  definitions: number;
  typesets: boolean;
};

export class Renderer {
  readonly #root: HTMLElement;
  readonly #pace: Pace;
  #segments: readonly Segment[] = [];
  /** Whether there are newer segments than those that are drawn. */
  #stale = false;
  #document: Document | null = null;
  #removed: readonly Removed[] = [];
  #definitions = { text: "", version: 0 };
  #elements: HTMLElement[] = [];
  /** What is on the page, block by block; null: its plain text, or nothing yet. */
  #drawn: (Drawing | null)[] = [];
  /** What is to be drawn, from the end of the array on. */
  #due: { index: number; drawing: Drawing }[] = [];
  #restsUntil = 0;
  #cancel: (() => void) | null = null;

  constructor(root: HTMLElement, pace: Pace = atOnce) {
    this.#root = root;
    this.#pace = pace;
  }

  update(segments: readonly Segment[]): void {
    this.#segments = segments;
    this.#stale = true;
    // It is read here, so that an effect that calls this runs again when colours or formulas have arrived.
    void late.version;
    if (this.#pace.now() < this.#restsUntil) this.#goOnLater();
    else this.#update();
  }

  /** Draws nothing any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #update(): void {
    const start = this.#pace.now();
    this.#pace.begin();
    this.#stale = false;
    const { markdown, removed } = toSource(this.#segments);
    this.#removed = removed;
    this.#due = this.#changed(this.#read(markdown));
    this.#draw();
    const took = this.#pace.now() - start;
    if (took > FRAME) this.#restsUntil = start + 2 * took;
  }

  #goOnLater(): void {
    this.#cancel ??= this.#pace.later(() => {
      this.#cancel = null;
      if (!this.#stale) this.#draw();
      else if (this.#pace.now() < this.#restsUntil) this.#goOnLater();
      else this.#update();
    });
  }

  #read(markdown: string): readonly Block[] {
    try {
      this.#document = Document.of(markdown, this.#document);
      return this.#document.blocks;
    } catch {
      this.#document = null;
      return plainBlocks(markdown);
    }
  }

  /** What differs from the page, after the page has as many blocks. */
  #changed(blocks: readonly Block[]): { index: number; drawing: Drawing }[] {
    const definitions = this.#document?.definitions ?? "";
    const text = definitions + removedIn(definitions, this.#removed);
    if (this.#definitions.text !== text) this.#definitions = { text, version: this.#definitions.version + 1 };

    for (const element of this.#elements.splice(blocks.length)) element.remove();
    this.#drawn.length = this.#elements.length;
    while (this.#elements.length < blocks.length) this.#append();

    let formulas = 0;
    const changed: { index: number; drawing: Drawing }[] = [];
    blocks.forEach((block, index) => {
      const few = block.formulas <= MOST_FORMULAS_OF_BLOCK;
      if (few) formulas += block.formulas;
      const drawing: Drawing = {
        block,
        removals: block.hasRemovals ? removedIn(block.raw, this.#removed) : "",
        version: block.waits ? late.version : 0,
        definitions: this.#definitions.version,
        typesets: few && formulas <= MOST_FORMULAS,
      };
      if (!isSame(drawing, this.#drawn[index])) changed.push({ index, drawing });
    });
    return changed;
  }

  #append(): void {
    const element = this.#root.ownerDocument.createElement("div");
    element.className = "block";
    this.#root.append(element);
    this.#elements.push(element);
    this.#drawn.push(null);
  }

  /** Draws at least one block, the last first, because that is where a reader is; then for as long as there is time. */
  #draw(): void {
    for (let due = this.#due.pop(); due; due = this.#pace.spent() ? undefined : this.#due.pop()) {
      this.#drawBlock(due.index, due.drawing);
    }
    for (const { index, drawing } of this.#due) {
      const element = this.#elements[index];
      if (element?.firstChild === null) element.append(toPlainFragment(drawing.block.raw, this.#removed));
    }
    if (this.#due.length > 0 || this.#typesetSome()) this.#goOnLater();
  }

  #drawBlock(index: number, drawing: Drawing): void {
    const element = this.#elements[index];
    if (!element) return;
    const { block } = drawing;
    const removed = this.#removed;
    const formulas = drawing.typesets ? this.#typeset : () => false;
    try {
      const html = block.html();
      const fragment = html === null ? null : toFragment(html, removed, formulas);
      element.dataset["type"] = fragment === null ? "plain" : block.type;
      patch(element, fragment ?? toPlainFragment(block.raw, removed));
    } catch {
      element.dataset["type"] = "plain";
      element.replaceChildren(toPlainFragment(block.raw, removed));
    }
    this.#drawn[index] = drawing;
  }

  readonly #typeset: Typeset = (tex, display, element) => {
    if (isKnown(tex, display) || !this.#pace.spent()) return typeset(tex, display, element);
    element.setAttribute(LATER, "");
    return false;
  };

  /** Whether there are formulas left whose turn has not come yet. */
  #typesetSome(): boolean {
    for (const element of this.#root.querySelectorAll<HTMLElement>(`[${LATER}]`)) {
      if (this.#pace.spent()) return true;
      element.removeAttribute(LATER);
      typeset(element.textContent, element.dataset["math"] === "block", element);
    }
    return false;
  }
}

function isSame(drawing: Drawing, other: Drawing | null | undefined): boolean {
  if (!other) return false;
  const { block } = drawing;
  const alike =
    block === other.block ||
    (block.type === other.block.type && block.loose === other.block.loose && block.raw === other.block.raw);
  return (
    alike &&
    drawing.removals === other.removals &&
    drawing.version === other.version &&
    drawing.definitions === other.definitions &&
    drawing.typesets === other.typesets
  );
}
