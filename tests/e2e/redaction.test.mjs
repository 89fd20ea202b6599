// A listed term that the model is sure to say: a chip on the screen, and nowhere else in any form.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inWindow } from './window.mjs';

const QUESTION = 'Why do apples fall to the ground? Name the force.';
const WORD = 'gravity';
const ENTRY = { id: 't1', kind: 'text', text: WORD };
/** The copy of the list that the data folder keeps is the one place where the word may be. */
const LISTS = /^data\/lists\//;

const elsewhere = (place) => place.filesWith(WORD).filter((file) => !LISTS.test(file));
const exports = (place) => ['md', 'json'].map((format) => place.cli('history', 'export', '--format', format));

test('without_the_list_the_model_says_the_word_and_it_is_stored', inWindow(async (lethe, place) => {
  await lethe.set({ temperature: 0 });
  const answer = await lethe.ask(QUESTION);
  assert.match(answer.text.toLowerCase(), new RegExp(WORD), 'otherwise the test with the list shows nothing');
  assert.deepEqual(answer.chips, []);
  await lethe.close();
  assert.ok(elsewhere(place).some((file) => /lethe\.db/.test(file)), 'the search of bytes finds what is stored');
  for (const text of exports(place)) assert.match(text.toLowerCase(), new RegExp(WORD));
}));

test('a_listed_term_is_a_chip_and_is_in_no_file_export_search_or_page', inWindow(async (lethe, place) => {
  await lethe.useList(place.list('people.jsonl', ENTRY));
  await lethe.set({ temperature: 0 });

  const answer = await lethe.ask(QUESTION);
  assert.equal(answer.state, 'complete');
  assert.ok(answer.chips.length > 0, `the word is removed from: ${answer.text}`);
  assert.deepEqual(answer.chips[0], { kind: 'text', list: 'people', entry: 't1' }, 'the chip says what removed it');
  assert.doesNotMatch((await lethe.session.source()).toLowerCase(), new RegExp(WORD), 'the page does not hold the word');

  assert.deepEqual(await lethe.search(WORD), [], 'the search finds no removed word');
  assert.ok((await lethe.search('apples')).length > 0, 'the search finds the rest of the answer');

  assert.deepEqual(elsewhere(place), [], 'while the window is open');
  await lethe.close();
  assert.deepEqual(elsewhere(place), [], 'after it was closed');
  for (const text of exports(place)) {
    assert.doesNotMatch(text.toLowerCase(), new RegExp(WORD), 'the export does not hold the word');
    assert.match(text, /apples/, 'the export holds the rest');
  }
}));

test('after_a_restart_the_conversation_is_there_with_its_chips_and_goes_on', inWindow(async (lethe, place) => {
  await lethe.useList(place.list('people.jsonl', ENTRY));
  await lethe.set({ temperature: 0 });
  const before = await lethe.ask(QUESTION);
  assert.ok(before.chips.length > 0);

  await lethe.restart();
  assert.deepEqual(await lethe.titles(), [QUESTION]);
  await lethe.open(QUESTION);
  assert.deepEqual(await lethe.answer(0), before, 'the answer is what it was');
  assert.deepEqual(await lethe.questions(), [QUESTION]);

  await lethe.set({ maxTokens: 24 });
  const next = await lethe.ask('Say it again in one short sentence.');
  assert.notEqual(next.text.trim(), '', 'the conversation goes on');
  assert.deepEqual((await lethe.answers())[0], before, 'what was said before stays');
  assert.deepEqual(elsewhere(place), [], 'the list is in force again');
}));
