// What Lethe knows of a model, and the way from official weights to an answer.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { inWindow } from './window.mjs';

const page = async (lethe) => (await lethe.find('model-page')).text();
const close = async (lethe, what) => {
  await lethe.click(`${what}-close`);
  await lethe.until('the dialog closes', async () => !(await lethe.shows(`${what}-close`)));
};

test('the_page_of_a_model_says_how_it_is_read_and_where_it_came_from', inWindow(async (lethe, place) => {
  await lethe.ready();
  const [{ id: starter }] = (await lethe.state()).models;
  await lethe.set({ maxTokens: 8 });
  await lethe.ask('Name a colour.');
  await lethe.aboutModel(starter);
  assert.match((await lethe.texts('model-tokenizer'))[0], /rebuilt from the vocabulary in the model file/);
  assert.match((await lethe.texts('model-template'))[0], /template in the model file/);
  const facts = [/Q4_1/, /135 million/, /This model answers at once/];
  for (const fact of facts) assert.match(await page(lethe), fact);
  assert.match((await lethe.texts('model-digest'))[0], /^[0-9a-f]{64}/, 'a model that has answered has a digest');
  assert.ok(await lethe.shows('model-unknown'), 'Lethe has no card of it, and says so');
  await close(lethe, 'model');

  await lethe.useModel(place.scriptedModel(), 'scripted');
  await lethe.aboutModel('scripted');
  assert.match((await lethe.texts('model-tokenizer'))[0], /as the reference for tekken does it, rebuilt/);
  assert.match((await lethe.texts('model-template'))[0], /brings no template.*profile of Apertus/);
  for (const fact of [/apertus/, /apache-2\.0/, /can think before it answers/]) assert.match(await page(lethe), fact);
  await close(lethe, 'model');
}));

test('official_weights_become_a_model_that_answers', inWindow(async (lethe, place) => {
  const folder = place.officialWeights();
  const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);
  await lethe.ready();
  await lethe.inspectWeights(folder);
  // Looking measures this machine too.
  await lethe.until('the weights are known', () => lethe.shows('weights-found'), { seconds: 120 });
  const found = await (await lethe.find('weights-found')).text();
  for (const fact of [/BF16/, /official/]) assert.match(found, fact);
  const choices = await lethe.run(() =>
    [...document.querySelectorAll('[data-testid^="choice-"]')].map((radio) => ({
      checked: radio.checked,
      words: radio.closest('label').textContent,
    })));
  assert.ok(choices.length > 1, 'there is something to choose');
  const recommended = choices.filter(({ words }) => /recommended/.test(words));
  assert.equal(recommended.length, 1, 'one of them is recommended');
  assert.ok(recommended[0].checked, 'and it is the one that is chosen at first');

  await lethe.click('convert-start');
  const state = () => lethe.attribute('conversion', 'data-state');
  await lethe.until('the conversion ends', async () => ['done', 'failed'].includes(await state()), { seconds: 120 });
  assert.equal(await state(), 'done', (await lethe.texts('conversion'))[0]);
  const { models } = await lethe.state();
  assert.equal(models.length, 2, 'it is on the list of models');
  await lethe.click('convert-use');
  const made = models.find(({ architecture }) => architecture === 'apertus');
  await lethe.until('the new model is ready', async () => (await lethe.texts('engine-state'))[0] === made.name);
  await lethe.ready();
  await lethe.set({ maxTokens: 8 });
  const answer = await lethe.ask('Hello');
  assert.match(answer.state, /^(complete|length)$/, 'it answers, if only nonsense');
  assert.deepEqual(await lethe.alerts(), []);
  const after = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);
  assert.deepEqual(after, before, 'the folder stays as it was');

  await lethe.aboutModel(made.name);
  assert.match((await lethe.texts('model-tokenizer'))[0], /official tokenizer\.json inside/);
  assert.match(await page(lethe), /apache-2\.0/);
}));

const broken = [
  ['weights that are cut off', (folder) => truncateSync(join(folder, 'model.safetensors'), 100_000)],
  ['a configuration that is cut off', (folder) => truncateSync(join(folder, 'config.json'), 100)],
];

test('a_broken_folder_is_refused_with_a_sentence', inWindow(async (lethe, place) => {
  await lethe.ready();
  await lethe.openWeights();
  for (const [index, [what, damage]] of broken.entries()) {
    const folder = place.officialWeights(`broken-${index}`);
    damage(folder);
    await lethe.fill('weights-path', folder);
    await lethe.click('weights-import');
    const [said] = await lethe.until(`the window refuses ${what}`, async () => {
      const alerts = await lethe.alerts();
      return alerts.length === 1 && alerts;
    });
    assert.match(said, /^[^\n]{15,300}$/, `one line of some words about ${what}`);
    assert.doesNotMatch(said, /panicked|Error\(|::|undefined|\[object/, `for people: ${said}`);
    assert.equal(await lethe.shows('weights-found'), false);
  }
  await lethe.fill('weights-path', place.officialWeights());
  await lethe.click('weights-import');
  await lethe.find('weights-found');
  assert.deepEqual(await lethe.alerts(), [], 'a whole folder is taken after broken ones');
  await close(lethe, 'weights');
  await lethe.set({ maxTokens: 8 });
  assert.notEqual((await lethe.ask('Name a colour.')).text.trim(), '', 'and the chat works as before');
}));
