import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isAtLeast, parseVersion } from './lib/version.mjs';

test('versions_are_found_in_what_tools_print', () => {
  const rows = [
    ['rustc 1.95.0 (59807616e 2026-04-14)', [1, 95, 0]],
    ['v20.19.5', [20, 19, 5]],
    ['cargo-nextest 0.9.143 (60fa45f63 2026-08-04)', [0, 9, 143]],
    ['1.95', [1, 95, 0]],
    ['command not found', null],
    ['', null],
  ];
  for (const [text, version] of rows) assert.deepEqual(parseVersion(text), version, text);
});

test('versions_are_compared_by_number_not_by_letter', () => {
  const rows = [
    ['1.95.0', '1.95', true],
    ['1.100.0', '1.95', true],
    ['2.0.0', '1.95', true],
    ['1.94.9', '1.95', false],
    ['0.99.0', '1.95', false],
    ['20.9.0', '20.19', false],
    ['20.20.0', '20.19', true],
    ['nothing', '1.0', false],
  ];
  for (const [found, wanted, answer] of rows) assert.equal(isAtLeast(found, wanted), answer, `${found} for ${wanted}`);
});
