// The checks of what Lethe is made of, for `npm run audit` and for `npm test`. The second one leaves out what asks the
// network each time.

import { join } from 'node:path';

import { unknownC } from './bundled.mjs';
import { targetFolder } from './cargo.mjs';
import { cargoDeny, checkRustAdvisories, checkRustRules } from './cargo-deny.mjs';
import { demandLicences, npmAudit, npmLock, readLock } from './npm-lock.mjs';
import { StepFailure } from './report.mjs';
import { callersOfUnsound, demandFewDuplicates, rustPackages } from './rust-packages.mjs';
import { ownBill, structuralFaults, writeBill } from './sbom.mjs';

/**
 * @param {import('./report.mjs').Report} report
 * @param {(name: string, action: Function) => Promise<boolean>} passes runs one check; whether it passed
 * @param {{network: boolean}} choice `network`: whether to ask for advisories, and to build a tool that no package has
 */
export async function supplyChecks(report, passes, { network }) {
  await passes('Licences of npm packages', async () => ({ result: demandLicences(npmLock(readLock())) }));
  if (network) await advisories(report, passes, 'Advisories for npm packages', async () => npmAdvisories());

  let rust;
  const found = await passes('Rust packages', async () => {
    rust = rustPackages();
    return { result: described(rust) };
  });
  if (!found) return report.notRun('Rules and bill of the Rust packages', 'Cargo could not name them');
  await passes('Rust packages of which to know', async () => ({ result: knownHazards(rust) }));

  const bound = rust.complete ? '' : ', for this system only';
  let program;
  const there = await passes('cargo-deny', async () => {
    const { result, value } = await cargoDeny(report, { build: network });
    program = value;
    return { result };
  });
  const why = there ? 'no package has cargo-deny for this system: npm run audit builds it' : 'cargo-deny is not there';
  if (program) {
    await passes('Licences, bans and sources of Rust packages', async () => {
      await checkRustRules(report, program, rust);
      return { result: `as deny.toml wants them${bound}` };
    });
  } else report.notChecked('Licences, bans and sources of Rust packages', why);
  if (network) {
    await advisories(report, passes, 'Advisories for Rust packages', async () => {
      if (!program) return { checked: false, why };
      return { result: `none but those that deny.toml explains${bound}`, ...(await checkRustAdvisories(report, program, rust)) };
    });
  }
  await bill(report, passes, rust);
}

const described = ({ built, shipped, targets, complete }) =>
  `${built.size} are built, ${shipped.size} are in programs${complete ? '' : `; only for ${targets}, the others could not be fetched`}`;

/** What no tool of others asks. */
function knownHazards(rust) {
  const callers = callersOfUnsound(rust);
  if (callers.length > 0) {
    throw new StepFailure(`${callers.join(', ')} may call what is unsound in glib (RUSTSEC-2024-0429).`, {
      advice: 'read how it is used; docs/dependencies.md and deny.toml say that nobody does.',
    });
  }
  const unknown = unknownC(rust);
  if (unknown.length > 0) {
    throw new StepFailure(`${unknown.join(', ')} compile C that the bill of materials does not name.`, {
      advice: 'say in scripts/lib/bundled.mjs what it is and where its version stands.',
    });
  }
  return demandFewDuplicates(rust.built);
}

function npmAdvisories() {
  const verdict = npmAudit();
  if (verdict.checked && verdict.findings.length > 0) {
    throw new StepFailure(`${verdict.findings.length} npm packages have known weaknesses.`, {
      advice: 'run: npm audit fix, then npm test',
      tail: verdict.findings,
    });
  }
  return { ...verdict, result: 'none known' };
}

/** A check that may find out nothing: then that is said, and it is neither passed nor failed. */
export async function advisories(report, passes, name, look) {
  let verdict;
  try {
    verdict = await look();
  } catch (error) {
    return passes(name, () => Promise.reject(error));
  }
  if (!verdict.checked) return report.notChecked(name, verdict.why);
  return passes(name, async () => ({ result: verdict.result }));
}

async function bill(report, passes, rust) {
  const name = 'Bill of materials';
  if (!rust.complete) return report.notChecked(name, 'packages of other systems could not be fetched');
  return passes(name, async () => {
    const made = ownBill(rust);
    const faults = structuralFaults(made);
    if (faults.length > 0) {
      throw new StepFailure(`the bill of materials has ${faults.length} faults.`, { advice: 'mend scripts/lib/sbom.mjs.', tail: faults.slice(0, 40) });
    }
    const path = join(targetFolder(), 'sbom', 'lethe.cdx.json');
    writeBill(made, path);
    return { result: `${made.components.length} components in ${path}` };
  });
}
