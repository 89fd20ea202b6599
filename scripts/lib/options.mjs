// The options of the commands.

import { parseArgs } from 'node:util';

/** The groups of checks that `npm test -- --only` can choose from. */
export const groups = ['scripts', 'supply', 'fmt', 'ui', 'rust', 'window'];

/** A command line that can't be understood; `message` is one sentence. */
export class UsageError extends Error {}

/**
 * @param {string[]} argv as in `npm test -- --only rust,fmt`
 * @returns {Set<string>} the groups to run, all where none is named
 */
export function testGroups(argv) {
  const { only } = parse(argv, { only: { type: 'string', multiple: true } });
  const chosen = (only ?? []).flatMap((value) => value.split(',')).map((name) => name.trim());
  const unknown = chosen.find((name) => !groups.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`"${unknown}" is no group of checks: --only takes ${groups.join(', ')}.`);
  }
  return new Set(chosen.length > 0 ? chosen : groups);
}

/**
 * @param {string[]} argv as in `npm start -- --terminal`
 * @returns {{wish: 'window' | 'terminal' | null, setupOnly: boolean}}
 */
export function startOptions(argv) {
  const kind = { type: 'boolean', default: false };
  const { window, terminal, setup } = parse(argv, { window: kind, terminal: kind, setup: kind });
  if (window && terminal) throw new UsageError('--window and --terminal exclude each other.');
  return { wish: window ? 'window' : terminal ? 'terminal' : null, setupOnly: setup };
}

/** Refuses any option. @param {string[]} argv as in `npm run audit` */
export function noOptions(argv) {
  parse(argv, {});
}

function parse(args, options) {
  try {
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    const names = Object.keys(options).map((name) => `--${name}`);
    const known = names.length > 0 ? `Known options: ${names.join(', ')}.` : 'It takes no options.';
    throw new UsageError(`${error.message.split('. ')[0]}. ${known}`);
  }
}
