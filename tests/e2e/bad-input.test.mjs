// Files and folders that can't be used: one clear sentence in the window, and Lethe goes on where it can.

import assert from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { MODEL } from './place.mjs';
import { inWindow } from './window.mjs';

/** What a reader of the window can act on: a few words, no type names, no backtraces. */
function assertSentence(text, about) {
  assert.match(text, /^[^\n]{15,300}$/, `${about} is one line of some words: ${text}`);
  assert.doesNotMatch(text, /panicked|Error\(|::|undefined|\[object/, `${about} is for people: ${text}`);
}

function head(path, bytes) {
  const buffer = Buffer.alloc(bytes);
  const file = openSync(path);
  readSync(file, buffer, 0, bytes, 0);
  closeSync(file);
  return buffer;
}

const models = [
  ['a text file', (place) => place.file('letter.gguf', 'Dear reader,\nthis is no model.\n'), /not a GGUF file/],
  ['an empty file', (place) => place.file('empty.gguf', ''), /not a GGUF file/],
  ['the first megabyte of a model', (place) => place.file('part.gguf', head(MODEL, 1 << 20)), /damaged/],
  ['the first half of a model', (place) => place.file('half.gguf', head(MODEL, 48 << 20)), /damaged|incomplete/],
  ['a path that leads nowhere', (place) => join(place.folder, 'nowhere.gguf'), /can't be read/],
  ['a folder', (place) => place.home, /not a GGUF file|folder/],
];

test('a_file_that_is_no_model_is_refused_with_a_sentence', inWindow(async (lethe, place) => {
  for (const [what, make, expected] of models) {
    await lethe.importModel(make(place));
    const said = await lethe.until(`the window says why ${what} can't be used`, async () => {
      const [alert] = await lethe.alerts();
      return expected.test(alert ?? '') && alert;
    });
    assertSentence(said, `the refusal of ${what}`);
    assert.deepEqual((await lethe.state()).models, [], `${what} is not on the list of models`);
  }
  await lethe.importModel(MODEL);
  await lethe.set({ maxTokens: 8 });
  assert.notEqual((await lethe.ask('Name a colour.')).text.trim(), '', 'a good model works after the bad ones');
}, { prepare: () => {} }));

test('a_damaged_list_is_refused_with_its_line_and_is_not_in_force', inWindow(async (lethe, place) => {
  const damaged = place.file('damaged.jsonl', '{"id":"t1","kind":"text","text":"lantern"}\n{"id":"t2","kind":\n');
  await lethe.importList(damaged);
  const said = await lethe.until('the window says what is wrong', async () => (await lethe.alerts())[0]);
  assertSentence(said, 'the refusal');
  assert.match(said, /line 2/, 'the sentence names the line');
  assert.equal(await lethe.shows('list-row'), false, 'the list is not listed');
  await lethe.fill('filter-test', 'The lantern burns.');
  const tried = (expected) => async () => expected.test((await lethe.texts('filter-test-result'))[0]);
  await lethe.until('the filter was tried', tried(/Nothing would be removed/));

  await lethe.fill('list-path', place.list('whole.jsonl', { id: 't1', kind: 'text', text: 'lantern' }));
  await lethe.click('list-import');
  await lethe.until('the whole list is in force', tried(/1 place would/));
  assert.deepEqual(await lethe.alerts(), [], 'the old sentence goes');
}));

const starts = [
  [
    'a_data_folder_that_can_not_be_made',
    (place) => place.file('data', 'a file where the folder should be'),
    /can't be written/,
  ],
  [
    'a_history_of_a_newer_version',
    (place) => {
      place.cli('model', 'ls');
      place.sql("INSERT INTO _sqlx_migrations VALUES (9999, 'from the future', CURRENT_TIMESTAMP, 1, x'00', 0)");
    },
    /newer Lethe/,
  ],
  [
    'a_damaged_history',
    (place) => {
      place.cli('model', 'ls');
      place.file('data/lethe.db', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8192, 7)]));
    },
    /damaged|history|database/,
  ],
];

for (const [name, prepare, expected] of starts) {
  test(`${name}_is_said_in_the_window`, inWindow(async (lethe) => {
    const page = await (await lethe.find('boot-failed')).text();
    assert.match(page, expected);
    assert.match(page, /could not start|can't be read/);
    assert.doesNotMatch(page, /panicked|Error\(|::|undefined|\[object/, `for people: ${page}`);
    await (await lethe.findByRole('button', 'Try again')).click();
    await lethe.find('boot-failed');
  }, { prepare }));
}
