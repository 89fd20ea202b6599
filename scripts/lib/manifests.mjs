// The direct dependencies, as the manifests declare them, and their lines in `docs/dependencies.md`.

import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const notSources = new Set(['node_modules', 'target', 'dist', '.git']);

/** The manifests below `folder`, with their contents. */
export function manifests(folder, root = folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notSources.has(entry.name) ? [] : manifests(path, root);
    const wanted = entry.name === 'Cargo.toml' || entry.name === 'package.json';
    return wanted ? [{ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }] : [];
  });
}

/**
 * The packages of others that a `Cargo.toml` names, under their names in the registry.
 * @returns {{workspace: string[], used: string[]}} `workspace`: offered to the crates of the workspace
 */
export function rustDependencies(toml) {
  const found = { workspace: new Set(), used: new Set() };
  let section = '';
  for (const line of toml.split('\n')) {
    const header = /^\s*\[+\s*([^\]]+?)\s*\]+/.exec(line);
    if (header) section = header[1];
    // `[dependencies]`, `[target.'cfg(unix)'.dev-dependencies]`, and a table for one: `[dependencies.serde]`.
    const [, before, one] = /^(.*?)(?:dev-|build-)?dependencies(?:\.["']?([\w-]+)["']?)?$/.exec(section) ?? [];
    if (before === undefined) continue;
    const named = header ? one : !one && /^\s*["']?([\w-]+)["']?\s*(?:\.\s*\w+\s*)?=/.exec(line)?.[1];
    const real = /\bpackage\s*=\s*"([^"]+)"/.exec(line)?.[1];
    if (named) found[before === 'workspace.' ? 'workspace' : 'used'].add(real ?? named);
  }
  const others = (names) => [...names].filter((name) => !/^lethe(-|$)/.test(name)).sort();
  return { workspace: others(found.workspace), used: others(found.used) };
}

/** The packages of others that a `package.json` names. */
export function npmDependencies(json) {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = JSON.parse(json);
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies }).sort();
}

/**
 * The rows of the document's tables, by the heading of the second level above them.
 * @returns {{heading: string, name: string, why: string}[]} `why`: the last column
 */
export function tableRows(markdown) {
  let heading = '';
  const rows = [];
  for (const line of markdown.split('\n')) {
    heading = /^## (.+)/.exec(line)?.[1] ?? heading;
    const cells = /^\|(.+)\|\s*$/.exec(line)?.[1].split('|').map((cell) => cell.trim());
    const name = /^(?:`([^`]+)`|(RUSTSEC-\d{4}-\d{4}))$/.exec(cells?.[0] ?? '');
    if (name) rows.push({ heading, name: name[1] ?? name[2], why: cells.at(-1) });
  }
  return rows;
}

/** The advisories that `deny.toml` ignores. */
export const ignoredAdvisories = (denyToml) => [...denyToml.matchAll(/^\s*\{ id = "([^"]+)"/gm)].map(([, id]) => id).sort();

/**
 * What is missing, stale or said twice, in sentences.
 * @param {{heading: string, name: string, why: string}[]} rows
 * @param {Record<string, Iterable<string>>} expected names by heading
 */
export function complaints(rows, expected) {
  const all = [];
  for (const [heading, names] of Object.entries(expected)) {
    const wanted = new Set(names);
    const there = rows.filter((row) => row.heading === heading);
    const documented = there.map(({ name }) => name);
    const missing = [...wanted].filter((name) => !documented.includes(name));
    all.push(...missing.map((name) => `${name} has no line under "${heading}": say why it is there`));
    const stale = documented.filter((name) => !wanted.has(name));
    all.push(...stale.map((name) => `${name} has a line under "${heading}" and nothing needs it: take it out`));
    const twice = documented.filter((name, index) => documented.indexOf(name) !== index);
    all.push(...twice.map((name) => `${name} has two lines under "${heading}"`));
    const silent = there.filter(({ why }) => !why);
    all.push(...silent.map(({ name }) => `${name} has a line under "${heading}" that says nothing`));
  }
  return all;
}
