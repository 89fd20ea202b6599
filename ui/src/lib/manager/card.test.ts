// What becomes of the HTML in a repository's card. That nothing of it can act is shown in lib/markdown/safety.test.ts.
import { describe, expect, it } from "vitest";
import { FIRST_PART, firstPart, toMarkdown } from "./card";

describe("a card", () => {
  it.each([
    ["# Tiny\n\nText.", "# Tiny\n\nText."],
    ['<div align="center"><img src="a.png"></div>\n\nText.', "Text."],
    ["<h2>Use</h2>\nText.", "Use\n\n\nText.".replace("\n\n\n", "\n\n")],
    ["a <!-- hidden\n --> b", "a  b"],
    ["a<script>alert(1)</script>b", "ab"],
    ["one<br>two", "one\n\ntwo"],
    ["1 < 2 and a <b>strong</b> word", "1 < 2 and a strong word"],
    ["a generic Vec<String>", "a generic Vec<String>"],
    ["```html\n<div>stays</div>\n```\n<div>goes</div>", "```html\n<div>stays</div>\n```\ngoes"],
    ["~~~\n<p>never closed", "~~~\n<p>never closed"],
    ["line\r\nend", "line\nend"],
  ])("%j is set as %j", (card, expected) => {
    expect(toMarkdown(card)).toBe(expected);
  });

  it("that_is_long_is_cut_between_two_lines", () => {
    const line = "word ".repeat(20).trim();
    const long = Array.from({ length: 400 }, () => line).join("\n");
    const first = firstPart(long);
    expect(first.length).toBeLessThanOrEqual(FIRST_PART);
    expect(first.endsWith("word")).toBe(true);
    expect(long[first.length]).toBe("\n");
    expect(firstPart("short")).toBe("short");
  });
});
