// From segments to one Markdown source, and to the text that a copy yields.
//
// A removed segment becomes one private-use character, U+E000 + its index, so that Markdown sees a letter-like mark it can't
// split, and the place survives inside bold, links, code and tables. Text may hold such characters too; each is shown as
// U+FFFD, so that no text can pose as a removal, and none joins on screen what the filter saw apart. lib/markdown/dom.ts
// puts the pills in their place.
import type { Segment } from "../api/types";
import { text } from "../text/en";

export type Removed = Extract<Segment, { type: "removed" }>;

export type Source = { markdown: string; removed: Removed[] };

const FIRST = 0xe000;
/** The last character stands for every removal that finds no character of its own. */
const LAST = 0xf8ff;
const CAPACITY = LAST - FIRST;

const UNKNOWN: Removed = { type: "removed", kind: "text", list: null, entry: null };

const RESERVED = /[\uE000-\uF8FF\uFDD0-\uFDEF\uFFFE\uFFFF]/g;
const REPLACEMENT = "\uFFFD";
export const PLACEHOLDER = /[\uE000-\uF8FF]/;
const PLACEHOLDERS = /[\uE000-\uF8FF]/g;
/** Character references that would be decoded to a placeholder after the placeholders are set. */
const REFERENCE = /&#(?:x0*(?:e[0-9a-f]{3}|f[0-8][0-9a-f]{2})|0*(\d{5}));/gi;

export function toSource(segments: readonly Segment[]): Source {
  const removed: Removed[] = [];
  let markdown = "";
  for (const segment of segments) {
    if (segment.type === "text") {
      markdown += segment.text.replace(RESERVED, REPLACEMENT);
    } else {
      markdown += String.fromCharCode(FIRST + Math.min(removed.length, CAPACITY));
      removed.push(segment);
    }
  }
  return { markdown: markdown.replace(REFERENCE, withoutPlaceholder), removed };
}

export function removedAt(placeholder: string, removed: readonly Removed[]): Removed {
  const index = placeholder.charCodeAt(0) - FIRST;
  return (index < CAPACITY && removed[index]) || UNKNOWN;
}

/** What the placeholders of a text stand for, as one comparable string. */
export function removedIn(text: string, removed: readonly Removed[]): string {
  const found = text.match(PLACEHOLDERS);
  return found === null ? "" : JSON.stringify(found.map((placeholder) => removedAt(placeholder, removed)));
}

/** For attributes and other places that hold plain text only. */
export function placeholdersToText(value: string, removed: readonly Removed[]): string {
  return value.replace(RESERVED, (placeholder) =>
    PLACEHOLDER.test(placeholder) ? text.redaction.copied(removedAt(placeholder, removed).kind) : REPLACEMENT,
  );
}

/** The Markdown source as the user copies it. */
export function toCopy(segments: readonly Segment[]): string {
  return segments
    .map((segment) => (segment.type === "text" ? segment.text : text.redaction.copied(segment.kind)))
    .join("");
}

function withoutPlaceholder(reference: string, decimal?: string): string {
  const code = decimal === undefined ? FIRST : Number(decimal);
  return code >= FIRST && code <= LAST ? REPLACEMENT : reference;
}
