// The pictures of the README, taken from the real window with the starter model:
//
//   node scripts/screenshots.mjs
//
// It needs what the window tests need (`npm test -- --only window` sets it up and builds it), and writes into
// docs/screenshots.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { targetFolder } from './lib/cargo.mjs';
import { root } from './lib/places.mjs';
import { referencePath } from './lib/reference.mjs';
import { starterModelPath } from './lib/starter-model.mjs';
import { tauriDriverPath } from './lib/toolchain.mjs';
import { Feed } from '../tests/e2e/feed.mjs';
import { Hub } from '../tests/e2e/hub.mjs';
import { KEYS } from '../tests/e2e/webdriver.mjs';
import { inWindow } from '../tests/e2e/window.mjs';

const FOLDER = join(root, 'docs', 'screenshots');
const NARROW = [430, 780];

if (process.argv[2] === '--on-this-display') await takeAll();
else process.exitCode = onOwnDisplay();

/** Runs this file again on a display of its own, with the programs that the window tests use. */
function onOwnDisplay() {
  const display = ['-a', '-s', '-screen 0 1280x900x24', 'dbus-run-session', '--'];
  const env = {
    LETHE_BIN_DIR: join(targetFolder(), 'debug'),
    LETHE_REFERENCE: referencePath(),
    LETHE_STARTER_MODEL: starterModelPath,
    LETHE_TAURI_DRIVER: tauriDriverPath,
    LETHE_WEBKIT_DRIVER: '/usr/bin/WebKitWebDriver',
    ...process.env,
  };
  const self = fileURLToPath(import.meta.url);
  const done = spawnSync('xvfb-run', [...display, process.execPath, self, '--on-this-display'], { env, stdio: 'inherit' });
  if (done.error) console.error(`xvfb-run can't be started (${done.error.code}): run npm test -- --only window first`);
  return done.status ?? 1;
}

async function takeAll() {
  mkdirSync(FOLDER, { recursive: true });
  await inWindow(firstStart, { prepare: withNetwork })({ name: 'screenshot-of-the-first-start' });
  const hub = await Hub.start();
  hub.pace = 4e6;
  const card = '---\nlicense: apache-2.0\n---\n# A small model\n\nIt answers in short sentences.\n';
  const small = { 'README.md': card, 'SmolLM2-135M-Instruct-Q4_1.gguf': readFileSync(starterModelPath) };
  hub.add('acorn/SmolLM2-135M-Instruct-GGUF', { license: 'apache-2.0', downloads: 400, files: small });
  const large = { 'README.md': card, 'Large-70B-Q8_0.gguf': { claims: 75e9 }, 'Large-70B-Q4_K_M.gguf': { claims: 42.5e9 } };
  hub.add('acorn/Large-70B-GGUF', { license: 'apache-2.0', downloads: 90, files: large });
  const withHub = (place) => (place.variables = hub.environment);
  await inWindow((lethe, place) => models(lethe, place, hub), { prepare: withHub })({ name: 'screenshots-of-models' });
  await hub.end();
  await inWindow(conversation, { prepare: withHistory })({ name: 'screenshots-of-a-conversation' });
  await inWindow(filterPage, { prepare: withSources })({ name: 'screenshots-of-the-filter' });
  await inWindow(apertus, { prepare: (place) => place.withScriptedModel() })({ name: 'screenshots-of-apertus' });
}

/** Requests are allowed, as for most people, and lead to a hub that is not there. */
function withNetwork(place) {
  place.variables = { LETHE_OFFLINE: '0', HF_ENDPOINT: 'http://127.0.0.1:9' };
}

async function firstStart(lethe) {
  await lethe.find('get-and-start');
  await take(lethe, 'first-start');
}

