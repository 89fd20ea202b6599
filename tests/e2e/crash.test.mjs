// The engine or the whole application is killed in mid-answer: what was on the screen is kept, and Lethe goes on.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kill, runs } from './processes.mjs';
import { inWindow } from './window.mjs';

const LONG = 'Write a very long story about a lighthouse keeper, with many chapters.';

/** One sentence: it ends, at most with a full stop, and no other one begins within it. */
const sentence = /^[^.!?\n]+[.!?]?$/;

test('an_engine_killed_in_mid_answer_is_replaced_and_nothing_is_lost', inWindow(async (lethe) => {
  await lethe.send(LONG);
  const seen = await lethe.growing(0);
  const engine = await lethe.engine();
  kill(engine);

  const kept = await lethe.answer(0);
  assert.equal(kept.state, 'interrupted');
  assert.ok(kept.text.startsWith(seen.text.trimEnd()), `what was shown stays: ${seen.text} | ${kept.text}`);
  assert.match(kept.note, sentence, 'one sentence says why');

  await lethe.set({ maxTokens: 8 });
  await lethe.write('Name a colour.');
  const next = await lethe.answer(1);
  assert.ok(['complete', 'length'].includes(next.state), `the next message is answered: ${next.note}`);
  assert.notEqual(await lethe.engine(), engine, 'by another engine');

  await lethe.restart();
  await lethe.open(LONG);
  await lethe.answer(1);
  assert.deepEqual(await lethe.answers(), [kept, next], 'both answers are there after a restart');
}));

test('an_application_killed_in_mid_answer_leaves_the_text_and_no_engine', inWindow(async (lethe) => {
  await lethe.send(LONG);
  const seen = await lethe.growing(0, { letters: 120 });
  const [application] = lethe.processes('lethe');
  const engine = await lethe.engine();
  kill(application);
  await lethe.until('the engine has ended with its application', () => !runs(engine) && !runs(application));

  await lethe.startAgain();
  assert.match((await lethe.texts('notice')).join(), /middle of an answer/, 'the window says what happened');
  await lethe.open(LONG);
  const kept = await lethe.answer(0);
  assert.equal(kept.state, 'interrupted');
  assert.ok(kept.text.startsWith(seen.text.trimEnd()), `what was shown is there: ${seen.text} | ${kept.text}`);

  await lethe.set({ maxTokens: 8 });
  const next = await lethe.ask('Name a colour.');
  assert.notEqual(next.text.trim(), '', 'the conversation goes on');
}));
