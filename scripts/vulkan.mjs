// `node scripts/vulkan.mjs`: builds the engine with its Vulkan module and tries it with a driver that computes on the
// processor. It is no part of `npm test`: the module alone takes 5 to 20 minutes to build.

import { join } from 'node:path';

import { targetFolder } from './lib/cargo.mjs';
import { finish } from './lib/outcome.mjs';
import { systemPackages } from './lib/packages.mjs';
import { Report, StepFailure } from './lib/report.mjs';
import { run } from './lib/run.mjs';
import { hasStarterModel, starterModel } from './lib/starter-model.mjs';
import { compilers } from './lib/toolchain.mjs';
import { prepareVulkan } from './lib/vulkan.mjs';

const report = new Report();

await finish(async () => {
  try {
    await report.step('System packages', () => systemPackages(report, { tests: false, pip: !hasStarterModel() }));
    await report.step('Compilers', () => compilers());
    const model = await report.step('Starter model', () => starterModel(report));
    const headers = await report.step('Vulkan', () => prepareVulkan(report));
    await report.step('Vulkan tests', () => vulkanTests(headers, model));
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
  }
  return report.summary() ? 0 : 1;
});

async function vulkanTests(headers, model) {
  // A target folder of its own: other features would have the usual one built anew each time.
  const target = join(targetFolder(), 'vulkan');
  const args = ['test', '--locked', '-p', 'lethe-engine', '--features', 'vulkan', '--test', 'vulkan'];
  report.say(`cargo ${args.join(' ')}`);
  await run(report, 'cargo', args, {
    what: 'The tests of the Vulkan module',
    log: 'vulkan-tests',
    advice: 'read the first error above, mend it, and run the same command again.',
    env: { ...headers, CARGO_TARGET_DIR: target, LETHE_STARTER_MODEL: model },
    show: /^test /,
  });
  return { result: 'passed' };
}