async function conversation(lethe, place) {
  const people = [
    { id: 'p-01', kind: 'person', text: 'Mira Kestrel' },
    { id: 'p-02', kind: 'person', text: 'Otto Fennimore' },
    { id: 'p-03', kind: 'phone', text: '+41 44 000 12 34' },
  ];
  await lethe.ready();
  await lethe.useList(place.list('people.jsonl', ...people));
  await lethe.useList(place.list('addresses.jsonl', { id: 'a-01', kind: 'address', text: '7 Lantern Quay, Saltmouth' }));
  await lethe.set({ temperature: 0 });
  await lethe.ask('Mira Kestrel runs the harbour library. Who runs the harbour library?');
  await lethe.ask('Write one short Python function that adds two numbers, in a code block.');
  await lethe.until('the code is coloured', () => lethe.run(() => document.querySelector('pre code span') !== null));

  await rename(lethe, 'The harbour library');

  for (const theme of ['light', 'dark']) {
    await choose(lethe, theme);
    await take(lethe, `chat-${theme}`);
  }
  await choose(lethe, 'light');

  await lethe.openSettings('filter');
  await lethe.fill('filter-test', 'Write to Mira Kestrel, mira@example.org.');
  await lethe.until('the filter was tried', async () => /places would/.test((await lethe.texts('filter-test-result'))[0]));
  await lethe.run((area) => area.closest('.page').scrollTo(0, 10_000), await lethe.find('filter-test'));
  await take(lethe, 'settings-filter', { focus: null });
  await lethe.click('settings-close');

  await lethe.session.resize(...NARROW);
  await lethe.find('show-sidebar');
  await take(lethe, 'narrow');
}

async function filterPage(lethe) {
  await lethe.ready();
  for (const theme of ['light', 'dark']) {
    await choose(lethe, theme);
    await lethe.openSettings('filter');
    await lethe.find('list-row');
    await take(lethe, `filter-${theme}`, { focus: null });
    await lethe.click('settings-close');
  }
  await choose(lethe, 'light');

  await lethe.open('Who can tell me about the lighthouse?');
  await lethe.answer(0);
  await lethe.click('show-receipt');
  await lethe.find('receipt-removal');
  await take(lethe, 'receipt', { focus: null });
  await lethe.click('receipt-close');

  await lethe.session.resize(...NARROW);
  await lethe.click('show-sidebar');
  await lethe.openSettings('filter');
  await lethe.find('list-row');
  await take(lethe, 'filter-narrow', { focus: null });
}

/** Where models come from: what is offered, what comes, what failed, and what is too large for any desk. */
async function models(lethe, place, hub) {
  await lethe.find('get-and-start');
  await lethe.openModels('get');
  await lethe.find('catalog');
  for (const theme of ['light', 'dark']) {
    await choose(lethe, theme);
    await lethe.openModels('get');
    await lethe.find('catalog');
    await take(lethe, `catalog-${theme}`, { focus: null });
    if (theme === 'dark') continue;
    await fetchFrom(lethe, 'smollm2');
    await lethe.until('some of it has arrived', async () => (await lethe.state()).downloads[0]?.done > 20e6);
    await take(lethe, 'download', { focus: null });
    await lethe.click('download-cancel');
    await lethe.until('the line is gone', async () => !(await lethe.shows('download')));
    hub.refuses = true;
    await fetchFrom(lethe, 'smollm2');
    const failed = async () => (await lethe.attribute('download', 'data-state')) === 'failed';
    await lethe.until('it failed', failed, { seconds: 120 });
    await take(lethe, 'download-failed', { focus: null });
    await lethe.click('download-cancel');
    await lethe.click('models-search');
    await seek(lethe, 'large');
    await lethe.find('download-start');
    await take(lethe, 'model-too-large', { focus: null });
    await lethe.press(KEYS.escape);
  }
  await choose(lethe, 'light');
  await lethe.openModels('get');
  await lethe.session.resize(...NARROW);
  await lethe.find('catalog');
  await take(lethe, 'catalog-narrow', { focus: null });
}

async function seek(lethe, query) {
  if (await lethe.shows('repository-back')) await lethe.click('repository-back');
  await lethe.fill('hub-query', query);
  await lethe.click('hub-search');
  await lethe.until('it is found', async () => (await lethe.texts('hub-hit')).join().toLowerCase().includes(query));
  await lethe.click('hub-hit');
}

async function fetchFrom(lethe, query) {
  await lethe.click('models-search');
  await seek(lethe, query);
  await lethe.until('it can be got', async () => (await lethe.attribute('download-start', 'aria-disabled')) === 'false');
  await lethe.click('download-start');
}

