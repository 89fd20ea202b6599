// Nothing that a model writes runs, loads, submits or leads anywhere.
import { beforeAll, describe, expect, it, vi } from "vitest";
import { HOSTILE } from "./cases";
import { highlighted } from "./highlight.svelte";
import { typeset } from "./math.svelte";
import { Renderer } from "./renderer";

const ALLOWED = new Set(
  [
    ...[
      "DIV",
      "P",
      "H3",
      "H4",
      "H5",
      "H6",
      "UL",
      "OL",
      "LI",
      "BLOCKQUOTE",
      "HR",
      "BR",
      "PRE",
      "CODE",
      "A",
      "SPAN",
    ],
    ...["STRONG", "EM", "DEL", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "BUTTON"],
  ].map((name) => name.toLowerCase()),
);
const ATTRIBUTES =
  /^(align|aria-label|class|data-(kind|label|language|level|list|entry|math|target|testid|type)|dir|role|start|tabindex|type)$/;
const MATHML = "http://www.w3.org/1998/Math/MathML";
const MATH_ATTRIBUTES =
  /^(xmlns|display|encoding|mathvariant|stretchy|fence|separator|form|lspace|rspace|width|height|depth|minsize|maxsize|accent|accentunder|displaystyle|scriptlevel|linethickness|columnalign|columnspacing|rowspacing|mathcolor|class|title|style)$/;

beforeAll(async () => {
  await vi.waitFor(() => expect(highlighted("a", "js")).not.toBeNull());
  await vi.waitFor(() => expect(typeset("a", false, document.createElement("span"))).toBe(true));
});

describe("harmless", () => {
  it.each(Object.entries(HOSTILE))("%s", (_name, text) => {
    const root = document.createElement("div");
    new Renderer(root).update([{ type: "text", text }]);

    for (const element of root.querySelectorAll("*")) {
      const math = element.namespaceURI === MATHML;
      if (!math) expect(ALLOWED, text).toContain(element.localName);
      else expect(["maction", "annotation-xml"], text).not.toContain(element.localName);
      for (const { name, value } of element.attributes) {
        const katex = math || element.closest(".katex, .katex-error") !== null;
        expect(name, text).toMatch(katex ? MATH_ATTRIBUTES : ATTRIBUTES);
        if (name === "style") expect(value, text).toMatch(/^color:\s*#?\w+;?$/);
      }
    }
    // Only the copy button of a code block is a button.
    for (const button of root.querySelectorAll("button")) expect(button.className).toBe("code-copy");
  });
});

describe("shown, not swallowed", () => {
  it.each([
    ["a tag", "a <b>c</b>", "a <b>c</b>"],
    ["a script", "<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["a comment", "x <!-- y -->", "x <!-- y -->"],
    ["a generic type", "Vec<String> and List<int>", "Vec<String> and List<int>"],
  ])("%s", (_name, text, expected) => {
    const root = document.createElement("div");
    new Renderer(root).update([{ type: "text", text }]);
    expect(root.textContent.trim()).toBe(expected);
  });

  it("a_link_shows_its_target_and_opens_nothing", () => {
    const root = document.createElement("div");
    new Renderer(root).update([{ type: "text", text: "[x](javascript:alert(1))" }]);
    const link = root.querySelector("a");
    expect(link?.getAttribute("href")).toBeNull();
    expect(link?.dataset["target"]).toBe("javascript:alert(1)");
  });
});
