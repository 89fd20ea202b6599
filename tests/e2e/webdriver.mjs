// A WebDriver client for the application, as small as the tests need: plain W3C WebDriver over HTTP.
//
// `Driver` is the pair of tauri-driver and WebKitWebDriver, on ports of its own; `Session` is one run of the
// application. Nothing here knows Lethe: window.mjs does.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';

import { descendants, endAll } from './processes.mjs';
import { until } from './until.mjs';

/** How WebDriver names an element, W3C WebDriver section 12. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Keys that have no character, W3C WebDriver section 17.4.2. */
export const KEYS = {
  enter: '\uE007',
  escape: '\uE00C',
  tab: '\uE004',
  shift: '\uE008',
  control: '\uE009',
  up: '\uE013',
  down: '\uE015',
  delete: '\uE017',
  f2: '\uE032',
};

export class Driver {
  /** @param {Record<string, string>} env what the application finds in its environment */
  static async start(env) {
    const driver = new Driver();
    const [port, nativePort] = await freePorts(2);
    const { LETHE_TAURI_DRIVER: program, LETHE_WEBKIT_DRIVER: native } = process.env;
    driver.address = `http://127.0.0.1:${port}`;
    driver.said = '';
    driver.child = spawn(program, ['--port', port, '--native-port', nativePort, '--native-driver', native].map(String), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    driver.child.on('error', (error) => (driver.said += `${program}: ${error.message}\n`));
    for (const stream of [driver.child.stdout, driver.child.stderr]) {
      stream.on('data', (chunk) => (driver.said += chunk));
    }
    await until(`tauri-driver answers on port ${port}`, () => driver.answers(), { seconds: 20 });
    return driver;
  }

  /** Starts the application. */
  async open(application, args = []) {
    const capabilities = { alwaysMatch: { 'tauri:options': { application, args } } };
    const { sessionId } = await this.call('POST', '/session', { capabilities });
    return new Session(this, sessionId);
  }

  async answers() {
    if (this.child.exitCode !== null) throw new Error(`tauri-driver ended: ${this.said}`);
    return (await fetch(`${this.address}/status`).catch(() => null))?.ok;
  }

  async call(method, path, body) {
    const response = await fetch(this.address + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { value } = text ? JSON.parse(text) : { value: null };
    if (!response.ok) throw new WebDriverError(value, `${method} ${path}`);
    return value;
  }

  /** Ends the drivers and everything they started. */
  async end() {
    await endAll([...descendants(this.child.pid), this.child.pid]);
  }
}

export class WebDriverError extends Error {
  constructor(value, what) {
    super(`${value?.error ?? 'no answer'}: ${value?.message ?? ''} (${what})`);
    this.code = value?.error;
  }
}

/** One run of the application, seen through its web view. */
export class Session {
  constructor(driver, id) {
    this.driver = driver;
    this.path = `/session/${id}`;
  }

  call(method, path, body) {
    return this.driver.call(method, this.path + path, body);
  }

  /** Runs a function in the page and gives its result back. Arguments and result travel as JSON. */
  run(page, ...args) {
    const values = args.map((arg) => (arg instanceof Element ? { [ELEMENT]: arg.id } : arg));
    return this.call('POST', '/execute/sync', { script: `return (${page}).apply(null, arguments)`, args: values });
  }

  /** Every element that a CSS selector finds. */
  async all(selector) {
    const found = await this.call('POST', '/elements', { using: 'css selector', value: selector });
    return found.map((element) => new Element(this, element[ELEMENT]));
  }

  /** The element that has the focus. */
  async focused() {
    return new Element(this, (await this.call('GET', '/element/active'))[ELEMENT]);
  }

  /** Presses keys one after another, or with `press(KEYS.control, 'k')` the last one while the others are held. */
  async press(...keys) {
    const down = keys.map((value) => ({ type: 'keyDown', value }));
    const up = keys.toReversed().map((value) => ({ type: 'keyUp', value }));
    await this.call('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions: [...down, ...up] }] });
  }

  /** Types into whatever has the focus. */
  async type(text) {
    const actions = [...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
    await this.call('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  /** Moves the mouse pointer. */
  async pointAt(x, y) {
    const actions = [{ type: 'pointerMove', x, y, duration: 0 }];
    await this.call('POST', '/actions', { actions: [{ type: 'pointer', id: 'mouse', actions }] });
  }

  /** Turns the wheel of the mouse at a place, by so many pixels downwards. */
  async wheel(x, y, pixels) {
    const actions = [{ type: 'scroll', x, y, deltaX: 0, deltaY: pixels, duration: 0, origin: 'viewport' }];
    await this.call('POST', '/actions', { actions: [{ type: 'wheel', id: 'wheel', actions }] });
    // WebKitWebDriver counts the next turn from where this one ended, unless the wheel is let go. Then it turns it back, but
    // in the corner of the window.
    await this.call('DELETE', '/actions');
  }

  async resize(width, height) {
    await this.call('POST', '/window/rect', { width, height });
  }

  async screenshot(path) {
    writeFileSync(path, Buffer.from(await this.call('GET', '/screenshot'), 'base64'));
  }

  /** The windows that are open. */
  windows() {
    return this.call('GET', '/window/handles');
  }

  source() {
    return this.run(() => document.documentElement.outerHTML);
  }

  /** Ends the application the way a desktop does. */
  async close() {
    await this.driver.call('DELETE', this.path);
  }
}

class Element {
  constructor(session, id) {
    this.session = session;
    this.id = id;
  }

  #call(method, path, body) {
    return this.session.call(method, `/element/${this.id}${path}`, body);
  }

  click() {
    return this.#call('POST', '/click', {});
  }

  type(text) {
    return this.#call('POST', '/value', { text });
  }

  clear() {
    return this.#call('POST', '/clear', {});
  }

  attribute(name) {
    return this.#call('GET', `/attribute/${name}`);
  }

  /** The text of the element's DOM, shown or not. */
  text() {
    return this.session.run((element) => element.textContent, this);
  }
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve, reject) => {
      const server = createServer().on('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
    })),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
