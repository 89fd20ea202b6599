// Streamed equals whole: for every way to cut a text in two, and for every prefix along the way, the page that grew is the
// page that was made at once.
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Segment } from "../api/types";
import { append } from "../state/chat.svelte";
import { segmentsOf, STREAM_CASES } from "./cases";
import { highlighted } from "./highlight.svelte";
import { typeset } from "./math.svelte";
import { Renderer } from "./renderer";

const CUT = "\u0000";

function page(segments: readonly Segment[]): string {
  const root = document.createElement("div");
  new Renderer(root).update(segments);
  return root.innerHTML;
}

/** The text as it arrives when it is cut after `at` characters; a removal is never cut. */
function cut(text: string, at: number): [Segment[], Segment[]] {
  const [before = "", after = ""] = `${text.slice(0, at)}${CUT}${text.slice(at)}`.split(CUT);
  return [segmentsOf(before), segmentsOf(after)];
}

/** At each point the growing page is compared with one made at once, and then grown to the end in a single step. */
function check(text: string): void {
  const whole = page(segmentsOf(text));
  const grown = document.createElement("div");
  const growing = new Renderer(grown);
  for (let at = 0; at <= text.length; at += 1) {
    const [first, second] = cut(text, at);
    const root = document.createElement("div");
    const renderer = new Renderer(root);
    renderer.update(first);
    growing.update(first);
    expect(grown.innerHTML, `prefix of ${at}`).toBe(root.innerHTML);
    renderer.update(append(first, second));
    expect(root.innerHTML, `cut after ${at}`).toBe(whole);
  }
}

const LATE = /```(?:js|sh)|\$|\\[([]/;

describe("streamed equals whole", () => {
  it.each(Object.entries(STREAM_CASES))("%s", (_name, text) => check(text));
});

describe("streamed equals whole, with colours and set formulas", () => {
  beforeAll(async () => {
    await vi.waitFor(() => expect(highlighted("a", "js")).not.toBeNull());
    await vi.waitFor(() => expect(highlighted("a", "sh")).not.toBeNull());
    await vi.waitFor(() => expect(typeset("a", false, document.createElement("span"))).toBe(true));
  });

  it.each(Object.entries(STREAM_CASES).filter(([, text]) => LATE.test(text)))("%s", (_name, text) =>
    check(text),
  );
});

describe("while an answer grows", () => {
  it("closed_blocks_keep_their_elements", () => {
    const root = document.createElement("div");
    const renderer = new Renderer(root);
    renderer.update(segmentsOf("# Title\n\nOne ▮.\n\nTw"));
    const [title, one] = root.children;
    const pill = root.querySelector(".pill");
    renderer.update(segmentsOf("# Title\n\nOne ▮.\n\nTwo **three**\n\n- four"));
    expect(root.children[0]).toBe(title);
    expect(root.children[1]).toBe(one);
    expect(root.querySelector(".pill")).toBe(pill);
  });

  it("the_open_block_keeps_what_it_can", () => {
    const root = document.createElement("div");
    const renderer = new Renderer(root);
    renderer.update(segmentsOf("```\na"));
    const code = root.querySelector("pre");
    renderer.update(segmentsOf("```\na\nb"));
    expect(root.querySelector("pre")).toBe(code);
    expect(code?.textContent).toBe("a\nb");
  });
});
