// Which face of Lethe `npm start` shows: the window, or the chat in the terminal.

import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * @param {{display: boolean, input: 'terminal' | 'data' | 'none', wish: 'window' | 'terminal' | null}} situation
 * @returns {'window' | 'terminal'}
 *
 * Whoever pipes questions in wants answers out, display or not. A launcher gives no input (`/dev/null`): the window.
 */
export function chooseFace({ display, input, wish }) {
  if (wish) return wish;
  if (input === 'data') return 'terminal';
  return display ? 'window' : 'terminal';
}

/** Whether a window can be opened here. */
export function hasDisplay({ platform, env }) {
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * What standard input is. Looked at from outside: opening Node's stream would change the mode of the pipe that the
 * chat is about to read.
 * @returns {'terminal' | 'data' | 'none'}
 */
export function standardInput() {
  if (isatty(0)) return 'terminal';
  try {
    const status = fstatSync(0);
    return status.isFIFO() || status.isFile() || status.isSocket() ? 'data' : 'none';
  } catch {
    return 'none'; // Closed.
  }
}
