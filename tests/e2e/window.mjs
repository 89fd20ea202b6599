// Lethe's window as a test uses it: what a person does in it, and what they see.
//
// `inWindow` gives each test an application and a data folder of its own, ends all of it, and keeps a picture of the
// window and its page when the test fails. Elements are found by data-testid, or by role and name as a screen reader
// would.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { MODEL, Place, program } from './place.mjs';
import { descendants, program as programOf, runs } from './processes.mjs';
import { until } from './until.mjs';
import { Driver, KEYS } from './webdriver.mjs';

const FAILURES = fileURLToPath(new URL('../../target/window-tests/', import.meta.url));

/**
 * A test in a window.
 * @param {(lethe: Lethe, place: Place) => Promise<void>} body
 * @param {{prepare?: (place: Place) => void}} [options] `prepare`: what the data folder holds before the first start;
 *   the starter model, unless something else is said
 */
export function inWindow(body, { prepare = (place) => place.withModel() } = {}) {
  return async (test) => {
    const place = new Place();
    const lethe = new Lethe(place);
    try {
      prepare(place);
      await lethe.start();
      await body(lethe, place);
    } catch (error) {
      throw await lethe.described(error, test.name);
    } finally {
      await lethe.end();
      await place.remove();
    }
  };
}

const byTestId = (name) => `[data-testid="${name}"]`;

export class Lethe {
  constructor(place) {
    this.place = place;
  }

  async start() {
    this.driver ??= await Driver.start(this.place.environment);
    this.session = await this.driver.open(program('lethe'), this.place.arguments);
    const shown = () => document.querySelector('.window, .whole[data-testid]') !== null;
    await until('the page is there', () => this.run(shown));
  }

  async close() {
    const pids = this.processes('lethe', 'lethe-engine');
    await this.session.close();
    await until('the application has ended', () => !pids.some(runs));
  }

  /** After the application died by itself. */
  async startAgain() {
    await this.session.close().catch(() => {});
    await this.start();
  }

  async restart() {
    await this.close();
    await this.start();
  }

  /** The ids of the running processes of these programs that belong to this test. */
  processes(...names) {
    return descendants(this.driver.child.pid).filter((pid) => names.includes(programOf(pid)));
  }

  async end() {
    await this.driver?.end();
  }

  /** Keeps what can be seen of a failure, and says where. */
  async described(error, name) {
    mkdirSync(FAILURES, { recursive: true });
    const path = join(FAILURES, name.replaceAll(/[^\w]+/g, '-'));
    let where = `the window: ${path}.png\nits page: ${path}.html`;
    try {
      await this.session.screenshot(`${path}.png`);
      writeFileSync(`${path}.html`, await this.session.source());
    } catch (failure) {
      where = `no picture of the window: ${failure.message}\n${this.driver?.said ?? ''}`;
    }
    return new Error(`${error.message}\n${where}`, { cause: error });
  }

  run(page, ...args) {
    return this.session.run(page, ...args);
  }

  press(...keys) {
    return this.session.press(...keys);
  }

  type(text) {
    return this.session.type(text);
  }

  /** Turns the wheel over the middle of the conversation, by so many pixels; upwards they are negative. */
  async wheel(pixels) {
    const { x, y } = await this.run(() => {
      const { left, top, width, height } = document.querySelector('.scroller').getBoundingClientRect();
      return { x: Math.round(left + width / 2), y: Math.round(top + height / 2) };
    });
    await this.session.wheel(x, y, pixels);
  }

  until(what, condition, options) {
    return until(what, condition, options);
  }

  /** The first element with a data-testid, as soon as there is one. */
  find(testId, within = '') {
    return until(`there is "${testId}"`, async () => (await this.session.all(`${within} ${byTestId(testId)}`))[0]);
  }

  /** The element that a screen reader would announce by this role and name. */
  findByRole(role, name) {
    const selector = { button: 'button, [role=button]', alert: '[role=alert]', dialog: 'dialog, [role=dialog]' }[role];
    return until(`there is a ${role} "${name}"`, async () => {
      for (const element of await this.session.all(selector)) {
        const label = await this.run((node) => node.getAttribute('aria-label') ?? node.textContent.trim(), element);
        if (label === name) return element;
      }
      return null;
    });
  }

  async click(testId, within) {
    await (await this.find(testId, within)).click();
  }

  /** Puts text into a field in place of what it holds. */
  async fill(testId, text, within) {
    const field = await this.find(testId, within);
    await field.clear();
    await field.type(text);
  }

  /** Whether something with this data-testid is on the page. */
  shows(testId) {
    return this.run((selector) => document.querySelector(selector) !== null, byTestId(testId));
  }

