// The web interface: its npm packages and its build in `ui/dist`, which the window's crate takes in.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { isStale } from './freshness.mjs';
import { root } from './places.mjs';
import { run } from './run.mjs';

const installed = join(root, 'node_modules', '.package-lock.json');
const lock = join(root, 'package-lock.json');

/** The command of npm, in parts: by the path under which npm started this script where it did. */
export function npmCommand() {
  // Windows starts no `npm.cmd` without a shell; npm's own program lies beside Node there.
  const besideNode = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const self = [process.env.npm_execpath ?? '', besideNode].find((path) => /npm-cli\.c?js$/.test(path) && existsSync(path));
  return self ? [process.execPath, self] : ['npm'];
}

/** Runs npm. */
export function npm(report, args, options) {
  const [command, ...first] = npmCommand();
  return run(report, command, [...first, ...args], options);
}

/** Installs the locked npm packages where they are missing or older than the lock file. */
export async function npmPackages(report) {
  if (existsSync(installed) && !isStale(installed, [lock])) return { result: 'there' };
  report.say('Installing the locked npm packages');
  await npm(report, ['ci', '--no-audit', '--no-fund'], {
    what: 'npm ci',
    log: 'npm-ci',
    advice: 'look at the network connection, then run: npm ci',
  });
  return { result: 'installed' };
}

/** Builds `ui/dist` where a source is newer. */
export async function interfaceBuild(report) {
  const sources = [join(root, 'ui'), lock];
  if (!isStale(join(root, 'ui', 'dist', 'index.html'), sources)) return { result: 'up to date' };
  report.say('Building the interface');
  await npm(report, ['run', 'build', '--workspace', 'ui'], {
    what: 'The build of the interface',
    log: 'interface-build',
    advice: 'mend what is named above, then run: npm run build --workspace ui',
  });
  return { result: 'built' };
}
