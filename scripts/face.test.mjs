import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';

import { chooseFace, hasDisplay } from './lib/face.mjs';

test('piped_questions_are_answered_in_the_terminal_and_a_launcher_gets_the_window', () => {
  const rows = [
    [{ display: true, input: 'terminal', wish: null }, 'window'],
    [{ display: true, input: 'none', wish: null }, 'window'],
    [{ display: true, input: 'data', wish: null }, 'terminal'],
    [{ display: false, input: 'terminal', wish: null }, 'terminal'],
    [{ display: false, input: 'data', wish: null }, 'terminal'],
    [{ display: false, input: 'none', wish: null }, 'terminal'],
    [{ display: true, input: 'terminal', wish: 'terminal' }, 'terminal'],
    [{ display: true, input: 'data', wish: 'window' }, 'window'],
  ];
  for (const [situation, face] of rows) assert.equal(chooseFace(situation), face, JSON.stringify(situation));
});

test('a_display_is_a_matter_of_the_environment_on_linux_only', () => {
  const rows = [
    ['linux', {}, false],
    ['linux', { DISPLAY: '' }, false],
    ['linux', { DISPLAY: ':0' }, true],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
    ['darwin', {}, true],
    ['win32', {}, true],
  ];
  for (const [platform, env, answer] of rows) assert.equal(hasDisplay({ platform, env }), answer, `${platform} ${JSON.stringify(env)}`);
});

test('standard_input_is_recognised_without_reading_it', () => {
  const program = `import { standardInput } from ${JSON.stringify(new URL('./lib/face.mjs', import.meta.url).href)};
    import { readFileSync } from 'node:fs';
    process.stdout.write(standardInput() + ' ' + readFileSync(0, 'utf8'));`;
  const node = ['--input-type=module', '--eval', program];
  const nowhere = openSync(process.platform === 'win32' ? 'NUL' : '/dev/null', 'r');
  const input = (options) => spawnSync(process.execPath, node, { encoding: 'utf8', ...options }).stdout;
  assert.equal(input({ input: 'a question' }), 'data a question');
  assert.equal(input({ stdio: [nowhere, 'pipe', 'pipe'] }), 'none ');
  closeSync(nowhere);
});
