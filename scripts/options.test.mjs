import assert from 'node:assert/strict';
import { test } from 'node:test';

import { UsageError, groups, startOptions, testGroups } from './lib/options.mjs';

test('groups_of_checks_can_be_chosen', () => {
  const rows = [
    [[], groups],
    [['--only', 'rust'], ['rust']],
    [['--only=rust,fmt'], ['rust', 'fmt']],
    [['--only', 'ui', '--only', 'window'], ['ui', 'window']],
  ];
  for (const [argv, chosen] of rows) assert.deepEqual([...testGroups(argv)], chosen, argv.join(' '));
});

test('what_is_not_understood_is_refused_with_a_sentence', () => {
  const rows = [
    [testGroups, ['--only', 'rsut'], /"rsut" is no group/],
    [testGroups, ['--only'], /Known options: --only\.$/],
    [testGroups, ['rust'], /Known options/],
    [startOptions, ['--windows'], /Known options: --window, --terminal, --setup\.$/],
    [startOptions, ['--window', '--terminal'], /exclude each other/],
  ];
  for (const [parse, argv, message] of rows) {
    assert.throws(() => parse(argv), (error) => error instanceof UsageError && message.test(error.message), argv.join(' '));
  }
});

test('start_takes_a_wish', () => {
  assert.deepEqual(startOptions([]), { wish: null, setupOnly: false });
  assert.deepEqual(startOptions(['--terminal']), { wish: 'terminal', setupOnly: false });
  assert.deepEqual(startOptions(['--setup', '--window']), { wish: 'window', setupOnly: true });
});
