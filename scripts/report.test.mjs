import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Report, StepFailure, duration } from './lib/report.mjs';

/** A report that writes into a string; every look at its clock is one second later. */
function reported() {
  let text = '';
  let clock = 0;
  const report = new Report({ write: (part) => (text += part), now: () => (clock += 1000), terminal: false });
  return { report, text: () => text };
}

test('durations_read_well', () => {
  const rows = [
    [40, '0.0 s'],
    [1234, '1.2 s'],
    [42_400, '42 s'],
    [185_000, '3 min 5 s'],
  ];
  for (const [milliseconds, text] of rows) assert.equal(duration(milliseconds), text);
});

test('a_failing_step_says_how_to_go_on', async () => {
  const { report, text } = reported();
  const failure = new StepFailure('cmake is missing.', { advice: 'install cmake', tail: ['last words'], log: '/tmp/log' });
  await assert.rejects(report.step('Build', async () => Promise.reject(failure)), failure);
  const lines = ['  | last words', '✗ Build: cmake is missing.', '  To go on: install cmake', '  Whole log: /tmp/log', ''];
  assert.equal(text(), lines.join('\n'));
});

test('the_summary_counts_every_step', async () => {
  const { report, text } = reported();
  assert.equal(await report.step('Model', async () => ({ result: 'there', value: 7 })), 7);
  report.notRun('Window', 'no display');
  assert.equal(report.summary(), true, 'a step that was left out is no failure');
  assert.match(text(), /✓ Model: there \(1\.0 s\)\n/);
  assert.match(text(), /\nSteps: 1 passed, 0 failed, 1 skipped\n$/);

  await report.step('Format', async () => Promise.reject(new StepFailure('wrong'))).catch(() => {});
  assert.equal(report.summary(), false);
  assert.match(text(), /\nSteps: 1 passed, 1 failed, 1 skipped\n$/);
});
