// The sweep: what was stored before a list asked for it is taken out too, and the open conversation shows it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inWindow } from './window.mjs';

/** Invented, and in no file of the application. */
const NAME = 'Wanda Beispiel';
const QUESTION = 'Whom should I ask?';
/** The copy of the list that the data folder keeps is the one place where the name may be. */
const LISTS = /^data\/lists\//;

const elsewhere = (place) => place.filesWith('Beispiel').filter((file) => !LISTS.test(file));
const result = async (lethe) => (await lethe.texts('sweep-result'))[0] ?? '';

test('a_new_list_cleans_the_conversation_that_is_open', inWindow(async (lethe, place) => {
  await lethe.open(QUESTION);
  const before = await lethe.answer(0);
  assert.match(before.text, new RegExp(NAME), 'without the list the name is shown');
  assert.deepEqual(before.chips, []);
  assert.ok(elsewhere(place).some((file) => /lethe\.db/.test(file)), 'and stored');
  assert.ok((await lethe.search('Beispiel')).length > 0, 'and found');

  await lethe.importList(place.list('people.jsonl', { id: 'p-01', kind: 'person', text: NAME }));
  const swept = /1 answer changed, 1 piece removed/;
  await lethe.until('the window says what was swept', async () => swept.test((await lethe.texts('toast')).join()));
  await lethe.until('the page too', async () => swept.test(await result(lethe)));
  await lethe.click('settings-close');
  const after = await lethe.until('the open answer has a chip', async () => {
    const [answer] = await lethe.answers();
    return answer.chips.length > 0 && answer;
  });
  assert.deepEqual(after.chips, [{ kind: 'person', list: 'people', entry: 'p-01' }]);
  assert.match(after.text, /^Ask .* about it\.\s*$/, 'the rest of the answer stays');
  assert.doesNotMatch(after.text, /Wanda|Beispiel/);
  assert.deepEqual(await lethe.search('Beispiel'), [], 'the search finds nothing');

  await lethe.click('show-receipt');
  assert.match(await (await lethe.find('receipt-swept')).text(), /1 piece removed by a newer list/);
  await lethe.click('receipt-close');

  await lethe.openSettings('filter');
  await lethe.click('sweep-start');
  await lethe.until('a second sweep finds nothing', async () => /Nothing had to be removed/.test(await result(lethe)));
  await lethe.close();
  assert.deepEqual(elsewhere(place), [], 'the name is in no file');

  await lethe.start();
  await lethe.open(QUESTION);
  assert.deepEqual((await lethe.answer(0)).chips, after.chips, 'the chip is stored');
}, {
  prepare: (place) => {
    place.withModel();
    place.withAnswer(QUESTION, `Ask ${NAME} about it.`);
  },
}));

test('a_title_is_cleaned_and_what_the_user_wrote_is_kept', inWindow(async (lethe, place) => {
  const question = `Do you know ${NAME}?`;
  const cleaned = 'Do you know [removed: person]?';
  await lethe.open(question);
  await lethe.answer(0);
  await lethe.useList(place.list('people.jsonl', { id: 'p-01', kind: 'person', text: NAME }));
  await lethe.until('the title in the list is cleaned', async () => (await lethe.titles()).join() === cleaned);
  const heading = () => lethe.run(() => document.querySelector('h1').textContent);
  await lethe.until('the heading too', async () => (await heading()) === cleaned);
  assert.deepEqual(await lethe.questions(), [question], 'the user reads their own words as they typed them');
}, {
  prepare: (place) => {
    place.withModel();
    place.withAnswer(`Do you know ${NAME}?`, 'No.');
  },
}));
