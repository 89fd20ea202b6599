// Processes by their id: who descends from whom, and ending what a test started. Linux only, like the window tests.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

import { until } from './until.mjs';

/** The ids of all descendants of a process, children before grandchildren. */
export function descendants(pid) {
  const children = new Map();
  for (const { pid: child, parent } of all()) children.set(parent, [...(children.get(parent) ?? []), child]);
  const found = [];
  for (let next = children.get(pid) ?? []; next.length > 0; ) {
    found.push(...next);
    next = next.flatMap((child) => children.get(child) ?? []);
  }
  return found;
}

/** The file name of the program that a process runs; null when the process is gone. */
export function program(pid) {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
  } catch {
    return null;
  }
}

/** Whether a process runs: a zombie does not. */
export function runs(pid) {
  const found = state(pid);
  return found !== null && !'ZX'.includes(found.state);
}

/** Ends a process at once, as `kill -9` does. It may have ended by itself. */
export function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends processes and waits until they are gone. */
export async function endAll(pids) {
  pids.forEach(kill);
  await until(`processes ${pids} have ended`, () => !pids.some(runs));
}

function all() {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.map(state).filter((found) => found !== null);
}

/** proc_pid_stat(5): id, name in parentheses, state, parent. A name may hold parentheses itself. */
function state(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [status, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, state: status, parent: Number(parent) };
  } catch {
    return null;
  }
}
