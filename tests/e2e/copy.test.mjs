// Copying: what lands in the clipboard is read back by pasting it, as a person would.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inWindow } from './window.mjs';
import { KEYS } from './webdriver.mjs';

/** The messages of a conversation come from the model; only a stored answer can be sure to hold these forms. */
const SOURCE = '**Bold** and `code`:\n\n```python\nprint("hello")\n```\n\n- one\n- two';
const QUESTION = 'How do I print a greeting?';

async function pasted(lethe) {
  const composer = await lethe.find('composer');
  await composer.clear();
  await composer.click();
  await lethe.press(KEYS.control, 'v');
  return lethe.until('something was pasted', () => lethe.run((field) => field.value, composer));
}

async function withStoredAnswer(lethe, place) {
  await lethe.set({ maxTokens: 8 });
  await lethe.ask(QUESTION);
  await lethe.close();
  const text = SOURCE.replaceAll("'", "''");
  place.sql(`UPDATE message SET text = '${text}', state = 'complete', note = NULL WHERE role = 'assistant'`);
  await lethe.start();
  await lethe.open(QUESTION);
  await lethe.answer(0);
}

test('copies_are_the_markdown_source_and_the_code_alone', inWindow(async (lethe, place) => {
  await withStoredAnswer(lethe, place);
  assert.equal(await lethe.run(() => document.querySelector('.prose strong').textContent), 'Bold', 'the answer is set');
  assert.equal(await lethe.run(() => document.querySelectorAll('.prose li').length), 2);

  await lethe.click('copy-message');
  await lethe.until('the window says so', async () => (await lethe.texts('toast')).join().includes('Copied'));
  assert.equal(await pasted(lethe), SOURCE, 'an answer is copied as its Markdown source');

  await (await lethe.findByRole('button', 'Copy code')).click();
  await lethe.until('the code was copied', async () => (await pasted(lethe)) === 'print("hello")');

  await lethe.press(KEYS.control, KEYS.shift, 'c');
  await lethe.until('the last answer was copied', async () => (await pasted(lethe)) === SOURCE);
}));

test('a_copied_answer_names_the_kind_in_place_of_what_was_removed', inWindow(async (lethe, place) => {
  await lethe.useList(place.list('people.jsonl', { id: 't1', kind: 'text', text: 'gravity' }));
  await lethe.set({ temperature: 0 });
  const answer = await lethe.ask('Why do apples fall to the ground? Name the force.');
  assert.ok(answer.chips.length > 0);
  await lethe.click('copy-message');
  await lethe.until('the window says so', async () => (await lethe.texts('toast')).join().includes('Copied'));
  const copy = await pasted(lethe);
  assert.match(copy, /\[removed: [^\]]+\]/);
  assert.doesNotMatch(copy.toLowerCase(), /gravity/);
}));
