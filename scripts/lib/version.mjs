// Version numbers as tools print them, and their order.

/**
 * Finds the first version number in a tool's answer.
 * @param {string} text for example "rustc 1.95.0 (59807616e 2026-04-14)" or "v20.19.5"
 * @returns {number[] | null} [major, minor, patch], missing parts as 0
 */
export function parseVersion(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match && [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Whether version `found` (text of a tool) is `wanted` ("20.19") or newer. */
export function isAtLeast(found, wanted) {
  const have = parseVersion(found);
  const need = parseVersion(wanted);
  if (have === null || need === null) return false;
  const difference = have.map((part, index) => part - need[index]).find((part) => part !== 0);
  return (difference ?? 0) >= 0;
}
