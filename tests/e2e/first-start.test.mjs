// From the first start to the first answer, with the starter model.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MODEL } from './place.mjs';
import { inWindow } from './window.mjs';

const nothing = { prepare: () => {} };

test('first_start_without_a_model_says_what_to_do_and_leads_to_an_answer', inWindow(async (lethe) => {
  const page = await lethe.find('onboarding');
  const recommended = await (await lethe.find('recommended')).text();
  assert.match(recommended, /of memory/, 'the page offers a model and says what it takes');
  assert.match(await (await lethe.find('onboarding-offline')).text(), /offline/i, 'and why it can not be had now');
  assert.equal(await lethe.shows('get-and-start'), false, 'no button leads nowhere');
  assert.match(await page.text(), /\.gguf/, 'the page names the kind of file that can be used instead');
  assert.deepEqual(await lethe.alerts(), []);
  assert.match(await (await lethe.find('composer-reason')).text(), /No model/, 'the composer says why it sends nothing');
  assert.notEqual(await lethe.attribute('send', 'disabled'), null, 'nothing can be sent without a model');

  await lethe.importModel(MODEL);
  await lethe.ready();
  assert.match(await (await lethe.find('chat-now')).text(), /\w/, 'the page offers to begin with the small model');
  assert.match((await lethe.texts('engine-state'))[0], /SmolLM2/, 'the status line names the model');

  // Without chance the answer is the same short one every time.
  await lethe.set({ temperature: 0 });
  const answer = await lethe.ask('Name three colours.');
  assert.equal(answer.state, 'complete');
  assert.equal(await lethe.shows('onboarding'), false, 'the page goes with the first conversation');
  assert.notEqual(answer.text.trim(), '', 'the answer says something');
  assert.deepEqual(answer.chips, [], 'nothing was listed, so nothing was removed');

  assert.match((await lethe.texts('speed'))[0], /^\d[\d,]*\.\d tokens\/s$/, 'the status line shows the speed');
  const used = Number(await lethe.attribute('context-gauge', 'aria-valuenow'));
  const size = Number(await lethe.attribute('context-gauge', 'aria-valuemax'));
  assert.ok(used > 10 && used < size, `the gauge shows how much context is used: ${used} of ${size}`);
}, nothing));

test('a_model_that_was_imported_is_loaded_at_the_next_start', inWindow(async (lethe) => {
  await lethe.ready();
  assert.equal(await lethe.shows('no-model'), false);
  await lethe.set({ maxTokens: 8 });
  assert.notEqual((await lethe.ask('Name a colour.')).text.trim(), '', 'one can write below the page of the first start');
  await lethe.restart();
  await lethe.ready();
  assert.equal(await lethe.shows('onboarding'), false, 'who has talked to it has begun');
  assert.deepEqual((await lethe.state()).models.map(({ path }) => path), [MODEL], 'the file is used where it lies');
}));
