// Where the scripts find and keep things.

import { homedir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Logs of setup and build steps; below `target/`, so git and the packages never see them. */
export const logFolder = join(root, 'target', 'logs');

/**
 * The folder for what can be fetched again: the starter model and the test tools.
 * @param {{platform: string, env: Record<string, string | undefined>, home: string}} machine
 */
export function cacheFolder({ platform, env, home }) {
  if (platform === 'win32') {
    return win32.join(env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), 'lethe', 'cache');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Caches', 'lethe');
  const base = env.XDG_CACHE_HOME;
  return posix.join(base && posix.isAbsolute(base) ? base : posix.join(home, '.cache'), 'lethe');
}

/** The cache folder of this machine and user. */
export const cache = cacheFolder({ platform: process.platform, env: process.env, home: homedir() });

/** A program's file name on this system. */
export const executable = (name) => (process.platform === 'win32' ? `${name}.exe` : name);
