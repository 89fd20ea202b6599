// The receipt of an answer, by keyboard alone: what was removed, by which list, and how the answer came about.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KEYS } from './webdriver.mjs';
import { inWindow } from './window.mjs';

/** Invented. */
const NAME = 'Wanda Beispiel';
const QUESTION = 'Whom should I ask?';

test('a_receipt_is_read_and_copied_by_keyboard', inWindow(async (lethe) => {
  await lethe.open(QUESTION);
  const answer = await lethe.answer(0);
  assert.deepEqual(answer.chips.map(({ kind }) => kind), ['person', 'email', 'person']);

  await lethe.tabTo('show-receipt');
  await lethe.press(KEYS.enter);
  const receipt = await (await lethe.find('receipt')).text();
  const removals = (await lethe.texts('receipt-removal')).map((text) => text.replaceAll(/\s+/g, ' '));
  assert.equal(removals.length, 2, `the same removal is told once: ${removals}`);
  assert.match(removals[0], /“people”, entry p-01.*2 times/);
  assert.match(removals[1], /detector.*1 time/);
  const [list] = await lethe.texts('receipt-list');
  for (const fact of [/^people/, /1 entry/, /unsigned/]) assert.match(list, fact);
  assert.match(receipt, /SmolLM2/, 'the model is named');
  assert.match((await lethe.texts('receipt-seed'))[0], /^\d+$/, 'and the seed');
  assert.doesNotMatch(await lethe.session.source(), /Beispiel/, 'the page does not hold the name');

  await lethe.tabTo('receipt-copy');
  await lethe.press(KEYS.enter);
  await lethe.until('the window says so', async () => (await lethe.texts('toast')).join().includes('Copied'));
  await lethe.press(KEYS.escape);
  await lethe.until('Escape closes the receipt', async () => !(await lethe.shows('receipt')));
  await lethe.until('the focus is back', async () => (await lethe.focus()) === 'show-receipt');

  await lethe.tabTo('composer');
  await lethe.press(KEYS.control, 'v');
  const composer = await lethe.find('composer');
  const text = await lethe.until('something was pasted', () => lethe.run((field) => field.value, composer));
  const pasted = JSON.parse(text);
  const removed = pasted.redactions.map(({ kind, list, entry }) => ({ kind, list, entry }));
  assert.deepEqual(removed, answer.chips);
  assert.match(pasted.model.sha256, /^[0-9a-f]{64}$/);
  assert.match(pasted.prompt.tokens_sha256, /^[0-9a-f]{64}$/);
  assert.doesNotMatch(JSON.stringify(pasted), /Beispiel|Whom/, 'the receipt holds nothing that was said');
}, {
  prepare: (place) => {
    place.withModel();
    place.cli('list', 'add', place.list('people.jsonl', { id: 'p-01', kind: 'person', text: NAME }));
    place.withAnswer(QUESTION, `Ask ${NAME}, wanda@example.org. Nobody but ${NAME} knows.`);
  },
}));
