// Text that is shown as it is, in pieces that a web view lays out without trouble.
import { LONGEST_PLAIN } from "./limits";

/** The text in pieces, cut at the end of a line or else between two words where there is one. None is empty. */
export function plainParts(text: string): string[] {
  const parts: string[] = [];
  let rest = text.replace(/^\n+/, "");
  while (rest.length > LONGEST_PLAIN) {
    const end = endOfPart(rest);
    parts.push(rest.slice(0, end));
    rest = rest.slice(end).replace(/^\n/, "");
  }
  if (rest.trim() !== "") parts.push(rest.trimEnd());
  return parts;
}

function endOfPart(text: string): number {
  for (const border of ["\n", " "]) {
    const at = text.lastIndexOf(border, LONGEST_PLAIN - 1);
    if (at > LONGEST_PLAIN / 2) return at + (border === " " ? 1 : 0);
  }
  // Two halves of one character stay together.
  return /[\uD800-\uDBFF]/.test(text[LONGEST_PLAIN - 1] ?? "") ? LONGEST_PLAIN - 1 : LONGEST_PLAIN;
}