  /** The text of everything with this data-testid. */
  texts(testId) {
    const trimmed = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent.trim());
    return this.run(trimmed, byTestId(testId));
  }

  attribute(testId, name) {
    const read = (selector, name) => document.querySelector(selector)?.getAttribute(name) ?? null;
    return this.run(read, byTestId(testId), name);
  }

  /** The sentences that alert the user. */
  alerts() {
    return this.run(() => [...document.querySelectorAll('[role=alert]')].map((element) => element.textContent.trim()));
  }

  /** What the application answers to a command of its own: the settings that are in force, for example. */
  state() {
    return this.run(() => window.__TAURI_INTERNALS__.invoke('app_state'));
  }

  ready() {
    const state = () => this.attribute('engine-state', 'data-state');
    return until('a model is ready', async () => (await state()) === 'ready', { seconds: 60 });
  }

  /** On the page of the first start the field for a path is folded away; the panel of the status line has one too. */
  async importModel(path = MODEL, within = 'main') {
    const folded = () => document.querySelector('[data-testid=use-path]')?.closest('details').open === false;
    if (within === 'main' && (await this.run(folded))) await this.click('use-path');
    await this.fill('model-path', path, within);
    await this.click('model-import', within);
  }

  /** Imports a second model and loads it: only the first one is loaded by itself. */
  async useModel(path, name) {
    await this.click('model-picker');
    await this.importModel(path, 'footer');
    const option = await until(`${name} is listed`, async () => {
      for (const row of await this.session.all(byTestId('model-option'))) if ((await row.text()).includes(name)) return row;
      return null;
    });
    await option.click();
    await until(`${name} is ready`, async () => (await this.texts('engine-state'))[0] === name, { seconds: 60 });
    await this.ready();
  }

  async openSettings(section) {
    await this.click('settings');
    await this.click(`settings-${section}`);
  }

  /** Chooses numbers of the model's behaviour, and waits until they are in force. */
  async set(numbers) {
    await this.openSettings('behaviour');
    for (const [name, value] of Object.entries(numbers)) await this.fill(`setting-${name}`, String(value));
    await until('the settings are in force', async () => {
      const { settings } = await this.state();
      return Object.entries(numbers).every(([name, value]) => settings[name] === value);
    });
    await this.click('settings-close');
  }

  async importList(path) {
    await this.openSettings('filter');
    await this.fill('list-path', path);
    await this.click('list-import');
  }

  /** Imports a list and waits until the filter works with it. */
  async useList(path) {
    await this.importList(path);
    await this.find('list-row');
    await this.click('settings-close');
    await until('the list is in force', async () => (await this.state()).filter.lists > 0);
  }

  /** Switches something on or off on the page of the settings that is open. */
  async turn(testId, on) {
    await this.find(testId);
    if ((await this.attribute(testId, 'aria-checked')) !== String(on)) await this.click(testId);
  }

  /** Tries the filter on a text, on its page, and gives what was removed as soon as a sentence about it is there. */
  async tryFilter(text, sentence) {
    const field = await this.find('filter-test');
    await field.click();
    await this.press(KEYS.control, 'a');
    await this.press(KEYS.delete);
    await until('what was tried before is gone', async () => (await this.texts('filter-test-result'))[0] === '');
    await field.type(text);
    return this.tried(sentence);
  }

  /** What the filter removes from the text that it is tried on, as soon as the page says so. */
  async tried(sentence) {
    const said = async () => sentence.test((await this.texts('filter-test-result'))[0] ?? '');
    await until(`the filter was tried: ${sentence}`, said);
    const pills = (selector) => [...document.querySelectorAll(selector)].map(({ dataset }) => ({ ...dataset }));
    const found = await this.run(pills, `${byTestId('filter-test-result')} ${byTestId('redaction')}`);
    return found.map(({ kind, list = null, entry = null }) => ({ kind, list, entry }));
  }

  /** What has the focus: its data-testid, or else the name of its tag. */
  focus() {
    return this.run(() => document.activeElement?.getAttribute('data-testid') ?? document.activeElement?.tagName);
  }

  /** Goes on with the Tab key until the focus is on something with this data-testid. */
  async tabTo(testId, { steps = 40 } = {}) {
    for (let step = 0; step < steps && (await this.focus()) !== testId; step += 1) await this.press(KEYS.tab);
    if ((await this.focus()) !== testId) throw new Error(`${steps} times the Tab key do not lead to "${testId}"`);
  }

  /** Searches in all conversations and gives the text of the hits. */
  async search(query) {
    const field = await this.find('search');
    await field.click();
    await this.press(KEYS.control, 'a');
    await this.press(KEYS.delete);
    const empty = () => document.querySelector('aside [aria-label="Search results"]') === null;
    await until('the search begins anew', () => this.run(empty));
    await field.type(query);
    await until('the search has ended', () =>
      this.run(() => /messages? found|Nothing found/.test(document.querySelector('aside').textContent)));
    return this.texts('search-hit');
  }

  /** Writes a message and sends it; the answer may take its time. */
  async send(text) {
    await this.ready();
    await this.write(text);
  }

  /** Writes into the composer and presses Enter, whatever state the engine is in. */
  async write(text) {
    await (await this.find('composer')).type(text);
    await this.press(KEYS.enter);
  }

  /** Sends a message, waits for the end of its answer and gives the answer back. */
  async ask(text) {
    const before = (await this.answers()).length;
    await this.send(text);
    return this.answer(before);
  }

  /** The answer at a place in the conversation, once it has ended. */
  answer(index) {
    return until(`answer ${index + 1} has ended`, async () => {
      const found = (await this.answers())[index];
      return found && found.state !== 'streaming' ? found : null;
    }, { seconds: 90 });
  }

  /** Waits until an answer grows, and gives back what of it was on the screen at that time. */
  growing(index, { letters = 40 } = {}) {
    return until(`answer ${index + 1} grows`, async () => {
      const found = (await this.answers())[index];
      return found?.state === 'streaming' && found.text.length >= letters ? found : null;
    }, { seconds: 60 });
  }

  /** The answers on the page, from top to bottom, with "[removed: …]" in their text where a chip stands. */
  answers() {
    return this.run((selector) =>
      [...document.querySelectorAll(selector)].map((article) => {
        // What was thought is no part of the answer.
        const said = (selector) => [...article.querySelectorAll(selector)].filter((node) => !node.closest('details'));
        return {
          state: article.dataset.state,
          text: said('.prose').map((prose) => prose.textContent).join(''),
          chips: said('[data-testid=redaction]').map(({ dataset }) => ({
            kind: dataset.kind,
            list: dataset.list ?? null,
            entry: dataset.entry ?? null,
          })),
          note: article.querySelector('[data-testid=message-note]')?.textContent.trim() ?? null,
        };
      }), byTestId('message-assistant'));
  }

  /** Opens the fold of the last answer's thought and gives what stands in it, as its text and its chips. */
  async thought() {
    const fold = `${byTestId('thinking')} > summary`;
    // The list may still be moving to the answer's end, and a pointer would miss what moves.
    await until('there is a thought', () => this.run((selector) => {
      const folds = document.querySelectorAll(selector);
      [...folds].at(-1)?.click();
      return folds.length > 0;
    }, fold));
    await this.find('thinking-text');
    return this.run((selector) => {
      const thought = [...document.querySelectorAll(selector)].at(-1);
      const chips = [...thought.querySelectorAll('[data-testid=redaction]')];
      return {
        text: thought.textContent.trim(),
        chips: chips.map(({ dataset }) => ({ kind: dataset.kind, list: dataset.list ?? null, entry: dataset.entry ?? null })),
      };
    }, byTestId('thinking-text'));
  }

  /** How many tokens the gauge in the status line shows as taken, draft included. */
  async used() {
    return Number(await this.attribute('context-gauge', 'aria-valuenow'));
  }

  /** Opens the dialog for official weights from the status line; the page of the first start has a way to it too. */
  async openWeights() {
    await this.click('model-picker');
    await this.click('weights-open', 'footer');
  }

  /** Opens the page of models at one of its tabs: machine, get, search or downloads. */
  async openModels(tab) {
    await this.click('model-picker');
    await this.click('models-open');
    await this.click(`models-${tab}`);
  }

  /** Opens the page of what was sent over the network. */
  async openNetwork() {
    await this.openSettings('network');
    await this.click('network-open');
    await this.find('network');
  }

  /** Opens the dialog for official weights and looks into a folder. */
  async inspectWeights(folder) {
    await this.openWeights();
    await this.fill('weights-path', folder);
    await this.click('weights-import');
  }

  /** Opens the page about a model of the list, by its name. */
  async aboutModel(name) {
    await this.click('model-picker');
    await (await this.findByRole('button', `About ${name}`)).click();
    await this.find('model-page');
  }

  /** The user's own messages on the page. */
  questions() {
    return this.texts('message-user');
  }

  /** The titles in the list of conversations. */
  titles() {
    return this.run(() => [...document.querySelectorAll('[data-testid=conversation] .title')].map((title) => title.textContent));
  }

  /** Opens a conversation of the list. */
  async open(title) {
    const row = await until(`"${title}" is listed`, async () => {
      const rows = await this.session.all(`${byTestId('conversation')} .open`);
      const titles = await Promise.all(rows.map((row) => row.text()));
      return rows[titles.findIndex((text) => text.trim() === title)];
    });
    await row.click();
  }

  /** The engine's process. */
  engine() {
    return until('an engine runs', () => this.processes('lethe-engine')[0]);
  }
}
