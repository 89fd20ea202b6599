// Cargo's target folder and the programs in it.

import { join } from 'node:path';

import { executable } from './places.mjs';
import { StepFailure } from './report.mjs';
import { ask, run } from './run.mjs';

/** The folder of Cargo's outputs, wherever the user's settings put it. */
export function targetFolder() {
  const answer = ask('cargo', ['metadata', '--no-deps', '--format-version', '1', '--offline']);
  if (answer.code !== 0) {
    throw new StepFailure(`Cargo can't read the workspace: ${answer.text.trim().split('\n').at(-1)}`, {
      advice: 'run: cargo metadata --no-deps',
    });
  }
  return JSON.parse(answer.output).target_directory;
}

/** The path of a built program. */
export const program = (folder, name) => join(folder, executable(name));

/** Builds the window, the command line and the engine for use. Cargo knows what is fresh. */
export async function releaseBuild(report) {
  report.say('Building Lethe (the first time: 10 to 20 minutes; without changes: a moment)');
  // Named one by one: with the whole workspace, what only tests need would be built into them.
  const programs = ['lethe', 'lethe-cli', 'lethe-engine'].flatMap((name) => ['--package', name]);
  await run(report, 'cargo', ['build', '--release', '--locked', '--bins', ...programs], {
    what: 'The build of Lethe',
    log: 'release-build',
    advice: 'read the first error above, mend it, and run the same command again.',
  });
  return { result: 'built', value: join(targetFolder(), 'release') };
}
