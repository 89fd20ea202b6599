// What Markdown means here: GFM and TeX math, and no HTML. A tag that the model writes is text like any other, so that
// nothing it says can become a script, a style, a form or a request to the network; <br> alone is understood, because
// tables have no other way to break a line. Links and images keep their target as data and open nothing.
import { Marked, Parser, Tokenizer, type Token, type Tokens, type TokensList } from "marked";
import { text } from "../text/en";
import { highlighted } from "./highlight.svelte";
import { BoundedLexer } from "./lexer";
import { LONGEST_FORMULA, LONGEST_HEADING, MOST_DEFINITIONS } from "./limits";

type MathToken = { type: "math"; raw: string; tex: string; display: boolean };

const INLINE_MATH = [
  /^\$(?![\s$])((?:\\.|[^\\$\n])*?[^\s\\$]|\\.)\$(?![\d$])/,
  /^\\\(((?:(?!\\\))[^\n])+?)\\\)/,
];
const INLINE_DISPLAY_MATH = [/^\$\$([^$\n]+?)\$\$/];
const BLOCK_MATH = /^ {0,3}(\$\$|\\\[)/;
const END_OF_LINE = /[ \t]*(?:\n|$)/y;

function inlineMath(patterns: RegExp[], source: string, display: boolean): MathToken | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(source);
    if (match?.[1]) return { type: "math", raw: match[0], tex: match[1].trim(), display };
  }
  return undefined;
}

/**
 * A formula on lines of its own. It may hold blank lines, so its end is looked for in as many characters only as one may
 * have: in a text full of beginnings each would cost all that follows.
 */
function blockMath(source: string): MathToken | undefined {
  const opening = BLOCK_MATH.exec(source);
  if (!opening) return undefined;
  const start = opening[0].length;
  const close = opening[1] === "$$" ? "$$" : "\\]";
  const text = source.slice(0, start + LONGEST_FORMULA);
  let end = text.indexOf(close, start);
  while (close === "$$" && end > 0 && text[end - 1] === "\\") end = text.indexOf(close, end + 1);
  const tex = text.slice(start, Math.max(start, end)).trim();
  END_OF_LINE.lastIndex = end + close.length;
  const rest = tex === "" ? null : END_OF_LINE.exec(source);
  return rest ? { type: "math", raw: source.slice(0, END_OF_LINE.lastIndex), tex, display: true } : undefined;
}

/** Asked for every paragraph, so it looks no further than the next blank line: a long text would cost its square. */
function startOfBlockMath(source: string): number | undefined {
  const found = /\n\n|(?:^|\n) {0,3}(?:\$\$|\\\[)/.exec(source);
  return found === null || found[0] === "\n\n" ? undefined : found.index;
}

/**
 * What of a source may be a definition of a link's target. CommonMark ends one before a blank line; marked's pattern does
 * not, and would look through all that follows.
 */
function definitionIn(source: string): string {
  const lines = firstLines(source, LONGEST_FORMULA);
  const end = lines.indexOf("\n\n");
  return end < 0 ? lines : lines.slice(0, end + 1);
}

/** Whole lines from the beginning of a source, of so many characters together. */
function firstLines(source: string, length: number): string {
  return source.length <= length ? source : source.slice(0, source.lastIndexOf("\n", length - 1) + 1);
}

const mathRenderer = (token: Tokens.Generic) =>
  `<span data-math="${token["display"] ? "block" : "inline"}">${escapeHtml((token as MathToken).tex)}</span>`;

const marked = new Marked({
  gfm: true,
  extensions: [
    {
      name: "math",
      level: "block",
      start: startOfBlockMath,
      tokenizer(source) {
        (this.lexer as BoundedLexer).checkpoint();
        return blockMath(source);
      },
      renderer: mathRenderer,
    },
    {
      name: "inlineMath",
      level: "inline",
      start: (source) => source.match(/\$|\\\(/)?.index,
      tokenizer: (source) =>
        inlineMath(INLINE_DISPLAY_MATH, source, true) ?? inlineMath(INLINE_MATH, source, false),
    },
  ],
  tokenizer: {
    html: () => undefined,
    def(source) {
      if (!/^ {0,3}\[/.test(source)) return undefined;
      if (Object.keys(this.lexer.tokens.links).length >= MOST_DEFINITIONS) return undefined;
      return Tokenizer.prototype.def.call(this, definitionIn(source));
    },
    // Its underline may stand far below, and is looked for from each line of an item of a list.
    lheading(source) {
      return Tokenizer.prototype.lheading.call(this, firstLines(source, LONGEST_HEADING));
    },
    tag: (source) => {
      const match = /^<br\s*\/?>/i.exec(source);
      return match ? ({ type: "br", raw: match[0] } as unknown as Tokens.Tag) : undefined;
    },
  },
  renderer: {
    heading({ depth, tokens }) {
      // The page has headings of its own above these: the model's start at the third level and keep their look by data.
      const level = Math.min(depth + 2, 6);
      return `<h${level} data-level="${depth}">${this.parser.parseInline(tokens)}</h${level}>`;
    },
    code({ text: code, lang }) {
      const language = lang?.trim().split(/\s/)[0] ?? "";
      const body = highlighted(code, language) ?? escapeHtml(code);
      return `<pre data-language="${escapeHtml(language)}"><code>${body}</code></pre>`;
    },
    link({ href, tokens }) {
      return `<a data-target="${escapeHtml(href)}">${this.parser.parseInline(tokens)}</a>`;
    },
    image({ href, text: alt }) {
      return `<a data-target="${escapeHtml(href)}">${escapeHtml(text.chat.image(alt))}</a>`;
    },
    checkbox({ checked }) {
      return `<span class="task">${checked ? "☑" : "☐"}</span>`;
    },
  },
});

/** A lexer of at most `most` blocks, for a source before which these targets of links were defined. */
export function newLexer(most: number, links: TokensList["links"]): BoundedLexer {
  const lexer = new BoundedLexer(marked.defaults, most);
  Object.assign(lexer.tokens.links, links);
  return lexer;
}

export function htmlOf(block: Token): string {
  return Parser.parse([block], marked.defaults);
}

export function escapeHtml(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
