import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Report, StepFailure } from './lib/report.mjs';
import { ask, childEnvironment, lastWords, run, signalStatus } from './lib/run.mjs';

const silent = () => {
  const lines = [];
  return { lines, report: new Report({ write: (text) => lines.push(text.trim()), terminal: false }) };
};
const node = (program) => ['--eval', program];

test('a_failing_tool_leaves_its_last_words_and_a_whole_log', async () => {
  const { report } = silent();
  const program = "console.log('first'); console.error('last \\u001b[31mwords\\u001b[0m'); process.exitCode = 3";
  const failure = await run(report, process.execPath, node(program), { what: 'The tool', log: 'scripts-test', advice: 'try again' })
    .then(assert.fail, (error) => error);
  assert.ok(failure instanceof StepFailure);
  assert.equal(failure.message, 'The tool ended with exit code 3.');
  assert.deepEqual([...failure.tail].sort(), ['first', 'last words'], 'colours are taken out');
  assert.match(readFileSync(failure.log, 'utf8'), /first/);
});

test('a_tool_sees_no_input_and_chosen_lines_are_shown', async () => {
  const { report, lines } = silent();
  const program = "console.log('input ' + require('node:fs').readFileSync(0).length); console.log('other')";
  await run(report, process.execPath, node(program), { log: 'scripts-test', advice: '', show: /^input/ });
  assert.deepEqual(lines, ['input 0']);
});

test('a_missing_tool_is_a_sentence_not_a_crash', async () => {
  const { report } = silent();
  await assert.rejects(
    run(report, 'lethe-no-such-tool', [], { what: 'The tool', log: 'scripts-test', advice: 'install it' }),
    { message: 'The tool is not installed.', advice: 'install it' },
  );
  assert.equal(ask('lethe-no-such-tool', []).code, null);
});

test('what_a_tool_leaves_running_does_not_hold_the_step_up', async () => {
  const { report } = silent();
  const begun = performance.now();
  const program = `const { spawn } = require('node:child_process');
    spawn(process.execPath, ['--eval', 'setTimeout(() => {}, 60000)'], { stdio: 'inherit' }).unref();
    process.exit(0)`;
  await run(report, process.execPath, node(program), { log: 'scripts-test', advice: '' });
  assert.ok(performance.now() - begun < 20_000, 'the step ended with its tool');
});

test('children_get_a_clean_environment', () => {
  const environment = childEnvironment({ PATH: '/usr/bin', SOURCE_DATE_EPOCH: '1', CARGO_HOME: '/home/ada/.cargo' });
  assert.equal(environment.SOURCE_DATE_EPOCH, undefined, "it would change llama.cpp's kernels without a word");
  assert.match(environment.PATH, /^\/usr\/bin.*cargo.bin$/, "rustup's folder comes last");
});

test('last_words_are_short_and_name_no_address', () => {
  const rows = [
    ['first\nfatal: not there\n\n', 'fatal: not there'],
    ["fatal: unable to access 'https://host.invalid/x/': Could not resolve host", 'fatal: unable to access Could not resolve host'],
    ['405 Method Not Allowed - POST http://host.invalid:80/a?b', '405 Method Not Allowed'],
    ['', 'without a word'],
    ['ftp://host.invalid', 'without a word'],
    ['x'.repeat(500), 'x'.repeat(120)],
  ];
  for (const [text, words] of rows) assert.equal(lastWords(text), words);
});

test('signals_become_the_status_that_shells_report', () => {
  assert.equal(signalStatus('SIGINT'), 130);
  assert.equal(signalStatus('SIGTERM'), 143);
});
