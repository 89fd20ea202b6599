// Child processes: setup tools that run with progress, and the product that takes over the terminal.
//
// Setup children never see standard input: what is piped into `npm start` is for the chat. When this process is
// told to stop, it stops its children first.

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isatty } from 'node:tty';

import { logFolder, root } from './places.mjs';
import { StepFailure, duration } from './report.mjs';

const heartbeat = 20_000;
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @type {Set<{child: import('node:child_process').ChildProcess, group: boolean}>} */
const running = new Set();
/** @type {NodeJS.Signals | null} */
let stoppedBy = null;

/** The environment of children. */
export function childEnvironment(environment = process.env) {
  const { SOURCE_DATE_EPOCH: _, ...rest } = environment; // Would make llama.cpp's build plain SSE2 without a word.
  const name = Object.keys(rest).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const cargoBin = join(rest.CARGO_HOME || join(homedir(), '.cargo'), 'bin');
  // A toolchain installed a minute ago is not yet on the path of this terminal.
  return { ...rest, [name]: [rest[name], cargoBin].filter(Boolean).join(delimiter) };
}

/** The exit status that a shell reports for a process ended by `signal`. */
export const signalStatus = (signal) => 128 + (constants.signals[signal] ?? 0);

/** The status to exit with when this process was told to stop, else null. */
export const stopStatus = () => stoppedBy && signalStatus(stoppedBy);

/** Says of a check whether it passed. Its failure is on screen and in the table, and does not stop the next one. */
export const checker = (report) => async (name, action) => {
  try {
    await report.step(name, action);
    return true;
  } catch (error) {
    if (!(error instanceof StepFailure) || stopStatus()) throw error;
    return false;
  }
};

/** Makes this process stop its children when it is told to stop, or when npm is. Call once. */
export function stopChildrenWithUs() {
  for (const signal of stopSignals) process.on(signal, () => stopChildren(signal));
  if (!process.env.npm_lifecycle_event) return;
  // npm passes a signal to its shell, and the shell dies of it without a word to this process.
  const shell = process.ppid;
  setInterval(() => process.ppid === shell || stoppedBy || stopChildren('SIGTERM'), 500).unref();
}

function stopChildren(signal) {
  stoppedBy = signal;
  if (running.size === 0) process.exit(signalStatus(signal));
  for (const { child, group } of running) stop(child, group, signal);
}

function stop(child, group, signal) {
  // A terminal sends Ctrl-C to the whole foreground group: a second one from here would count twice.
  if (signal === 'SIGINT' && !group && [0, 1, 2].some((stream) => isatty(stream))) return;
  try {
    if (group) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Asks a tool something short.
 * @returns {{code: number | null, text: string, output: string}} `text`: both streams; `output`: standard output alone.
 *   `code` is null where the tool is missing.
 */
export function ask(command, args, options = {}) {
  const answer = spawnSync(command, args, {
    cwd: root,
    env: childEnvironment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  return {
    code: answer.error ? null : answer.status,
    text: `${answer.stdout ?? ''}${answer.stderr ?? ''}`,
    output: answer.stdout ?? '',
  };
}

/** The last line that a tool said, short and without addresses, to be put into a sentence. */
export function lastWords(text) {
  const line = text.split('\n').findLast((line) => line.trim() !== '') ?? '';
  const plain = line.replace(/\s*(- [A-Z]+ )?['"`(]*\b[a-z+]+:\/\/\S+/g, '');
  return plain.replace(/\s+/g, ' ').slice(0, 120).trim() || 'without a word';
}

/**
 * Runs a tool to its end. In a terminal its own output shows; otherwise the output goes to a log file and a line
 * appears every 20 seconds.
 * @param {import('./report.mjs').Report} report
 * @param {string} command
 * @param {string[]} args
 * @param {{log: string, advice: string, what?: string, cwd?: string, env?: Record<string, string>, show?: RegExp,
 *   ownGroup?: boolean}} options
 *   `log`: name of the log file; `advice`: how to go on when it fails; `show`: lines that are always printed;
 *   `ownGroup: false` for tools that ask for a password in the terminal.
 */
export async function run(report, command, args, options) {
  const { log, advice, what = command, cwd = root, env = {}, show, ownGroup = true } = options;
  const group = ownGroup && !report.terminal && process.platform !== 'win32';
  const output = report.terminal ? 2 : 'pipe';
  const begun = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { ...childEnvironment(), ...env },
    stdio: ['ignore', output, output],
    detached: group,
  });
  const entry = { child, group };
  running.add(entry);
  const transcript = report.terminal ? null : new Transcript(log, report, show);
  transcript?.follow(child.stdout);
  transcript?.follow(child.stderr);
  const timer = transcript && setInterval(() => {
    report.say(`… ${duration(performance.now() - begun)}  ${transcript.last}`);
  }, heartbeat);
  try {
    const { code, signal } = await ended(child, what, advice, () => group && stop(child, group, 'SIGTERM'));
    if (stoppedBy) throw new StepFailure(`${what} was stopped.`, { advice: 'run the same command again.' });
    if (code === 0) return;
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    throw new StepFailure(`${what} ${how}.`, { advice, ...transcript?.ending() });
  } finally {
    running.delete(entry);
    clearInterval(timer ?? undefined);
    transcript?.close();
  }
}

/** Waits for a child's end. `leftover` is called where something the child started still holds its output. */
function ended(child, what, advice, leftover = () => {}) {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      const reason = error.code === 'ENOENT' ? 'is not installed' : `can't be started (${error.code})`;
      reject(new StepFailure(`${what} ${reason}.`, { advice }));
    });
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('exit', (code, signal) => {
      const patience = setTimeout(() => {
        leftover();
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      }, 3000);
      child.on('close', () => clearTimeout(patience));
    });
  });
}

/** A tool's output: whole in a file, its last lines in memory. */
class Transcript {
  #lines = [];
  broken = false;
  #keep = process.env.CI ? 250 : 40; // A build machine's log file is gone when someone reads the failure.

  constructor(name, report, show) {
    mkdirSync(logFolder, { recursive: true });
    this.path = join(logFolder, `${name}.log`);
    this.file = openSync(this.path, 'w');
    this.report = report;
    this.show = show;
  }

  get last() {
    return this.#lines.findLast((line) => line.trim() !== '')?.slice(0, 110) ?? '';
  }

  follow(stream) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      this.#log(text);
      const lines = (rest + text).split(/\r?\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
    stream.on('end', () => rest && this.#take(rest));
  }

  /** Where the disk is full the log ends early; the tool's last lines are still told. */
  #log(text) {
    if (this.broken) return;
    try {
      writeSync(this.file, text);
    } catch (error) {
      this.broken = true;
      this.report.say(`The log ${this.path} ends here: ${error.code === 'ENOSPC' ? 'the disk is full' : error.code}.`);
    }
  }

  #take(line) {
    const plain = line.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '');
    this.#lines.push(plain);
    if (this.#lines.length > this.#keep) this.#lines.shift();
    if (this.show?.test(plain)) this.report.say(plain.trim());
  }

  ending() {
    return { tail: this.#lines, log: this.path };
  }

  close() {
    closeSync(this.file);
  }
}

/**
 * Gives standard input, output and the terminal to a program and waits for its end.
 * @returns {Promise<number>} its exit status, as a shell would report it
 */
export async function handOver(command, args, { cwd = root, env = {} } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
  const entry = { child, group: false };
  running.add(entry);
  try {
    const { code, signal } = await ended(child, command, 'run the same command again to rebuild it.');
    return signal ? signalStatus(signal) : code;
  } finally {
    running.delete(entry);
  }
}
