// Room on the disk, asked for before a build of half an hour begins.

import { existsSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { targetFolder } from './cargo.mjs';
import { StepFailure } from './report.mjs';

const gigabyte = 1e9;

/** What a build takes on the disk, in bytes. On Linux, an empty target folder grows to 3.8 GB, and with incremental state
 * to about twice that. */
const needs = {
  debug: { first: 8 * gigabyte, again: 3 * gigabyte },
  release: { first: 4 * gigabyte, again: 2 * gigabyte },
};

/**
 * Refuses to begin a build for which the disk has no room.
 * @param {'debug' | 'release'} profile
 */
export async function roomToBuild(profile) {
  const target = targetFolder();
  const built = existsSync(join(target, profile, 'deps'));
  return demandRoom(target, needs[profile][built ? 'again' : 'first']);
}

/**
 * @param {string} folder need not exist yet
 * @param {number} bytes how much must be free for it
 * @param {(folder: string) => number} free bytes that a user may still write there
 */
export function demandRoom(folder, bytes, free = freeBytes) {
  const there = free(folder);
  if (there >= bytes) return { result: `${size(there)} free` };
  throw new StepFailure(`${folder} needs ${size(bytes)} of free disk and has ${size(there)}.`, {
    advice: 'free some, or set CARGO_TARGET_DIR to a folder on a larger disk, and run the same command again.',
  });
}

function freeBytes(folder) {
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

const size = (bytes) => `${(bytes / gigabyte).toFixed(1)} GB`;
