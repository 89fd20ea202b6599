// A source as blocks, of which each is drawn by itself. A source that has grown keeps the blocks that can't change any more:
// only its end is read again, so a frame of a long answer costs about as much as one of a short answer.
import type { Token, Tokens, TokensList } from "marked";
import { htmlOf, newLexer } from "./grammar";
import type { BoundedLexer } from "./lexer";
import { LONGEST_ANSWER, LONGEST_BLOCK, LONGEST_FORMULA, MOST_BLOCKS } from "./limits";
import { plainParts } from "./plain";
import { PLACEHOLDER } from "./source";

/** No block looks further ahead than this beyond the next blank line: lib/markdown/grammar.ts holds to it. */
const LOOKAHEAD = LONGEST_FORMULA + 100;
const FORMULA = /\$|\\[([]/;
const FENCE = /```|~~~/;

type Links = TokensList["links"];

/** A top-level block: a paragraph, a list, a table. */
export class Block {
  readonly type: string;
  readonly raw: string;
  readonly loose: boolean;
  readonly hasRemovals: boolean;
  /** How many formulas there may be: each sign that could begin or end one counts. */
  readonly formulas: number;
  /** Whether colours or a typesetter that arrive late may change it. */
  readonly waits: boolean;
  readonly #token: Token | null;
  readonly #lexer: BoundedLexer | null;

  /** Without a token and its lexer it is plain text. */
  constructor(raw: string, token: Token | null = null, lexer: BoundedLexer | null = null) {
    this.type = token?.type ?? "plain";
    this.raw = raw;
    this.loose = token?.type === "list" && (token as Tokens.List).loose;
    this.hasRemovals = PLACEHOLDER.test(raw);
    const math = token !== null && token.type !== "code" && FORMULA.test(raw);
    this.formulas = math ? Math.ceil(count(raw, "$") / 2) + count(raw, "\\(") + count(raw, "\\[") : 0;
    this.waits = math || (token !== null && FENCE.test(raw));
    this.#token = token;
    this.#lexer = lexer;
  }

  /** As HTML, or null where it is to be shown as plain text. */
  html(): string | null {
    if (this.#token === null || this.#lexer === null) return null;
    return this.#lexer.readLines(this.#token) ? htmlOf(this.#token) : null;
  }
}

/** A place between two blocks, after a blank line: what stands before it does not change when the source grows. */
type Cut = { offset: number; tokens: number; blocks: number; links: Links };

const START: Cut = { offset: 0, tokens: 0, blocks: 0, links: {} };

export class Document {
  readonly blocks: readonly Block[];
  /** Link definitions anywhere in the source change the meaning of every block. */
  readonly definitions: string;
  readonly #source: string;
  readonly #cut: Cut;

  /** Reads a source; of one that it has grown from, only what is new and what may have changed. */
  static of(markdown: string, before: Document | null = null): Document {
    const source = markdown.replace(/\r\n?/g, "\n");
    if (before !== null && before.#isBeginningOf(source)) {
      const grown = new Document(source, before.#cut, before.blocks);
      if (grown.definitions === before.definitions) return grown;
    }
    return new Document(source, START, []);
  }

  private constructor(source: string, cut: Cut, known: readonly Block[]) {
    const lexer = newLexer(MOST_BLOCKS - cut.tokens, cut.links);
    lexer.readBlocks(source.slice(cut.offset, LONGEST_ANSWER));
    const blocks = known.slice(0, cut.blocks);
    const links = { ...cut.links };
    let { offset } = cut;
    let next = cut;
    lexer.tokens.forEach((token, index) => {
      offset += token.raw.length;
      if (token.type === "def") {
        const { tag, href, title } = token as Tokens.Def;
        links[tag] ??= { href, title };
      } else if (token.type === "space") {
        if (source.length - offset <= LOOKAHEAD) return;
        next = { offset, tokens: cut.tokens + index + 1, blocks: blocks.length, links: { ...links } };
      } else if (lexer.beyond.has(index) || token.raw.length > LONGEST_BLOCK) {
        blocks.push(...plainBlocks(token.raw));
      } else {
        blocks.push(new Block(token.raw, token, lexer));
      }
    });
    blocks.push(...plainBlocks(source.slice(offset)));
    this.blocks = blocks;
    this.#cut = next;
    this.definitions = JSON.stringify(lexer.tokens.links);
    this.#source = source;
  }

  #isBeginningOf(source: string): boolean {
    return source.startsWith(this.#source.slice(0, this.#cut.offset));
  }
}

export function plainBlocks(text: string): Block[] {
  return plainParts(text).map((part) => new Block(part));
}

function count(text: string, sign: string): number {
  let found = 0;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + sign.length)) found += 1;
  return found;
}
