// Where a removal stands in the text, a pill stands on the page; where no element can stand, words do.
import { describe, expect, it } from "vitest";
import type { Segment } from "../api/types";
import { REMOVED, segmentsOf } from "./cases";
import { Renderer } from "./renderer";
import { toCopy, toSource } from "./source";

function render(segments: readonly Segment[]): HTMLElement {
  const root = document.createElement("div");
  new Renderer(root).update(segments);
  return root;
}

const PLACES: [name: string, text: string, selector: string][] = [
  ["a sentence", "ask ▮ now", "p > .pill"],
  ["bold", "**ask ▮**", "strong > .pill"],
  ["italics", "*▮*", "em > .pill"],
  ["deleted text", "~~a ▮~~", "del > .pill"],
  ["a link's text", "[page of ▮](https://example.org)", "a > .pill"],
  ["a code span", "`to ▮`", "code > .pill"],
  ["a code block", "```\nto ▮\n```", "pre code > .pill"],
  ["a table", "| a |\n|---|\n| ▮ |", "td > .pill"],
  ["a heading", "## ▮", "h4 > .pill"],
  ["a list", "- a\n  - ▮", "li li > .pill"],
  ["a quote", "> ▮", "blockquote .pill"],
  ["an image's words", "![▮](https://example.org/a.png)", "a > .pill"],
  ["a formula", "$a_▮$", ".math code > .pill"],
];

describe("a pill survives", () => {
  it.each(PLACES)("in %s", (_name, text, selector) => {
    const root = render(segmentsOf(text));
    expect(root.querySelectorAll(".pill")).toHaveLength(1);
    const pill = root.querySelector<HTMLElement>(selector);
    expect(pill?.dataset).toMatchObject({
      testid: "redaction",
      kind: "email",
      list: "requests",
      entry: "r-7",
    });
    expect(pill?.getAttribute("aria-label")).toBe("removed: personal data");
    expect(root.textContent).not.toMatch(/[\uE000-\uF8FF]/);
  });
});

describe("in attributes", () => {
  it.each([
    ["a link target", "[x](mailto:▮)", "a", "data-target", "mailto:[removed: email]"],
    [
      "a definition",
      "[x]\n\n[x]: https://a.example/▮/b",
      "a",
      "data-target",
      "https://a.example/[removed: email]/b",
    ],
    ["a language", "```▮\nx\n```", "pre", "data-language", "[removed: email]"],
  ])("%s gets words", (_name, text, selector, attribute, expected) => {
    expect(render(segmentsOf(text)).querySelector(selector)?.getAttribute(attribute)).toBe(expected);
  });
});

describe("text can't pose as a removal", () => {
  it.each([
    ["a private-use character", "a\uE000b"],
    ["a noncharacter", "a\uFDD0b\uFFFE"],
    ["a hexadecimal reference", "a&#xE000;b &#x00e000; &#XE000"],
    ["a decimal reference", "a&#57344;b"],
    ["a reference in a link", "[a&#xE000;](https://example.org/&#xE000;)"],
  ])("%s", (_name, text) => {
    const root = render([REMOVED, { type: "text", text }]);
    expect(root.querySelectorAll(".pill")).toHaveLength(1);
    expect(root.innerHTML).not.toMatch(/[\uE000-\uF8FF\uFDD0-\uFDEF]/);
  });

  it("other_references_keep_their_meaning", () => {
    expect(render([{ type: "text", text: "&#x263A; &#9786; &copy;" }]).textContent.trim()).toBe("☺ ☺ ©");
  });
});

it("more_removals_than_placeholders_are_all_shown", () => {
  const many = Array.from({ length: 6500 }, (): Segment => REMOVED);
  expect(toSource(many).markdown).toHaveLength(6500);
  expect(
    render(many.flatMap((removed) => [removed, { type: "text", text: " " }])).querySelectorAll(".pill"),
  ).toHaveLength(6500);
});

it("a_copy_is_the_source_with_words_for_pills", () => {
  const text = "# T\n\n**▮** and `▮`\n\n```js\na\n```\n";
  expect(toCopy(segmentsOf(text))).toBe(text.replaceAll("▮", "[removed: email]"));
});
