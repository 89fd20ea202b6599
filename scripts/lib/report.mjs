// What the scripts say: one line a step, progress while it lasts, one sentence when it fails.
//
// Everything goes to standard error. Standard output belongs to the program that `npm start` opens, so that
// `echo "question" | npm start` can be piped on.

import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** A step that can't go on. `message` is one sentence; `advice` says how to go on. */
export class StepFailure extends Error {
  /**
   * @param {string} message what went wrong, one sentence
   * @param {{advice?: string, tail?: string[], log?: string}} [details]
   */
  constructor(message, { advice, tail = [], log } = {}) {
    super(message);
    this.advice = advice;
    this.tail = tail;
    this.log = log;
  }
}

/** Writes to standard error without touching the stream's mode, which children share. */
export function writeError(text) {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; ) {
    try {
      start += writeSync(2, bytes, start);
    } catch (error) {
      if (error.code === 'EPIPE') return;
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Seconds as a person reads them: "0.4 s", "12 s", "3 min 5 s". */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** The printed progress of one run of a script. */
export class Report {
  /** @type {{name: string, outcome: 'passed' | 'failed' | 'not run' | 'not checked', result: string, milliseconds: number}[]} */
  steps = [];

  /** @param {{write?: (text: string) => void, now?: () => number, terminal?: boolean}} [outside] */
  constructor({ write = writeError, now = () => performance.now(), terminal = isatty(2) } = {}) {
    this.write = write;
    this.now = now;
    /** Whether a person watches: tools then show their own progress. */
    this.terminal = terminal;
  }

  say(text) {
    this.write(`  ${text}\n`);
  }

  /**
   * Runs one step and prints how it ended.
   * @template T
   * @param {string} name
   * @param {() => Promise<{result: string, value?: T}>} action throws StepFailure to fail
   * @returns {Promise<T | undefined>}
   */
  async step(name, action) {
    const begun = this.now();
    try {
      const { result, value } = await action();
      const milliseconds = this.now() - begun;
      this.steps.push({ name, outcome: 'passed', result, milliseconds });
      this.write(`✓ ${name}: ${result}${milliseconds >= 1000 ? ` (${duration(milliseconds)})` : ''}\n`);
      return value;
    } catch (error) {
      const milliseconds = this.now() - begun;
      this.steps.push({ name, outcome: 'failed', result: error.message, milliseconds });
      if (error instanceof StepFailure) this.#printFailure(name, error);
      throw error;
    }
  }

  /** Notes a step that was left out, and why. */
  notRun(name, why) {
    this.steps.push({ name, outcome: 'not run', result: why, milliseconds: 0 });
    this.write(`– ${name}: not run, ${why}\n`);
  }

  /** Notes that something could not be looked at, and why: it is neither right nor wrong. */
  notChecked(name, why) {
    this.steps.push({ name, outcome: 'not checked', result: `NOT CHECKED: ${why}`, milliseconds: 0 });
    this.write(`– ${name}: NOT CHECKED, ${why}\n`);
  }

  #printFailure(name, failure) {
    for (const line of failure.tail) this.write(`  | ${line}\n`);
    this.write(`✗ ${name}: ${failure.message}\n`);
    if (failure.advice) this.write(`  To go on: ${failure.advice}\n`);
    if (failure.log) this.write(`  Whole log: ${failure.log}\n`);
  }

  /** Prints the table of all steps. The last line is plain, for machines that count. */
  summary() {
    const mark = { passed: '✓', failed: '✗', 'not run': '–', 'not checked': '–' };
    const width = Math.max(...this.steps.map(({ name }) => name.length), 4);
    this.write('\n');
    for (const { name, outcome, result, milliseconds } of this.steps) {
      const time = mark[outcome] === '–' ? '' : duration(milliseconds);
      this.write(`${mark[outcome]} ${name.padEnd(width)}  ${time.padStart(12)}  ${result}\n`);
    }
    const count = (outcome) => this.steps.filter((step) => step.outcome === outcome).length;
    const left = count('not run') + count('not checked');
    this.write(`\nSteps: ${count('passed')} passed, ${count('failed')} failed${left ? `, ${left} skipped` : ''}\n`);
    return count('failed') === 0;
  }
}
