// Whether an output is older than what it is made from.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const notSources = new Set(['node_modules', 'dist', 'coverage', '.svelte-kit', '.git']);

/**
 * The latest change below `path`, in milliseconds since 1970; 0 where nothing is there. Names in `skip` are not
 * entered. A folder's own time counts too, so that a deleted file is noticed.
 */
export function newest(path, skip = notSources) {
  if (!existsSync(path)) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  // A build makes `dist` anew in the folder of its sources: the outermost folder's time says nothing.
  let latest = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (skip.has(entry.name) || entry.isSymbolicLink()) continue;
    const inside = join(path, entry.name);
    const own = entry.isDirectory() ? statSync(inside).mtimeMs : 0;
    latest = Math.max(latest, own, newest(inside, skip));
  }
  return latest;
}

/** Whether `output` is missing or older than any of `sources`. */
export function isStale(output, sources) {
  if (!existsSync(output)) return true;
  const made = statSync(output).mtimeMs;
  return sources.some((source) => newest(source) > made);
}
