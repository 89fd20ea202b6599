// An answer of any shape is on the page, and what it costs is bounded: elements, their depth, formulas that are typeset,
// characters that are read again while it grows.
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { segmentsOf } from "./cases";
import { Document } from "./document";
import { BoundedLexer } from "./lexer";
import {
  DEEPEST,
  DEEPEST_FORMULA,
  LONGEST_PLAIN,
  MOST_BLOCKS,
  MOST_ELEMENTS,
  MOST_FORMULAS,
  MOST_FORMULAS_OF_BLOCK,
} from "./limits";
import { typeset } from "./math.svelte";
import type { Pace } from "./pace";
import { Renderer } from "./renderer";
import { SHAPES } from "./shapes";

const katex = vi.hoisted(() => ({ calls: 0 }));
vi.mock("katex", async (original) => {
  const { default: real } = await original<typeof import("katex")>();
  const render: typeof real.render = (...args) => {
    katex.calls += 1;
    real.render(...args);
  };
  return { default: { ...real, render } };
});

// A twentieth of what is really allowed: jsdom takes milliseconds for each element.
vi.mock("./limits", async (original) => ({
  ...(await original<typeof import("./limits")>()),
  MOST_BLOCKS: 200,
  MOST_ELEMENTS: 300,
  MOST_FORMULAS: 50,
  MOST_FORMULAS_OF_BLOCK: 20,
  MOST_FORMULA_ELEMENTS: 500,
}));

/** Elements around a block, and inside its innermost one, that its own depth does not count. */
const AROUND = 10;
const END = "This is the end.";

beforeAll(async () => {
  await vi.waitFor(() => expect(typeset("a", false, document.createElement("span"))).toBe(true));
});

beforeEach(() => {
  vi.restoreAllMocks();
  katex.calls = 0;
});

function page(text: string): HTMLElement {
  const root = document.createElement("div");
  new Renderer(root).update(segmentsOf(text));
  return root;
}

function depthOf(root: Element): number {
  let depth = 0;
  for (let level = [root]; level.length > 0; depth += 1) level = level.flatMap((one) => [...one.children]);
  return depth;
}

