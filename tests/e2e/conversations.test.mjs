// Conversations: other versions of an answer, titles, deletion with a way back and without one, and search.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inWindow } from './window.mjs';
import { KEYS } from './webdriver.mjs';

/** A word that no file of the application holds; an answer of one token can't say it back. */
const TYPED = 'quibblewort';

test('regenerating_makes_versions_that_can_be_switched', inWindow(async (lethe) => {
  await lethe.set({ temperature: 1.5, maxTokens: 24 });
  const first = await lethe.ask('Tell me a short story.');
  assert.equal(await lethe.shows('variant'), false, 'one version needs no switch');

  await lethe.click('regenerate');
  await lethe.until('there are two versions', async () => (await lethe.texts('variant'))[0] === '2/2');
  const second = await lethe.answer(0);
  assert.notEqual(second.text, first.text, 'the second version is another one');
  assert.equal((await lethe.questions()).length, 1, 'the question is not asked twice');

  await lethe.click('variant-previous');
  await lethe.until('the first version is shown', async () => (await lethe.texts('variant'))[0] === '1/2');
  assert.deepEqual(await lethe.answer(0), first);
  await lethe.click('variant-next');
  await lethe.until('the second version is shown', async () => (await lethe.texts('variant'))[0] === '2/2');
  assert.deepEqual(await lethe.answer(0), second);

  await lethe.restart();
  await lethe.open('Tell me a short story.');
  assert.deepEqual(await lethe.answer(0), second, 'the version that was chosen is shown after a restart');
}));

test('a_conversation_is_renamed_and_deleted_with_a_way_back', inWindow(async (lethe) => {
  await lethe.set({ maxTokens: 8 });
  const answer = await lethe.ask('Name a colour.');

  await (await lethe.findByRole('button', 'Rename')).click();
  await lethe.press(KEYS.control, 'a');
  await lethe.type('Paint');
  await lethe.press(KEYS.enter);
  await lethe.until('the new title is listed', async () => (await lethe.titles()).join() === 'Paint');

  await lethe.click('conversation-delete');
  await lethe.until('it is off the list', async () => (await lethe.titles()).length === 0);
  assert.match((await lethe.texts('toast')).join(), /Deleted “Paint”/);
  await lethe.click('undo');
  await lethe.until('it is back', async () => (await lethe.titles()).join() === 'Paint');
  assert.deepEqual(await lethe.answer(0), answer, 'and open as it was');

  await lethe.restart();
  assert.deepEqual(await lethe.titles(), ['Paint']);
}));

test('what_was_deleted_for_good_is_in_no_file', inWindow(async (lethe, place) => {
  await lethe.set({ maxTokens: 1 });
  await lethe.ask(`What is a ${TYPED}?`);
  assert.ok(place.filesWith(TYPED).some((file) => /lethe\.db/.test(file)), 'what the user typed is stored');

  await lethe.click('conversation-delete');
  await lethe.until('it is off the list', async () => (await lethe.titles()).length === 0);
  // A backup that was made meanwhile is there to bring things back.
  const left = (folders) => place.filesWith(TYPED, folders).filter((file) => !/[\\/]backups[\\/]/.test(file));
  const gone = () => left([place.data]).length === 0;
  await lethe.until('the bytes are gone after the time to undo', gone, { seconds: 40 });
  assert.equal(await lethe.shows('undo'), false, 'there is no way back any more');
  assert.doesNotMatch(await lethe.session.source(), new RegExp(TYPED), 'nor on the page');
  await lethe.close();
  assert.deepEqual(left(), [], 'nor in any file after the window was closed');
}));

test('search_finds_a_message_and_jumps_to_it', inWindow(async (lethe) => {
  await lethe.set({ maxTokens: 1 });
  await lethe.ask(`What is a ${TYPED}?`);
  await lethe.click('new-chat');
  await lethe.ask('Name a colour.');
  assert.deepEqual(await lethe.titles(), ['Name a colour.', `What is a ${TYPED}?`], 'the newest comes first');

  const hits = await lethe.search(TYPED.slice(0, 7));
  assert.equal(hits.length, 1, 'the beginning of a word is enough');
  assert.match(hits[0], new RegExp(TYPED));
  await lethe.click('search-hit');
  await lethe.until('the message that was found is shown and marked', () =>
    lethe.run((word) => document.querySelector('.column.target')?.textContent.includes(word), TYPED));
  assert.equal((await lethe.questions()).length, 1, 'in its own conversation');
  assert.deepEqual(await lethe.search('nowhereword'), []);
}));
