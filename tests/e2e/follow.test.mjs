// The end of a growing answer stays in view, however fast it comes and however long the conversation is, until the reader
// goes elsewhere; and only the reader can.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Endpoint } from './endpoint.mjs';
import { inWindow } from './window.mjs';
import { KEYS } from './webdriver.mjs';

/** So near to the end counts as being there; the same as in ui/src/lib/chat/follow.svelte.ts. */
const NEAR = 48; // pixels
/** A frame may be drawn before the list has measured what is new; more than that a reader sees. */
const PASSING = 2; // frames
const RATES = [20, 80, 200]; // tokens a second

/** A paragraph of two tokens each; twenty fill a window. */
const paragraphs = (count) => Array.from({ length: count }, (_, index) => [`Line ${index + 1}`, ' of it.\n\n']).flat();
/** What models write, of every height. */
const mixed = [
  '## A heading\n\n', 'Some words and ', 'more of them, ', 'so that they take ', 'more than one line ', 'of the window, ', 'even of a wide one.\n\n',
  '```js\n', 'const a = 1;\n', 'const b = 2;\n', '```\n\n', '- one\n', '- two\n', '- three\n\n', '| a | b |\n', '|---|---|\n', '| 1 | 2 |\n\n',
];
const LENGTHS = {
  short: () => ['A few', ' words', ' only.'],
  long: (rate) => [...paragraphs({ 20: 35, 80: 60, 200: 60 }[rate]), ...Array(rate === 20 ? 1 : 4).fill(mixed).flat()],
};

const endOf = (question) => `The end of: ${question}.`;
const CASES = RATES.flatMap((rate) =>
  Object.entries(LENGTHS).map(([length, tokens]) => [`A ${length} answer at ${rate}`, { tokens: [...tokens(rate), endOf(`A ${length} answer at ${rate}`)], rate }]));
const TALK = Array.from({ length: 29 }, (_, index) => [`Question ${index + 1}`, { tokens: index % 3 ? mixed : ['Yes', '.'] }]);
const ENDLESS = ['A long answer to leave', { tokens: paragraphs(1500), rate: 80 }];

function withTalk(body) {
  return async (test) => {
    const endpoint = await Endpoint.start(Object.fromEntries([...CASES, ...TALK, ENDLESS]));
    const prepare = (place) => {
      endpoint.useIn(place);
      place.talk(TALK.map(([question]) => question));
    };
    try {
      await inWindow(body, { prepare })(test);
    } finally {
      await endpoint.end();
    }
  };
}

test('the_end_of_a_first_answer_stays_in_view', withTalk(async (lethe) => {
  for (const [question] of CASES) {
    await lethe.click('new-chat');
    await staysInView(lethe, question, 1);
  }
}));

test('the_end_of_a_thirtieth_answer_stays_in_view', withTalk(async (lethe) => {
  await lethe.open(TALK[0][0]);
  await lethe.until('the conversation opens at its end', async () => (await distance(lethe)) <= NEAR);
  let turn = TALK.length;
  for (const [question] of CASES) await staysInView(lethe, question, (turn += 1));
}));

test('a_reader_who_goes_elsewhere_stays_there_and_comes_back', withTalk(async (lethe) => {
  await lethe.open(TALK[0][0]);
  await lethe.send(ENDLESS[0]);
  // Long enough that the wheel leads to somewhere within the answer: what is far from the view is not in the document.
  await grows(lethe, { letters: 2000 });
  await lethe.wheel(-600);
  await lethe.find('newest');
  await lethe.run(atRest, 600);
  const left = await place(lethe);
  await grows(lethe, { letters: 600 });
  assert.deepEqual(await place(lethe), left, 'what is read does not move while the answer grows below');

  await lethe.click('newest');
  await lethe.until('the end is back', async () => (await distance(lethe)) <= NEAR);
  await isKeptInView(lethe, 'it is kept in view again');
  assert.equal(await lethe.shows('newest'), false);

  await lethe.wheel(-300);
  await lethe.find('newest');
  await lethe.run(atRest, 300);
  await lethe.wheel(9000);
  await lethe.until('the wheel leads back as well', async () => !(await lethe.shows('newest')));
  await isKeptInView(lethe, 'it is kept in view after the wheel');

  await lethe.session.resize(1100, 500);
  await isKeptInView(lethe, 'a lower window shows the end');
  await (await lethe.find('composer')).click();
  for (let line = 0; line < 8; line += 1) await lethe.press(KEYS.shift, KEYS.enter);
  await isKeptInView(lethe, 'and so does one with a high composer');
  await lethe.click('stop');
}));

