// What the web view draws as nothing, the filter passes over: every code point is drawn and compared with the filter's table.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { inWindow } from './window.mjs';

const TABLE = fileURLToPath(new URL('../../filters/src/word/unseen.txt', import.meta.url));

const hex = (code) => code.toString(16).toUpperCase().padStart(4, '0');

/** Code points, and whether a character is one of them. */
function table() {
  const lines = readFileSync(TABLE, 'utf8').split('\n').filter((line) => /^[0-9A-F]/.test(line));
  const ranges = lines.map((line) => line.split('..').map((code) => Number.parseInt(code, 16)));
  return (code) => ranges.some(([first, last]) => first <= code && code <= last);
}

test('what_is_drawn_as_nothing_is_passed_over_by_the_filter', inWindow(async (lethe) => {
  await lethe.find('onboarding');
  /** Without ink and without room, alone and within a word. */
  const nothing = (first, end) => lethe.run((first, end) => {
    const context = document.createElement('canvas').getContext('2d');
    context.font = '16px sans-serif';
    const room = context.measureText('ab').width;
    const found = [];
    for (let code = first; code < end; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const character = String.fromCodePoint(code);
      const alone = context.measureText(character);
      const ink = alone.actualBoundingBoxAscent + alone.actualBoundingBoxDescent;
      if (alone.width === 0 && !(ink > 0) && context.measureText(`a${character}b`).width === room) found.push(code);
    }
    return found;
  }, first, end);

  const found = [];
  const step = 0x1000;
  for (let first = 0; first < 0x110000; first += step) found.push(...(await nothing(first, first + step)));
  assert.ok(found.includes(0x200b) && found.includes(0xad), `the measure sees what is known to be nothing: ${found.slice(0, 20).map(hex)}`);
  const isUnseen = table();
  // Marks of accents are dropped by the canonical form, and line breaks part words. A letter or a sign is one to the filter, even
  // where a font of this machine has an empty glyph for it.
  const other = found.filter((code) => !isUnseen(code) && !/^[\p{M}\p{L}\p{N}\p{P}\p{S}\s]$/u.test(String.fromCodePoint(code)));
  assert.deepEqual(other.map(hex), [], 'drawn as nothing, and seen by the filter as what parts words');
}, { prepare: () => {} }));
