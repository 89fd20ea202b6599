// `npm start`: from a fresh clone to a chat, in one command. When nothing is to be done it takes seconds.
//
//   npm start                          the window; without a display the chat in this terminal
//   echo "Why do apples fall?" | npm start    one answer for each line, then the end
//   npm start -- --window | --terminal        choose
//   npm start -- --setup               everything but opening it

import { program, releaseBuild } from './lib/cargo.mjs';
import { roomToBuild } from './lib/disk.mjs';
import { chooseFace, hasDisplay, standardInput } from './lib/face.mjs';
import { interfaceBuild, npmPackages } from './lib/interface.mjs';
import { knowsModels } from './lib/known-models.mjs';
import { startOptions } from './lib/options.mjs';
import { finish } from './lib/outcome.mjs';
import { systemPackages } from './lib/packages.mjs';
import { Report } from './lib/report.mjs';
import { ask, handOver, run } from './lib/run.mjs';
import { hasStarterModel, starterModel } from './lib/starter-model.mjs';
import { compilers } from './lib/toolchain.mjs';

await finish(async () => {
  const { wish, setupOnly } = startOptions(process.argv.slice(2));
  const report = new Report();

  await report.step('System packages', () => systemPackages(report, { tests: false, pip: !hasStarterModel() }));
  await report.step('Compilers', () => compilers());
  await report.step('Disk', () => roomToBuild('release'));
  await report.step('npm packages', () => npmPackages(report));
  const model = await report.step('Starter model', () => starterModel(report));
  await report.step('Interface', () => interfaceBuild(report));
  const programs = await report.step('Lethe', () => releaseBuild(report));
  const commandLine = program(programs, 'lethe-cli');
  await report.step('Models', () => registerStarterModel(report, commandLine, model));
  if (setupOnly) return 0;

  const display = hasDisplay({ platform: process.platform, env: process.env });
  const input = standardInput();
  if (chooseFace({ display, input, wish }) === 'window') {
    report.say('Opening the window.');
    return handOver(program(programs, 'lethe'), []);
  }
  if (input === 'terminal') report.say('No window here: the chat runs in this terminal.');
  if (input === 'none') report.say('No display, no terminal and no input: run it in a terminal, or pipe questions in.');
  return handOver(commandLine, ['chat']);
});

/** Makes the starter model known to Lethe, unless it knows a model already. The file stays in the cache folder. */
async function registerStarterModel(report, commandLine, model) {
  const listing = ask(commandLine, ['model', 'ls', '--json']);
  if (listing.code === 0 && knowsModels(listing.output)) return { result: 'there' };
  await run(report, commandLine, ['model', 'import', model], {
    what: 'Adding the starter model to Lethe',
    log: 'model-import',
    advice: `run: ${commandLine} model import ${model}`,
  });
  return { result: 'starter model added' };
}