/** Asks, and looks at every frame until the answer has ended. */
async function staysInView(lethe, question, turn) {
  const name = `${question} tokens/s, turn ${turn}`;
  await lethe.ready();
  await lethe.run(watchFrames);
  await lethe.write(question);
  await lethe.until(`${name} has ended`, () => lethe.run(hasEnded, endOf(question)));
  inView(await lethe.run(framesSeen), name);
  await lethe.until(`${name}: at rest the end is in view`, async () => (await distance(lethe)) <= 1);
  assert.equal(await lethe.shows('newest'), false, `${name}: there is no way to an end that is in view`);
}

/** While the answer grows by a few lines, its end is in view. */
async function isKeptInView(lethe, why) {
  await lethe.run(watchFrames);
  await grows(lethe);
  inView(await lethe.run(framesSeen), why);
}

function inView(frames, why) {
  assert.ok(frames.longest <= PASSING, `${why}: ${JSON.stringify(frames)}`);
}

function distance(lethe) {
  return lethe.run(() => {
    const { scrollHeight, scrollTop, clientHeight } = document.querySelector('.scroller');
    return scrollHeight - scrollTop - clientHeight;
  });
}

/** Which words are at the top of the view, and where. */
function place(lethe) {
  return lethe.run(() => {
    const view = document.querySelector('.scroller').getBoundingClientRect();
    const blocks = [...document.querySelectorAll('.scroller .block, .scroller [data-testid=message-user] p')];
    const first = blocks.find((block) => block.getBoundingClientRect().top >= view.top);
    return [first.textContent, Math.round(first.getBoundingClientRect().top - view.top)];
  });
}

/** Waits until the answer has become longer by a few lines. */
async function grows(lethe, { letters = 100 } = {}) {
  const length = () => lethe.run(() => [...document.querySelectorAll('.prose')].at(-1)?.textContent.length ?? 0);
  const before = await length();
  await lethe.until('the answer grows', async () => (await length()) > before + letters);
}

/** In the page: from now on looks, after each frame was drawn, how far away the end is. */
function watchFrames() {
  const seen = { count: 0, away: 0, longest: 0, farthest: 0 };
  const { port1, port2 } = new MessageChannel();
  let away = 0;
  window.seenFrames = seen;
  port1.onmessage = () => {
    const scroller = document.querySelector('.scroller');
    const distance = scroller ? scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight : 0;
    away = distance > 48 ? away + 1 : 0;
    seen.count += 1;
    seen.away += away > 0 ? 1 : 0;
    seen.longest = Math.max(seen.longest, away);
    seen.farthest = Math.max(seen.farthest, distance);
  };
  const look = () => {
    if (window.seenFrames !== seen) return;
    port2.postMessage(null);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** In the page: once the end is that far away, and nothing has scrolled for some frames. */
function atRest(pixels) {
  const scroller = document.querySelector('.scroller');
  return new Promise((resolve) => {
    let top = -1;
    let still = 0;
    const look = () => {
      const away = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight >= pixels - 1;
      still = away && scroller.scrollTop === top ? still + 1 : 0;
      top = scroller.scrollTop;
      if (still === 5) resolve(true);
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** In the page: stops looking. */
function framesSeen() {
  const seen = window.seenFrames;
  window.seenFrames = null;
  return seen;
}

/** In the page: whether the answer with these last words has come. */
function hasEnded(words) {
  const answer = [...document.querySelectorAll('[data-testid=message-assistant]')].at(-1);
  return answer?.dataset.state === 'complete' && answer.textContent.includes(words);
}
