// `npm run audit`: what Lethe is made of, and what is known against it.
//
//   licences, sources and versions of all packages, Rust and npm
//   published advisories against them, where they can be fetched: what could not be checked is said to be NOT CHECKED
//   the bill of materials, target/sbom/lethe.cdx.json, in the format CycloneDX
//
// `npm test` does the same without the advisories. The rules are in `deny.toml` and in `scripts/lib/npm-lock.mjs`; why
// each dependency is there is in `docs/dependencies.md`.

import { finish } from './lib/outcome.mjs';
import { noOptions } from './lib/options.mjs';
import { Report, StepFailure } from './lib/report.mjs';
import { checker } from './lib/run.mjs';
import { supplyChecks } from './lib/supply.mjs';
import { compilers } from './lib/toolchain.mjs';

const report = new Report();
const passes = checker(report);

await finish(async () => {
  noOptions(process.argv.slice(2));
  try {
    await report.step('Compilers', () => compilers());
    await supplyChecks(report, passes, { network: true });
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
  }
  return report.summary() ? 0 : 1;
});
