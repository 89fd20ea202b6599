// Backups in the window: one is made and put back, and one is chosen where the history is damaged.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { inWindow } from './window.mjs';

const PAGE = 4096;
const QUESTION = 'Whom should I ask?';
const ANSWER = 'Ask the gardener.';

/** Overwrites pages of the database, which nobody has open. */
function damage(place, from, to) {
  const path = join(place.data, 'lethe.db');
  const bytes = readFileSync(path);
  bytes.fill(0xaa, from * PAGE, Math.min(to * PAGE, bytes.length));
  writeFileSync(path, bytes);
}

/** The number of the first page of a table or an index, of a database in clear; pages count from one. */
function rootOf(place, table) {
  const script = `import sqlite3, sys
sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
print(sqlite3.connect(sys.argv[1]).execute(sql, [sys.argv[2]]).fetchone()[0])`;
  return Number(execFileSync('python3', ['-c', script, join(place.data, 'lethe.db'), table], { encoding: 'utf8' }));
}

/** Does something with the backup that was made for this reason, as the list says it. */
async function inRow(lethe, reason, testId) {
  const row = await lethe.until(`a backup "${reason}" is listed`, async () => {
    for (const row of await lethe.session.all('[data-testid=backup]')) {
      if ((await row.text()).includes(reason)) return row;
    }
    return null;
  });
  const click = (node, testId) => node.querySelector(`[data-testid=${testId}]`).click();
  await lethe.run(click, row, testId);
}

test('a_conversation_that_was_deleted_comes_back_with_a_backup', inWindow(async (lethe) => {
  await lethe.set({ maxTokens: 8 });
  const answer = await lethe.ask('Name a colour.');
  await lethe.openSettings('backups');
  await lethe.click('backup-create');
  await inRow(lethe, 'Made by you', 'backup-check');
  await lethe.until('it is good', async () => (await lethe.texts('backup-verdict')).join() === 'This backup is good');
  await lethe.click('settings-close');

  await lethe.click('conversation-delete');
  await lethe.until('the conversation is gone', async () => (await lethe.titles()).length === 0);
  await lethe.openSettings('backups');
  await inRow(lethe, 'Made by you', 'backup-restore');
  await lethe.click('restore-confirm');
  await lethe.until('it is back', async () => (await lethe.titles()).join() === 'Name a colour.');
  assert.equal(await lethe.shows('settings-close'), false, 'the settings are closed');
  assert.match((await lethe.texts('toast')).join(), /1 conversation is back/);
  await lethe.open('Name a colour.');
  assert.deepEqual(await lethe.answer(0), answer, 'and as it was');

  await lethe.ready();
  assert.match((await lethe.ask('Name another one.')).state, /^(complete|length)$/, 'and goes on');
  await lethe.openSettings('backups');
  await inRow(lethe, 'Before a backup was put back', 'backup-check');
  await lethe.until('what was replaced is kept', async () => (await lethe.texts('backup-verdict')).join() === 'This backup is good');
}));

const damages = [
  ['whose_beginning_is_damaged', 'file', [0, 1]],
  ['whose_pages_are_damaged', 'file', [1, Infinity]],
  ['in_clear_whose_pages_are_damaged', 'none', [1, Infinity]],
];

for (const [name, key, [from, to]] of damages) {
  test(`a_history_${name}_gives_way_to_the_newest_backup`, inWindow(async (lethe) => {
    const page = await (await lethe.find('boot-failed')).text();
    assert.match(page, /can't be read/);
    assert.match(page, /lethe\.db is damaged/);
    assert.match(await (await lethe.find('good-backup')).text(), /newest good backup is of .*\d/);

    await lethe.click('damaged-retry');
    await lethe.find('good-backup');
    await lethe.click('salvage');
    assert.match(await (await lethe.find('damaged-error')).text(), /\w{4}/, 'nothing can be read out, and it is said');

    await lethe.click('good-restore');
    await lethe.until('the conversations are there', async () => (await lethe.titles()).join() === QUESTION);
    await lethe.open(QUESTION);
    assert.equal((await lethe.answer(0)).text.trim(), ANSWER);
    await lethe.restart();
    assert.deepEqual(await lethe.titles(), [QUESTION], 'for good');
  }, {
    prepare: (place) => {
      place.variables = { LETHE_KEY: key };
      place.withModel();
      place.withAnswer(QUESTION, ANSWER);
      place.cli('backup', 'create');
      damage(place, from, to);
    },
  }));
}

test('what_can_be_read_of_a_damaged_history_is_read_out', inWindow(async (lethe) => {
  await lethe.find('boot-failed');
  assert.equal(await lethe.shows('good-restore'), false, 'there is no backup');
  await lethe.click('salvage');
  assert.match(await (await lethe.find('salvaged')).text(), /1 conversation with 2 messages could be read/);
  await lethe.click('salvaged-restore');
  await lethe.until('it is there', async () => (await lethe.titles()).join() === QUESTION);
  await lethe.open(QUESTION);
  assert.equal((await lethe.answer(0)).text.trim(), ANSWER);
}, {
  prepare: (place) => {
    place.withModel();
    place.withAnswer(QUESTION, ANSWER);
    // What each start asks first: the settings, by their index.
    const page = rootOf(place, 'sqlite_autoindex_setting_1');
    damage(place, page - 1, page);
  },
}));