describe("an answer is shown, whatever its shape", () => {
  it.each(Object.entries(SHAPES))("%s", (_name, shape) => {
    const root = page(`${shape}\n\n${END}`);

    const words = root.textContent;
    expect(words, "what follows is there").toContain(END);
    const shown = words.slice(0, words.indexOf(END)).trim() !== "" || root.querySelector("hr") !== null;
    expect(shown, "and so is the shape itself").toBe(true);
    for (const block of root.children) {
      expect(block.querySelectorAll("*").length).toBeLessThan(
        MOST_ELEMENTS + 20 * MOST_FORMULAS_OF_BLOCK + 500,
      );
    }
    expect(root.children.length).toBeLessThan(MOST_BLOCKS + shape.length / (LONGEST_PLAIN / 2) + AROUND);
    expect(depthOf(root)).toBeLessThan(3 * DEEPEST + DEEPEST_FORMULA + AROUND);
    expect(katex.calls).toBeLessThanOrEqual(MOST_FORMULAS);
    expect(root.querySelectorAll("math").length).toBeLessThanOrEqual(MOST_FORMULAS);
  });

  it("a_formula_beyond_the_limits_is_shown_as_its_source", () => {
    const root = page(`$${"\\sqrt{".repeat(100)}x${"}".repeat(100)}$ and $b$`);
    expect(root.querySelectorAll("math")).toHaveLength(1);
    expect(root.querySelector(".math code")?.textContent).toMatch(/^\\sqrt\{\\sqrt/);
  });

  it("a_block_that_throws_is_shown_as_plain_text_with_its_pills", () => {
    const { readLines } = BoundedLexer.prototype;
    vi.spyOn(BoundedLexer.prototype, "readLines").mockImplementation(function (this: BoundedLexer, block) {
      if (block.raw.startsWith("**")) throw new RangeError("Maximum call stack size exceeded");
      return readLines.call(this, block);
    });
    const root = page("before\n\n**a** ▮\nb\n\nafter");
    expect([...root.children].map((block) => block.textContent.trim())).toEqual([
      "before",
      "**a** [removed: email]\nb",
      "after",
    ]);
    expect(root.querySelectorAll(".plain .pill")).toHaveLength(1);
  });

  it("a_text_that_can_not_be_read_is_shown_as_plain_text", () => {
    const read = vi.spyOn(BoundedLexer.prototype, "readBlocks").mockImplementation(() => {
      throw new RangeError("Maximum call stack size exceeded");
    });
    const root = document.createElement("div");
    const renderer = new Renderer(root);
    renderer.update(segmentsOf("# a ▮"));
    expect(root.textContent).toBe("# a [removed: email]");
    read.mockRestore();
    renderer.update(segmentsOf("# a ▮"));
    expect(root.innerHTML).toContain("<h3");
  });
});

describe("while an answer grows", () => {
  it("only_its_end_is_read_again", () => {
    const text = `${"A paragraph with **bold** words. ".repeat(50)}\n\n- one\n- two\n\n`.repeat(40);
    const read = vi.spyOn(BoundedLexer.prototype, "readBlocks");
    let grown: Document | null = null;
    for (let length = 20_000; length <= text.length; length += 100)
      grown = Document.of(text.slice(0, length), grown);
    const lengths = read.mock.calls.map(([source]) => source.length);
    expect(lengths.length).toBeGreaterThan(200);
    expect(Math.max(...lengths.slice(1))).toBeLessThan(9_000);
  });

  it("what_is_kept_is_what_is_read_anew", () => {
    const parts = Object.values(SHAPES).map((shape) => shape.slice(0, 700));
    const text = `[x]: https://example.org\n\n${parts.join("\n\nBetween [x].\n\n")}\n\n[y]: late\n\nEnd`;
    let grown: Document | null = null;
    for (let length = 1; length <= text.length; length += 97) {
      const prefix = text.slice(0, length);
      grown = Document.of(prefix, grown);
      const whole = Document.of(prefix);
      expect(grown.definitions).toBe(whole.definitions);
      expect(grown.blocks.map(({ type, raw }) => [type, raw])).toEqual(
        whole.blocks.map(({ type, raw }) => [type, raw]),
      );
    }
  });

  it("a_formula_is_typeset_once", () => {
    const root = document.createElement("div");
    const renderer = new Renderer(root);
    const text = "Let $p$ and $q$ be $p + q$. ";
    for (let length = 1; length < 6 * text.length; length += 3) {
      renderer.update(segmentsOf(text.repeat(6).slice(0, length)));
    }
    expect(root.querySelectorAll("math").length).toBeGreaterThan(15);
    expect(katex.calls).toBeLessThan(10);
  });
});

/** A clock of work: every look at it takes a millisecond, and each frame has a few. */
class Steps implements Pace {
  waiting: (() => void)[] = [];
  left = 0;
  #now = 0;

  constructor(readonly perFrame: number) {}

  now(): number {
    return this.#now;
  }

  begin(): void {
    this.left = this.perFrame;
  }

  spent(): boolean {
    this.left -= 1;
    this.#now += 1;
    return this.left <= 0;
  }

  later(work: () => void): () => void {
    this.waiting.push(work);
    return () => (this.waiting = this.waiting.filter((other) => other !== work));
  }

  /** The next frame; says whether anything was left to do. */
  frame(): boolean {
    const work = this.waiting.shift();
    this.left = this.perFrame;
    work?.();
    return work !== undefined;
  }
}

describe("work that does not fit into a frame", () => {
  const text = `# Title ▮\n\n${"Some **bold** words and $z$.\n\n".repeat(40)}Last: $u$ $v$ $w$ $t$ $s$ ▮`;

  it("is_plain_text_until_its_turn_comes_and_then_the_same_page", () => {
    const steps = new Steps(5);
    const root = document.createElement("div");
    new Renderer(root, steps).update(segmentsOf(text));

    expect(root.lastElementChild?.querySelector("p:not(.plain)"), "the end comes first").not.toBeNull();
    expect(root.firstElementChild?.textContent, "nothing is blank").toBe("# Title [removed: email]");
    expect(root.querySelectorAll(".pill")).toHaveLength(2);
    let count = 0;
    while (steps.frame()) count += 1;
    expect(count).toBeGreaterThan(5);
    expect(root.innerHTML).toBe(page(text).innerHTML);
  });

  it("goes_on_with_the_newest_text", () => {
    const steps = new Steps(3);
    const root = document.createElement("div");
    const renderer = new Renderer(root, steps);
    for (let length = 10; length < text.length; length += 50) {
      renderer.update(segmentsOf(text.slice(0, length)));
      steps.frame();
    }
    renderer.update(segmentsOf(text));
    while (steps.frame());
    expect(root.innerHTML).toBe(page(text).innerHTML);
  });

  it("ends_with_the_page", () => {
    const steps = new Steps(3);
    const renderer = new Renderer(document.createElement("div"), steps);
    renderer.update(segmentsOf(text));
    renderer.stop();
    expect(steps.frame()).toBe(false);
  });

  it("a_costly_update_leaves_the_window_time_before_the_next", () => {
    const steps = new Steps(30);
    const root = document.createElement("div");
    const renderer = new Renderer(root, steps);
    renderer.update(segmentsOf(text));
    renderer.update(segmentsOf(`${text} more`));
    expect(root.textContent).not.toContain("more");
    while (steps.frame() && !root.textContent.includes("more")) steps.spent();
    expect(root.textContent).toContain("more");
  });
});
