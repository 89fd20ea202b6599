// Answers of hostile shapes in the real window: they are there, and the window goes on answering.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Endpoint } from './endpoint.mjs';
import { inWindow } from './window.mjs';
import { KEYS } from './webdriver.mjs';

const lines = (count, line) => Array.from({ length: count }, (_, index) => line(index)).join('\n');

const SHAPES = {
  formulas: '$a$ '.repeat(20_000),
  'many formulas': lines(1_500, (index) => `So $a_{${index}}^2 + b$ holds.\n`),
  quotes: '>'.repeat(10_000),
  roots: `$${'\\sqrt{'.repeat(10_000)}$`,
  'closed roots': `$$${'\\sqrt{'.repeat(400)}x${'}'.repeat(400)}$$`,
  lists: lines(1_000, (index) => `${' '.repeat(2 * index)}- a`),
  numbers: lines(1_000, (index) => `${' '.repeat(3 * index)}1. a`),
  emphasis: '**a *b '.repeat(5_000),
  brackets: '['.repeat(20_000),
  links: '[a](b) '.repeat(8_000),
  'a long table': `|a|b|c|\n|-|-|-|\n${'|x|y|z|\n'.repeat(5_000)}`,
  'a wide table': `${'|a'.repeat(3_000)}|\n${'|-'.repeat(3_000)}|\n${'|x'.repeat(3_000)}|`,
  code: `\`\`\`js\n${'const a = 1;\n'.repeat(30_000)}\`\`\``,
  paragraphs: 'a\n\n'.repeat(10_000),
  'a long word': 'a'.repeat(300_000),
  'a long paragraph': 'word '.repeat(40_000),
  everything: '> - *a **b `c [d](e) $f$ <g> | h\n'.repeat(500),
};
const END = 'This is the end.';
const NAMES = Object.keys(SHAPES);

const pieces = (text) => `${text}\n\n${END}`.match(/[\s\S]{1,1000}/g);
const stored = Object.entries(SHAPES).map(([name, shape]) => [name, { tokens: pieces(shape) }]);
/** The same as they grow, by a thousand characters at a time. */
const growing = ['formulas', 'quotes', 'lists', 'links', 'a long table', 'code'].map((name) => {
  return [`Grow ${name}`, { tokens: pieces(SHAPES[name].slice(0, 60_000)), rate: 30 }];
});

test('answers_of_any_shape_are_shown_and_the_window_goes_on_answering', async (test) => {
  const endpoint = await Endpoint.start(Object.fromEntries([...stored, ...growing, ['All of them', { tokens: ['Here they are.'] }]]));
  const prepare = (place) => {
    endpoint.useIn(place);
    for (const name of NAMES) place.talk([name]);
    place.talk(['All of them', ...NAMES]);
  };
  const body = async (lethe) => {
    for (const name of ['All of them', ...NAMES]) {
      await lethe.open(name);
      await shows(lethe, name);
      await answers(lethe, `after ${name}`);
    }
    for (const [question] of growing) {
      await lethe.click('new-chat');
      await lethe.send(question);
      await lethe.growing(0, { letters: 1 });
      await answers(lethe, `during ${question}`);
      await lethe.until(`${question} has ended`, async () => (await lethe.answers())[0].state === 'complete');
      await shows(lethe, question);
    }
  };
  try {
    await inWindow(body, { prepare })(test);
  } finally {
    await endpoint.end();
  }
});

/** The answer that is open is shown to its end, and nothing in it is blank. */
async function shows(lethe, name) {
  await lethe.until(`${name} is shown`, () =>
    lethe.run((end) => [...document.querySelectorAll('.prose')].some((prose) => prose.textContent.includes(end)), END));
  const blank = await lethe.run(() =>
    [...document.querySelectorAll('.prose > .block')].filter((block) => block.textContent.trim() === '' && !block.querySelector('hr')).length);
  assert.equal(blank, 0, `${name}: nothing is blank`);
}

/** Words that are typed arrive in the composer, and the button beside it works. */
async function answers(lethe, when) {
  const composer = await lethe.find('composer');
  await composer.click();
  await lethe.type('words');
  const words = () => lethe.run(() => document.querySelector('[data-testid=composer]').value);
  await lethe.until(`what is typed arrives ${when}`, async () => (await words()) === 'words', { seconds: 20 });
  await lethe.press(KEYS.control, 'a');
  await lethe.press(KEYS.delete);
}
