// The npm packages of `package-lock.json`: their licences, and what the registry knows against them.
//
// A package is shipped where what the interface depends on at run time leads to it: its code may be in the window.
// All others build, test or format. The lock file says of each which it is.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { npmCommand } from './interface.mjs';
import { isAllowed } from './licences.mjs';
import { root } from './places.mjs';
import { StepFailure } from './report.mjs';
import { ask, lastWords } from './run.mjs';

/** Licences that code in the window may have: permissive, and met by the notices that are kept with the program. */
export const shippedLicences = new Set(['Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT']);

/** What tools may have on top: they are run as they are and not passed on. */
export const toolLicences = new Set(['0BSD', 'BlueOak-1.0.0', 'BSD-2-Clause', 'CC0-1.0', 'MIT-0', 'MPL-2.0']);

/**
 * @typedef {object} NpmPackage
 * @property {string} path where it lies, as in "node_modules/marked"
 * @property {string} name
 * @property {string} version
 * @property {string | undefined} licence
 * @property {string | undefined} integrity
 * @property {boolean} shipped
 * @property {string[]} dependsOn paths
 */

/**
 * @param {object} lock `package-lock.json`, version 3
 * @returns {NpmPackage[]} without Lethe's own
 */
export function npmLock(lock) {
  const paths = Object.keys(lock.packages).filter((path) => path.startsWith('node_modules/') && !lock.packages[path].link);
  return paths.map((path) => {
    const entry = lock.packages[path];
    return {
      path,
      name: entry.name ?? nameAt(path),
      version: entry.version,
      licence: entry.license,
      integrity: entry.integrity,
      shipped: !entry.dev && !entry.devOptional,
      dependsOn: dependencies(lock, path),
    };
  });
}

const nameAt = (path) => path.split('node_modules/').at(-1);

/** The paths of what the package at `path` asks for, found as Node finds it: the nearest folder counts. */
export function dependencies(lock, path) {
  const { dependencies: needed, optionalDependencies: optional, peerDependencies: peers, devDependencies: tools } = lock.packages[path];
  const names = Object.keys({ ...needed, ...optional, ...peers, ...tools });
  return names.map((name) => resolve(lock.packages, path, name)).filter(Boolean).sort();
}

function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const path = folder ? `${folder}/node_modules/${name}` : `node_modules/${name}`;
    if (packages[path]) return path;
    if (!folder) return undefined; // An optional one for another system, or a peer that nobody asked for.
  }
}

/** The lock file of this repository. */
export const readLock = () => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/**
 * Fails on a licence that is in neither list, and on a list's entry that no package needs any more.
 * @param {NpmPackage[]} packages
 */
export function demandLicences(packages, shipped = shippedLicences, tools = toolLicences) {
  const allowed = (package_) => isAllowed(package_.licence, package_.shipped ? shipped : new Set([...shipped, ...tools]));
  const refused = packages.filter((package_) => !allowed(package_));
  const whole = new Set([...shipped, ...tools]);
  const needed = (licence) => {
    const without = new Set([...whole].filter((other) => other !== licence));
    return packages.some((package_) => !isAllowed(package_.licence, without));
  };
  const idle = [...whole].filter((licence) => !needed(licence));
  if (refused.length > 0) {
    const lines = refused.map(({ name, version, licence }) => `${name} ${version}: ${licence ?? 'no licence'}`);
    throw new StepFailure(`${refused.length} npm packages have a licence that is not allowed.`, {
      advice: 'replace them, or say in scripts/lib/npm-lock.mjs why the licence may be there.',
      tail: lines,
    });
  }
  if (idle.length > 0) {
    throw new StepFailure(`no npm package needs ${idle.join(', ')} any more.`, { advice: 'take it out of scripts/lib/npm-lock.mjs.' });
  }
  return `${packages.filter((package_) => package_.shipped).length} in the window, ${packages.length} in all`;
}

/**
 * What `npm audit --json` said.
 * @returns {{checked: true, findings: string[]} | {checked: false, why: string}} `why` without addresses
 */
export function auditVerdict(output) {
  let report;
  try {
    report = JSON.parse(output);
  } catch {
    return { checked: false, why: 'npm gave no report' };
  }
  const total = report?.metadata?.vulnerabilities?.total;
  if (report?.auditReportVersion !== 2 || !Number.isInteger(total) || report.error) {
    const said = report?.message || report?.error?.summary;
    return { checked: false, why: said ? `the registry gave no advisories (${lastWords(`${said}`)})` : 'npm gave no report' };
  }
  const entries = Object.values(report.vulnerabilities ?? {});
  const findings = entries.map(({ name, range, severity, via }) => {
    const titles = (via ?? []).map((cause) => (typeof cause === 'string' ? `through ${cause}` : cause.title));
    return `${name} ${range}: ${severity}: ${titles.join('; ')}`;
  });
  // A total without its entries is no clean bill.
  if (total > 0 && findings.length === 0) findings.push(`${total} that npm does not name`);
  return { checked: true, findings };
}

/** Asks the registry for what is known against the locked packages. */
export function npmAudit(options = {}) {
  const [command, ...first] = npmCommand();
  const args = [...first, 'audit', '--json', '--package-lock-only', '--fetch-retries=1', '--fetch-timeout=30000'];
  return auditVerdict(ask(command, args, { maxBuffer: 1 << 28, timeout: 300_000, ...options }).output);
}
