// How much of an answer is set as Markdown. What goes beyond is shown as the text that it is: a model may write anything, of
// any length and nested as deeply as it likes, and the window has to answer all the same.
//
// Sizes and counts, no times: the same text always gives the same page. What is within them may still take longer than a
// frame; lib/markdown/pace.ts spreads it over several.

/** Characters of an answer that are read as Markdown. */
export const LONGEST_ANSWER = 1_000_000;
/** Blocks of an answer (paragraphs, lists, tables and so on), and the blank lines between them. */
export const MOST_BLOCKS = 8_000;
/** Characters of one block, which is drawn in one go. */
export const LONGEST_BLOCK = 100_000;
/** Lists and quotes inside each other, and emphasis and links inside each other. Further in, no room is left for words. */
export const DEEPEST = 20;
/** Characters of one block that are read for its inner blocks, each time that they are read. */
export const BLOCK_WORK = 4_000_000;
/** The same for what stands in a line: reading costs up to its length for each mark in it. */
export const INLINE_WORK = 20_000_000;
/** Elements of one block: cells of a table, items of a list. */
export const MOST_ELEMENTS = 5_000;
/** Definitions of link targets in an answer. */
export const MOST_DEFINITIONS = 500;
/** Formulas of an answer. */
export const MOST_FORMULAS = 1_000;
/** Formulas of one block, which is laid out anew for each of them. */
export const MOST_FORMULAS_OF_BLOCK = 300;
/** Characters of a heading that is underlined. */
export const LONGEST_HEADING = 500;
/** Characters of one formula. */
export const LONGEST_FORMULA = 5_000;
/** Braces inside each other in a formula, and elements inside each other in what becomes of it. */
export const DEEPEST_FORMULA = 60;
/** Elements that may become of a formula. */
export const MOST_FORMULA_ELEMENTS = 5_000;
/** Characters of plain text that make one paragraph on the page. */
export const LONGEST_PLAIN = 10_000;
