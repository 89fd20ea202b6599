// Stopping an answer: what had arrived stays, and the next message can be written.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inWindow } from './window.mjs';
import { KEYS } from './webdriver.mjs';

const LONG = 'Write a very long story about a lighthouse keeper, with many chapters.';

const ways = [
  ['the_button', (lethe) => lethe.click('stop')],
  ['escape', (lethe) => lethe.press(KEYS.escape)],
];

for (const [name, stop] of ways) {
  test(`an_answer_stopped_with_${name}_keeps_its_text`, inWindow(async (lethe) => {
    await lethe.send(LONG);
    const seen = await lethe.growing(0);
    await stop(lethe);
    const stopped = await lethe.answer(0);
    assert.equal(stopped.state, 'stopped');
    assert.ok(stopped.text.startsWith(seen.text.trimEnd()), `what was shown stays: ${seen.text} | ${stopped.text}`);
    assert.match(stopped.note, /stopped/, 'the answer says what became of it');
    assert.equal(await lethe.shows('stop'), false, 'nothing is left to stop');

    await lethe.set({ maxTokens: 8 });
    const next = await lethe.ask('Name a colour.');
    assert.ok(['complete', 'length'].includes(next.state), `the next message is answered: ${next.state}`);
    assert.deepEqual((await lethe.answers())[0], stopped, 'the stopped answer stays as it was');
  }));
}
