// marked's lexer, made to stop: it reads no deeper and no longer than lib/markdown/limits.ts allows. A block in which it
// stopped is known as such, so that the block can be shown as plain text.
import { Lexer, type MarkedOptions, type Token, type Tokenizer, type Tokens, type TokensList } from "marked";
import { BLOCK_WORK, DEEPEST, INLINE_WORK } from "./limits";

/** Thrown where a text has as many blocks as are read. */
class Full extends Error {}

/** What may begin something in a line. */
const MARKS = /[\\`*_~[\]!<$@]|:\/\/|www\./g;

export class BoundedLexer extends Lexer {
  /** The places in `tokens` of what goes deeper or takes longer than is read. */
  readonly beyond = new Set<number>();
  readonly #most: number;
  readonly #inline = new Map<Token[], string>();
  #depth = 0;
  #work = 0;
  #at = 0;
  #exceeded = false;

  /** Of a text with more than `most` blocks only these are read. */
  constructor(options: MarkedOptions, most: number) {
    super(options);
    this.#most = most;
    if (this.options.tokenizer) anchor(this.options.tokenizer);
  }

  /** The blocks at the beginning of a source, in `tokens`; what stands in their lines is not read yet. */
  readBlocks(source: string): void {
    try {
      this.blockTokens(source, this.tokens);
    } catch (error) {
      if (!(error instanceof Full)) throw error;
    }
    for (const { src, tokens } of this.inlineQueue) this.#inline.set(tokens, src);
  }

  /** To be called before each block is read. */
  checkpoint(): void {
    if (this.#depth === 1 && this.tokens.length >= this.#most) throw new Full();
  }

  /** Reads what stands in the lines of a block; says whether all of it was read. */
  readLines(block: Token): boolean {
    // marked keeps one tokenizer for all its lexers, and it remembers the last one made.
    if (this.options.tokenizer) this.options.tokenizer.lexer = this;
    this.#depth = 0;
    this.#work = 0;
    this.#exceeded = false;
    this.#readLines(block);
    return !this.#exceeded;
  }

  override blockTokens(source: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(source: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(
    source: string,
    tokens: Token[] | TokensList = [],
    lastParagraphClipped = false,
  ): Token[] | TokensList {
    if (this.#depth > 0 && !this.#mayReadBlocks(source)) {
      tokens.push(textToken(source));
      return tokens;
    }
    this.#depth += 1;
    try {
      return super.blockTokens(source, tokens as Token[], lastParagraphClipped);
    } finally {
      this.#depth -= 1;
    }
  }

  override inlineTokens(source: string, tokens: Token[] = []): Token[] {
    this.#work += source.length * ((source.match(MARKS)?.length ?? 0) + 1);
    if (this.#depth >= DEEPEST || this.#work > INLINE_WORK) {
      this.#exceeded = true;
      tokens.push(textToken(source));
      return tokens;
    }
    this.#depth += 1;
    try {
      return super.inlineTokens(source, tokens);
    } finally {
      this.#depth -= 1;
    }
  }

  #mayReadBlocks(source: string): boolean {
    const at = this.tokens.length;
    if (this.#at !== at) this.#work = 0;
    this.#at = at;
    this.#work += source.length;
    if (this.#depth > DEEPEST || this.#work > BLOCK_WORK) this.beyond.add(at);
    return !this.beyond.has(at);
  }

  #readLines(value: unknown): void {
    if (Array.isArray(value)) {
      const source = this.#inline.get(value as Token[]);
      if (source !== undefined) {
        this.#inline.delete(value as Token[]);
        this.inlineTokens(source, value as Token[]);
      } else {
        for (const part of value) this.#readLines(part);
      }
    } else if (typeof value === "object" && value !== null) {
      for (const part of Object.values(value)) this.#readLines(part);
    }
  }
}

function textToken(text: string): Tokens.Text {
  return { type: "text", raw: text, text, escaped: false };
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

type BlockRules = Tokenizer["rules"]["block"];
let anchoredRules: BlockRules | undefined;

/**
 * The same rules, sticky. WebKit tries some patterns that begin with "^" at every position of the rest of the text before
 * it gives up, which makes a text of 50 kB take half a second; a sticky pattern is tried at one position only.
 */
function anchor(tokenizer: Tokenizer): void {
  const { block } = tokenizer.rules;
  anchoredRules ??= Object.fromEntries(
    Object.entries(block).map(([name, rule]) => [
      name,
      rule.source.startsWith("^") ? new Anchored(rule) : rule,
    ]),
  ) as BlockRules;
  tokenizer.rules = { ...tokenizer.rules, block: anchoredRules };
}
