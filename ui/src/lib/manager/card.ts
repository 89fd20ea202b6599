// The card of a repository as Markdown that Lethe can set. Cards hold HTML for web pages; the grammar shows HTML as it is
// written, which nobody wants to read, so its tags are taken out here and its words stay. That is for the eye only: what makes
// untrusted text safe is the grammar and the sanitiser behind it.

/** Characters that are set at once; the rest is set when it is asked for. */
export const FIRST_PART = 12_000;

const FENCE = /^(?:```|~~~)/;
const COMMENT = /<!--[\s\S]*?-->/g;
/** Elements whose content is no text. */
const SILENT = /<(script|style|svg|iframe)\b[\s\S]*?<\/\1\s*>/gi;
const BREAK = /<(?:br|hr|\/p|\/div|\/h[1-6]|\/li|\/tr)\b[^>]*>/gi;
const TAG =
  /<\/?(?:a|b|i|u|p|em|h[1-6]|hr|br|ul|ol|li|td|th|tr|div|img|sub|sup|code|span|font|bold|table|tbody|thead|style|video|audio|strong|small|center|source|picture|details|summary|section|script|iframe|figure|figcaption|blockquote)\b[^>]*>/gi;

export function toMarkdown(card: string): string {
  return parts(card)
    .map(({ code, text }) => (code ? text : withoutTags(text)))
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** The beginning, cut between two lines. */
export function firstPart(markdown: string): string {
  if (markdown.length <= FIRST_PART) return markdown;
  const end = markdown.lastIndexOf("\n", FIRST_PART);
  return markdown.slice(0, end > 0 ? end : FIRST_PART);
}

function withoutTags(text: string): string {
  return text.replace(COMMENT, "").replace(SILENT, "").replace(BREAK, "\n\n").replace(TAG, "");
}

/** What stands between fences is code, where a tag is meant as it is written. */
function parts(card: string): { code: boolean; text: string }[] {
  const parts: { code: boolean; lines: string[] }[] = [{ code: false, lines: [] }];
  for (const line of card.replace(/\r\n?/g, "\n").split("\n")) {
    const current = parts.at(-1);
    if (!current) break;
    if (!FENCE.test(line.trimStart())) current.lines.push(line);
    else if (current.code) {
      current.lines.push(line);
      parts.push({ code: false, lines: [] });
    } else parts.push({ code: true, lines: [line] });
  }
  return parts.map(({ code, lines }) => ({ code, text: lines.join("\n") }));
}
