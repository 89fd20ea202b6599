// What Markdown means here: GFM and TeX math, and no HTML. A tag that the model writes is text like any other, so that
// nothing it says can become a script, a style, a form or a request to the network; <br> alone is understood, because
// tables have no other way to break a line. Links and images keep their target as data and open nothing.
import { Lexer, Marked, Parser, type Token, type Tokenizer, type Tokens, type TokensList } from "marked";
import { text } from "../text/en";
import { highlighted } from "./highlight.svelte";

type MathToken = { type: "math"; raw: string; tex: string; display: boolean };

const INLINE_MATH = [
  /^\$(?![\s$])((?:\\.|[^\\$\n])*?[^\s\\$]|\\.)\$(?![\d$])/,
  /^\\\(((?:(?!\\\))[^\n])+?)\\\)/,
];
const BLOCK_MATH = [/^ {0,3}\$\$([\s\S]+?)\$\$[ \t]*(?:\n|$)/, /^ {0,3}\\\[([\s\S]+?)\\\][ \t]*(?:\n|$)/];
const INLINE_DISPLAY_MATH = /^\$\$([^$\n]+?)\$\$/;

function math(patterns: RegExp[], source: string, display: boolean): MathToken | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(source);
    if (match?.[1]) return { type: "math", raw: match[0], tex: match[1].trim(), display };
  }
  return undefined;
}

/** Asked for every paragraph, so it looks no further than the next blank line: a long text would cost its square. */
function startOfBlockMath(source: string): number | undefined {
  const end = source.indexOf("\n\n");
  const paragraph = end < 0 ? source : source.slice(0, end);
  return paragraph.match(/(?:^|\n) {0,3}(?:\$\$|\\\[)/)?.index;
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
      tokenizer: (source) => math(BLOCK_MATH, source, true),
      renderer: mathRenderer,
    },
    {
      name: "inlineMath",
      level: "inline",
      start: (source) => source.match(/\$|\\\(/)?.index,
      tokenizer: (source) => math([INLINE_DISPLAY_MATH], source, true) ?? math(INLINE_MATH, source, false),
    },
  ],
  tokenizer: {
    html: () => undefined,
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

/** The top-level blocks of a source, not yet parsed below the block level: that is the costly part, done per block. */
export class Document {
  readonly blocks: Token[];
  /** Link definitions anywhere in the source change the meaning of every block. */
  readonly definitions: string;
  readonly #lexer: Lexer;
  readonly #inline: Map<Token[], string>;

  constructor(markdown: string) {
    this.#lexer = new Lexer(marked.defaults);
    const tokenizer = marked.defaults.tokenizer;
    if (tokenizer) tokenizer.rules = { ...tokenizer.rules, block: anchored(tokenizer.rules.block) };
    const tokens: TokensList = this.#lexer.tokens;
    this.#lexer.blockTokens(markdown.replace(/\r\n?/g, "\n"), tokens);
    this.blocks = tokens.filter((token) => token.type !== "space" && token.type !== "def");
    this.definitions = JSON.stringify(tokens.links);
    this.#inline = new Map(this.#lexer.inlineQueue.map(({ src, tokens }) => [tokens, src]));
  }

  html(block: Token): string {
    // marked keeps one tokenizer for all its lexers, and it remembers the last one made.
    const tokenizer = marked.defaults.tokenizer;
    if (tokenizer) tokenizer.lexer = this.#lexer;
    this.#parseInline(block);
    return Parser.parse([block], marked.defaults);
  }

  #parseInline(value: unknown): void {
    if (Array.isArray(value)) {
      const source = this.#inline.get(value as Token[]);
      if (source !== undefined) {
        this.#inline.delete(value as Token[]);
        this.#lexer.inlineTokens(source, value as Token[]);
      } else {
        for (const part of value) this.#parseInline(part);
      }
    } else if (typeof value === "object" && value !== null) {
      for (const part of Object.values(value)) this.#parseInline(part);
    }
  }
}

/** A pattern that begins with "^" and is not even tried elsewhere. */
class Anchored extends RegExp {
  constructor(pattern: RegExp) {
    super(pattern.source, `${pattern.flags}y`);
  }

  override exec(text: string): RegExpExecArray | null {
    this.lastIndex = 0;
    return super.exec(text);
  }
}

/**
 * The same rules, sticky. WebKit tries some patterns that begin with "^" at every position of the rest of the text before
 * it gives up, which makes a text of 50 kB take half a second; a sticky pattern is tried at one position only.
 */
function anchored(rules: BlockRules): BlockRules {
  anchoredRules ??= Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [
      name,
      rule.source.startsWith("^") ? new Anchored(rule) : rule,
    ]),
  ) as BlockRules;
  return anchoredRules;
}

type BlockRules = Tokenizer["rules"]["block"];
let anchoredRules: BlockRules | undefined;

export function escapeHtml(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
