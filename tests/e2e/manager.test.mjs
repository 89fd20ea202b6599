// Getting a model in the window: what is offered, and the way from a search on a hub to an answer; the hub is one of this
// machine. What was sent is on the page of the network, and the switch there forbids more.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Hub } from './hub.mjs';
import { MODEL } from './place.mjs';
import { KEYS } from './webdriver.mjs';
import { inWindow } from './window.mjs';

const REPOSITORY = 'acorn/SmolLM2-135M-Instruct-GGUF';
const FILE = 'SmolLM2-135M-Instruct-Q4_1.gguf';
const CARD = '---\nlicense: apache-2.0\n---\n# A small model\n\nIt answers in short sentences.\n';

/** A test in a window without a model, in which the hub has the starter model. */
function withHub(body) {
  return async (test) => {
    const hub = await Hub.start();
    try {
      const files = { 'README.md': CARD, [FILE]: readFileSync(MODEL) };
      hub.add(REPOSITORY, { license: 'apache-2.0', downloads: 400, files });
      hub.add('acorn/Notes', { license: 'mit', downloads: 90, files: { 'README.md': '# Notes' } });
      const prepare = (place) => (place.variables = hub.environment);
      await inWindow((lethe, place) => body(lethe, place, hub), { prepare })(test);
    } finally {
      await hub.end();
    }
  };
}

async function search(lethe, query) {
  await lethe.openModels('search');
  await lethe.fill('hub-query', query);
  await lethe.click('hub-search');
}

/** Finds the starter model on the hub and starts its download. */
async function get(lethe, query = 'smollm2') {
  await search(lethe, query);
  await lethe.click('hub-hit');
  await lethe.until('it can be got', async () => (await lethe.attribute('download-start', 'aria-disabled')) === 'false');
  await lethe.click('download-start');
}

/** The only download as Lethe tells of it. */
const download = async (lethe) => (await lethe.state()).downloads[0];

const shownState = (lethe) => lethe.attribute('download', 'data-state');

const inState = (lethe, state) =>
  lethe.until(`the download is ${state}`, async () => (await shownState(lethe)) === state, { seconds: 120 });

/** The names of the files of downloads that are not whole. */
const parts = (place) => readdirSync(place.data, { recursive: true }).filter((name) => name.endsWith('.part'));

test('the_catalogue_shows_apertus_first_and_needs_no_network', inWindow(async (lethe) => {
  await lethe.ready();
  await lethe.openModels('get');
  await lethe.find('catalog');
  const offers = await lethe.run(() =>
    [...document.querySelectorAll('[data-testid=offer]')].map((offer) => ({
      name: offer.querySelector('h3').textContent.trim(),
      words: offer.textContent,
    })));
  const isApertus = offers.map(({ name }) => name.includes('Apertus'));
  assert.ok(isApertus[0] && isApertus.includes(false), `Apertus and others: ${offers.map(({ name }) => name).join(', ')}`);
  assert.deepEqual(isApertus, isApertus.toSorted((a, b) => b - a), 'no other one stands between those of Apertus');
  for (const { name, words } of offers) assert.match(words, /Licen[cs]e/, `${name} says under which terms it is`);
  assert.deepEqual(await lethe.alerts(), []);

  await lethe.press(KEYS.escape);
  await lethe.until('Escape leads back to the conversation', async () => (await lethe.focus()) === 'composer');
  assert.equal(await lethe.shows('catalog'), false);
}));

