// Where one test's Lethe keeps everything: a folder of its own, so that no test sees what another one left.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { until } from './until.mjs';

export const MODEL = process.env.LETHE_STARTER_MODEL;

const SCRIPTED = fileURLToPath(new URL('scripted.py', import.meta.url));

/** The path of a built program. */
export const program = (name) => join(process.env.LETHE_BIN_DIR, name);

export class Place {
  /** What else stands in the environment, or in place of what is said below. */
  variables = {};

  /** What else stands on the window's command line. */
  more = [];

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'lethe-window-'));
    this.data = join(this.folder, 'data');
    this.home = join(this.folder, 'home');
    mkdirSync(this.home);
  }

  /**
   * A store without encryption, so that its bytes can be searched; the web view's own files stay in here as well. No
   * request leaves the machine: a feed in a folder needs none, and a test with a hub of its own says so.
   */
  get environment() {
    return {
      LETHE_DATA_DIR: this.data,
      LETHE_KEY: 'none',
      LETHE_OFFLINE: '1',
      HOME: this.home,
      XDG_DATA_HOME: join(this.home, 'data'),
      XDG_CACHE_HOME: join(this.home, 'cache'),
      XDG_CONFIG_HOME: join(this.home, 'config'),
      ...this.variables,
    };
  }

  /** The window's command line: a test can't answer the system's question whether to open the path that it types. */
  get arguments() {
    const folders = [this.folder, dirname(MODEL)].flatMap((folder) => ['--allow-path', folder]);
    return [...folders, ...this.more];
  }

  /** Writes a file for a test to import, and gives its path. */
  file(name, content) {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** A deletion list as its makers write it: one JSON object a line. */
  list(name, ...entries) {
    return this.file(name, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }

  /** Runs `lethe-cli` on the same data folder; a failure of it is one of the test. */
  cli(...args) {
    return this.#run(args);
  }

  #run(args, input) {
    const answer = spawnSync(program('lethe-cli'), ['--data-dir', this.data, ...args], {
      env: { ...process.env, ...this.environment },
      encoding: 'utf8',
      input,
      maxBuffer: 1 << 26,
    });
    if (answer.status !== 0) throw new Error(`lethe-cli ${args.join(' ')}: ${answer.stderr}`);
    return answer.stdout;
  }

  /** Stores a conversation of these questions, each with the answer of the model in use. */
  talk(questions) {
    this.#run(['chat'], questions.map((question) => `${question}\n`).join(''));
  }

  /** Makes the starter model known, so that the window begins with it. */
  withModel() {
    this.cli('model', 'import', MODEL);
  }

  /** Writes a tiny Apertus that thinks "Zora", answers "Hey ", a mark for an address and ".", and gives its path. */
  scriptedModel({ name = 'scripted', context = 1024 } = {}) {
    const path = join(this.folder, `${name}.gguf`);
    this.#make('model', path, context);
    return path;
  }

  /** Makes the scripted model known, so that the window begins with it. */
  withScriptedModel(options) {
    this.cli('model', 'import', this.scriptedModel(options));
  }

  /** Writes tiny random weights as the makers of Apertus lay them out, and gives their folder. */
  officialWeights(name = 'official') {
    const path = join(this.folder, name);
    this.#make('repository', path);
    return path;
  }

  #make(...args) {
    const { LETHE_REFERENCE: reference } = process.env;
    if (!reference) throw new Error('LETHE_REFERENCE is not set: run npm test -- --only window, which sets it');
    const made = spawnSync(join(reference, 'python', 'bin', 'python'), [SCRIPTED, ...args.map(String)], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`scripted.py ${args.join(' ')}: ${made.error?.message ?? made.stderr}`);
  }

  /** Stores a conversation in which the starter model, held to a grammar, answers with just this text. */
  withAnswer(question, text) {
    const grammar = this.file('answer.gbnf', `root ::= ${JSON.stringify(text)}\n`);
    this.cli('ask', '--grammar', grammar, question);
  }

  /** Runs SQL on the unencrypted database. Python has SQLite in its standard library, Node has not. */
  sql(statement) {
    const script = 'import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as store: store.execute(sys.argv[2])';
    const answer = spawnSync('python3', ['-c', script, join(this.data, 'lethe.db'), statement], { encoding: 'utf8' });
    if (answer.status !== 0) throw new Error(`${statement}: ${answer.stderr}`);
  }

  /**
   * The files below the test's folder that hold a word, whatever its case: database, journal, logs, what the web view
   * keeps. Files that the test itself made beside them do not count.
   */
  filesWith(word, folders = [this.data, this.home]) {
    const wanted = word.toLowerCase();
    return folders
      .filter(existsSync)
      .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .filter((path) => content(path).toLowerCase().includes(wanted))
      .map((path) => relative(this.folder, path))
      .sort();
  }

  /** The web view's processes outlive the window by a moment, and write into the folder while it is removed. */
  async remove() {
    await until(`${this.folder} is removed`, () => {
      rmSync(this.folder, { recursive: true, force: true });
      return !existsSync(this.folder);
    });
  }
}

/** A file's bytes as text. What went since the folder was read, as a cache's temporary file does, holds nothing. */
function content(path) {
  try {
    return readFileSync(path).toString('latin1');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