/** Thinking, a long talk, the page of a model, and official weights; by a tiny model that says what it is told. */
async function apertus(lethe, place) {
  await lethe.ready();
  await lethe.set({ contextSize: 512 });
  await lethe.ready();
  for (let asked = 1; asked < 5; asked += 1) {
    await lethe.ask(`${asked}: how long does the ferry to the other bank take on a day with fog and little wind?`);
  }
  await lethe.run((fold) => fold.click(), (await lethe.session.all('[data-testid=thinking] summary')).at(-1));
  for (const theme of ['light', 'dark']) {
    await choose(lethe, theme);
    await take(lethe, `thinking-${theme}`);
    await lethe.aboutModel('scripted');
    await take(lethe, `model-${theme}`, { focus: null });
    await lethe.press(KEYS.escape);
    if (theme === 'light') await lethe.inspectWeights(place.officialWeights());
    else await lethe.openWeights();
    await lethe.until('the weights are known', () => lethe.shows('weights-found'), { seconds: 120 });
    await take(lethe, `convert-${theme}`, { focus: null });
    await lethe.press(KEYS.escape);
  }
  await choose(lethe, 'light');
  await lethe.session.resize(...NARROW);
  await take(lethe, 'thinking-narrow');
}

/** A signed feed and a list of a file, and an answer from which they removed something. */
function withSources(place) {
  place.withModel();
  const feed = new Feed(place);
  feed.publish(
    { id: 'r-17', kind: 'person', text: 'Mira Kestrel' },
    { id: 'r-18', kind: 'address', text: '7 Lantern Quay, Saltmouth' },
  );
  feed.subscribe('Deletion requests');
  place.cli('list', 'update');
  place.cli('list', 'add', place.list('colleagues.jsonl', { id: 'c-01', kind: 'person', text: 'Otto Fennimore' }));
  // A folder of a test has no name that a reader should see.
  place.sql("UPDATE list SET address = 'https://lists.example/requests/' WHERE source = 'feed'");
  place.withAnswer(
    'Who can tell me about the lighthouse?',
    'Ask **Mira Kestrel** at 7 Lantern Quay, Saltmouth, or write to mira@example.org. Mira Kestrel has the keys.',
  );
}

/** Some conversations of the last days, so that the list is as full as in use. */
function withHistory(place) {
  place.withModel();
  const daysAgo = {
    'What makes bread rise?': 0,
    'Plan a walk through the old town': 1,
    'Explain compound interest': 1,
    'A letter to the landlord': 3,
    'Names for a small sailing boat': 5,
  };
  for (const [title, days] of Object.entries(daysAgo)) {
    place.cli('ask', '--max-tokens', '1', title);
    place.sql(`UPDATE conversation SET updated_at = updated_at - ${days} * 86400000 WHERE title = '${title}'`);
  }
}

async function choose(lethe, theme) {
  await lethe.openSettings('appearance');
  await lethe.run((radio) => radio.click(), await lethe.find(`theme-${theme}`));
  await lethe.until(`${theme} is in force`, async () => (await lethe.state()).settings.theme === theme);
  await lethe.click('settings-close');
}

async function rename(lethe, title) {
  await (await lethe.findByRole('button', 'Rename')).click();
  await lethe.press(KEYS.control, 'a');
  await lethe.type(title);
  await lethe.press(KEYS.enter);
  await lethe.until('the title is listed', async () => (await lethe.titles())[0] === title);
}

/** A folder of a test has no name that a reader should see. Runs in the window. */
function withoutTestFolders() {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    if (/lethe-window-/.test(text.data)) text.data = text.data.replace(/\S*lethe-window-[^/]*/, '~/models');
  }
}

/** Takes a picture when nothing moves any more, no passing message covers the page and nothing is pointed at. */
async function take(lethe, name, { focus = 'composer' } = {}) {
  await lethe.run(withoutTestFolders);
  // What lies under a pointer that rests is looked up again only when it moves.
  await lethe.session.pointAt(200, 600);
  await lethe.session.pointAt(0, 0);
  if (focus) await lethe.run((element) => element.focus(), await lethe.find(focus));
  await lethe.until('the page is at rest', () =>
    lethe.run(() => document.querySelector('[data-testid=toast]') === null &&
      document.getAnimations().every(({ playState }) => playState !== 'running')));
  // What is on the page is painted with the next frame.
  await lethe.run(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(() => painted(true)))));
  await lethe.session.screenshot(join(FOLDER, `${name}.png`));
  console.log(`docs/screenshots/${name}.png`);
}