test('a_model_of_the_hub_is_found_fetched_used_and_every_request_is_listed', withHub(async (lethe, place, hub) => {
  // Slow enough that its progress can be seen.
  hub.pace = 16e6;
  await lethe.find('onboarding');
  await search(lethe, 'smollm2');
  await lethe.find('hub-hit');
  const hits = await lethe.texts('hub-hit');
  assert.equal(hits.length, 1, 'what does not match is not shown');
  assert.match(hits[0], new RegExp(REPOSITORY));
  await lethe.click('hub-hit');
  await lethe.find('download-start');
  const page = await (await lethe.find('repository')).text();
  for (const fact of [/apache-2\.0/, /Q4_1/, /98 MB/, /It answers in short sentences/]) assert.match(page, fact);
  assert.equal(await lethe.shows('terms-agree'), false, 'this one has no terms of its own');
  await lethe.until('it can be got', async () => (await lethe.attribute('download-start', 'aria-disabled')) === 'false');
  await lethe.click('download-start');

  await lethe.until('its progress is seen in the list and in the status line', () =>
    lethe.run(() => {
      const bar = document.querySelector('[data-testid=download] [role=progressbar]');
      const share = Number(bar?.getAttribute('aria-valuenow'));
      const line = document.querySelector('[data-testid=download-state]')?.textContent ?? '';
      return share > 0 && share < 100 && /^\s*Downloading \d+%\s*$/.test(line);
    }), { seconds: 60 });
  await inState(lethe, 'done');
  await lethe.until('nothing is under way any more', async () => !(await lethe.shows('download-state')));
  const toasts = (await lethe.texts('toast')).filter((text) => /was downloaded|ready/.test(text));
  assert.deepEqual(toasts, [], 'nobody is told of what is before their eyes');

  const { models } = await lethe.state();
  assert.deepEqual(models.map(({ repository, problem }) => ({ repository, problem })), [{ repository: REPOSITORY, problem: null }]);
  assert.ok(readFileSync(models[0].path).equals(readFileSync(MODEL)), 'every byte has arrived');
  assert.ok(models[0].path.startsWith(place.data), 'it is kept with what is Lethe’s');
  assert.deepEqual(parts(place), [], 'nothing of the way there is left');

  await lethe.click('download-use');
  await lethe.ready();
  assert.equal((await lethe.texts('engine-state'))[0], models[0].name);
  await lethe.set({ maxTokens: 8 });
  assert.notEqual((await lethe.ask('Name a colour.')).text.trim(), '', 'it answers');

  await lethe.openNetwork();
  const rows = await lethe.until('the requests are listed', async () => {
    const rows = await lethe.texts('ledger-row');
    return rows.some((row) => row.includes(hub.hosts[1])) && rows;
  });
  for (const purpose of [/a search for models/, /the files of a model/, /a model.s card/, /a model\s/]) {
    assert.ok(rows.some((row) => purpose.test(row)), `${purpose} is listed, in ${rows.join('\n')}`);
  }
  for (const row of rows) assert.ok(hub.hosts.some((host) => row.includes(host)), `to no other host: ${row}`);
  const totals = (await lethe.texts('ledger-totals'))[0];
  for (const host of hub.hosts) assert.ok(totals.includes(host), `${host} is in the sums`);

  await lethe.turn('network-offline', true);
  await lethe.until('Lethe is offline', async () => (await lethe.state()).network.offline);
  await lethe.click('network-close');
  await lethe.find('offline-mark');
  const asked = hub.requests.length;
  await search(lethe, 'notes');
  const said = await lethe.until('the window says why nothing is searched for', async () => {
    const [alert] = await lethe.alerts();
    return /switched off|offline/i.test(alert ?? '') && alert;
  });
  assert.doesNotMatch(said, /panicked|Error\(|::|undefined|\[object/, `for people: ${said}`);
  assert.equal(hub.requests.length, asked, 'the hub has heard nothing of it');
  assert.equal((await lethe.state()).settings.offline, true, 'the choice is remembered');
}));

test('a_slow_download_is_paused_outlives_a_restart_goes_on_and_is_cancelled', withHub(async (lethe, place, hub) => {
  hub.pace = 2e6;
  await get(lethe);
  await lethe.until('some of it has arrived', async () => (await download(lethe)).done > 8e6, { seconds: 60 });

  await lethe.click('download-pause');
  await inState(lethe, 'paused');
  const { done } = await download(lethe);
  assert.equal(parts(place).length, 1, 'what has arrived is on the disk');
  const asked = hub.requests.length;

  await lethe.restart();
  await lethe.openModels('downloads');
  await inState(lethe, 'paused');
  assert.equal(await lethe.shows('download-state'), false, 'the status line tells of nothing that rests');
  const models = hub.requests.slice(asked).filter(({ path }) => path.endsWith(FILE));
  assert.deepEqual(models, [], 'nothing is fetched while it rests');
  const { sent } = hub;

  await lethe.click('download-resume');
  await inState(lethe, 'running');
  await lethe.until('more of it has arrived', async () => (await download(lethe)).done > done, { seconds: 60 });
  assert.ok(hub.sent - sent < done / 2, `what had arrived is used: ${hub.sent - sent} bytes to get past ${done}`);

  await lethe.click('download-cancel');
  await lethe.until('the line is gone', async () => !(await lethe.shows('download')));
  await lethe.until('what was fetched is gone', () => parts(place).length === 0);
  const state = await lethe.state();
  assert.deepEqual([state.downloads, state.models], [[], []]);
  assert.deepEqual(await lethe.alerts(), []);

  await lethe.restart();
  await lethe.find('onboarding');
  assert.deepEqual((await lethe.state()).downloads, [], 'it does not come back');
}));

test('while_one_download_rests_the_next_one_has_its_turn', withHub(async (lethe, place, hub) => {
  const second = { 'README.md': CARD, 'Second-Q4_1.gguf': readFileSync(MODEL) };
  hub.add('acorn/Second-GGUF', { license: 'apache-2.0', downloads: 10, files: second });
  hub.pace = 2e6;
  await get(lethe);
  await lethe.until('some of it has arrived', async () => (await download(lethe)).done > 4e6, { seconds: 60 });
  await lethe.click('download-pause');
  await inState(lethe, 'paused');
  hub.pace = null;
  await lethe.click('models-search');
  await lethe.fill('hub-query', 'second');
  await lethe.click('hub-search');
  await lethe.until('only that one is found', async () => (await lethe.texts('hub-hit')).join().includes('Second'));
  await lethe.click('hub-hit');
  await lethe.until('it can be got', async () => (await lethe.attribute('download-start', 'aria-disabled')) === 'false');
  await lethe.click('download-start');
  const states = async () => (await lethe.state()).downloads.map(({ state }) => state).toSorted();
  await lethe.until('the second one is done', async () => (await states()).includes('done'), { seconds: 120 });
  assert.deepEqual(await states(), ['done', 'paused'], 'the first one rests');
}));

test('a_refused_download_says_why_and_can_be_tried_again', withHub(async (lethe, place, hub) => {
  hub.refuses = true;
  await get(lethe);
  await inState(lethe, 'failed');
  const row = await (await lethe.find('download')).text();
  assert.match(row, /127\.0\.0\.1/, 'it says who');
  assert.doesNotMatch(row, /panicked|Error\(|::|undefined|\[object/, `for people: ${row}`);
  hub.refuses = false;
  await lethe.click('download-retry');
  await inState(lethe, 'done');
  assert.ok(readFileSync((await lethe.state()).models[0].path).equals(readFileSync(MODEL)), 'every byte has arrived');
}));
