// The page has no files opened that nobody chose, and takes those that the command line names.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { MODEL } from './place.mjs';
import { inWindow } from './window.mjs';

test('a_path_that_nobody_chose_is_not_opened', inWindow(async (lethe, place) => {
  // Not below a folder that this test may open.
  const folder = mkdtempSync(join(tmpdir(), 'lethe-elsewhere-'));
  try {
    const list = join(folder, 'people.jsonl');
    writeFileSync(list, `${JSON.stringify({ id: 't1', kind: 'text', text: 'lantern' })}\n`);
    // No question is asked of these: they name no file that is opened, and no model of the list.
    const refused = async (command, args) => lethe.run((command, args) => window.__TAURI_INTERNALS__.invoke(command, args)
      .then(() => 'done', (error) => error.code ?? `not for its content: ${error}`), command, args);
    for (const [command, args] of [
      ['model_select', { id: MODEL }],
      ['model_inspect', { id: MODEL }],
      ['model_page', { id: MODEL }],
      ['model_fit', { id: MODEL, context: null, layers: null }],
      ['model_tune', { id: MODEL, context: null, layers: null }],
      ['model_delete', { id: MODEL, files: true }],
    ]) {
      assert.equal(await refused(command, args), 'no_model', command);
      assert.deepEqual((await lethe.state()).models, [], `${command} takes nothing into the list`);
    }
    const settings = { ...(await lethe.state()).settings, model: MODEL };
    await refused('settings_set', { settings });
    assert.deepEqual((await lethe.state()).models, [], 'neither do the settings');

    // This one asks, and nobody answers.
    await lethe.run((path) => {
      window.answered = null;
      window.__TAURI_INTERNALS__.invoke('list_import', { path }).then(
        () => (window.answered = 'done'), (error) => (window.answered = error.message));
    }, list);
    assert.equal(await lethe.run(() => window.answered), null, 'it waits for a person');
    assert.deepEqual(await lethe.run(() => window.__TAURI_INTERNALS__.invoke('list_all')), []);
    assert.deepEqual(place.filesWith('t1', [join(place.data, 'lists')]), [], 'nothing of it is stored');
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { prepare: () => {} }));

test('a_model_that_the_command_line_names_is_used', inWindow(async (lethe) => {
  await lethe.ready();
  assert.equal((await lethe.state()).models.length, 1);
  const notices = (await lethe.state()).notices.map(({ text }) => text).join('\n');
  assert.match(notices, /letter\.gguf" was not added: .*not a GGUF file/i);
}, { prepare: (place) => (place.more = [MODEL, place.file('letter.gguf', 'Dear reader,\n')]) }));
