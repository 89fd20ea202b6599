// Lethe's Rust packages as Cargo knows them: which are built for the systems that Lethe runs on, and which of them are
// in its programs.
//
// Cargo's metadata names more packages than are ever built, so the sets are those of `cargo tree`, which decides by
// the features in use.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { root } from './places.mjs';
import { StepFailure } from './report.mjs';
import { ask } from './run.mjs';

/** The programs that a user gets. */
const programs = ['lethe', 'lethe-cli', 'lethe-engine'];

/** How many names may be there in more than one version. It may fall; before it rises, look for the dependency that
 * could be updated, with: cargo tree --workspace --target all --duplicates */
export const mostDuplicates = 44;

/**
 * @typedef {object} RustPackages
 * @property {object} metadata as `cargo metadata` gives it
 * @property {string[]} targets the systems it was asked for
 * @property {Set<string>} built "NAME VERSION" of what Cargo compiles for any of them, tests included
 * @property {Set<string>} shipped those of them whose code is in one of the programs
 * @property {boolean} complete false where only this machine's system could be looked at
 */

/** The systems that Lethe is built for, from `deny.toml`. */
export function wantedTargets(denyToml) {
  const list = /^targets = \[([^\]]*)\]/m.exec(denyToml)?.[1] ?? '';
  return [...list.matchAll(/^\s*"([^"]+)"/gm)].map(([, triple]) => triple);
}

/**
 * Asks Cargo. The packages of other systems are downloaded where they are missing.
 * @returns {RustPackages}
 */
export function rustPackages() {
  const wanted = wantedTargets(readFileSync(join(root, 'deny.toml'), 'utf8'));
  const host = /^host: (.+)$/m.exec(ask('rustc', ['-vV']).output)?.[1].trim();
  // Cargo asks no network where it has everything. What a build here has needed is there in any case.
  const attempts = [{ targets: wanted, options: ['--locked'] }, { targets: [host], options: ['--locked', '--offline'] }];
  let answer;
  for (const { targets, options } of attempts) {
    const platforms = targets.flatMap((triple) => ['--filter-platform', triple]);
    answer = ask('cargo', ['metadata', '--format-version', '1', ...options, ...platforms], { maxBuffer: 1 << 28 });
    if (answer.code !== 0) continue;
    const metadata = JSON.parse(answer.output);
    const [built, shipped] = trees(targets);
    return { metadata, targets, built, shipped, complete: targets === wanted };
  }
  throw new StepFailure("Cargo can't name the packages of the workspace.", {
    advice: 'look at the network connection, then run: cargo fetch --locked',
    tail: answer.text.trim().split('\n').slice(-5),
  });
}

function trees(targets) {
  const everything = ['--workspace', '--edges', 'normal,build,dev'];
  const inPrograms = [...programs.flatMap((name) => ['--package', name]), '--edges', 'normal,no-proc-macro'];
  return [everything, inPrograms].map((choice) => {
    const platforms = targets.flatMap((triple) => ['--target', triple]);
    const args = ['tree', '--locked', '--offline', '--prefix', 'none', '--format', '{p}', ...choice, ...platforms];
    const answer = ask('cargo', args, { maxBuffer: 1 << 28 });
    if (answer.code === 0) return treeNames(answer.output);
    throw new StepFailure("Cargo can't draw the tree of packages.", {
      advice: `run: cargo ${args.join(' ')}`,
      tail: answer.text.trim().split('\n').slice(-5),
    });
  });
}

/** "NAME VERSION" of each line that `cargo tree --prefix none --format {p}` prints. */
export function treeNames(output) {
  const lines = output.split('\n').map((line) => /^(\S+) v(\S+)/.exec(line)).filter(Boolean);
  return new Set(lines.map(([, name, version]) => `${name} ${version}`));
}

/** The names that are there in more than one version, in order. */
export function duplicates(built) {
  const seen = new Map();
  for (const package_ of built) {
    const name = package_.split(' ')[0];
    seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  return [...seen].filter(([, count]) => count > 1).map(([name]) => name).sort();
}

/** Fails where more names than `most` are there in more than one version. */
export function demandFewDuplicates(built, most = mostDuplicates) {
  const names = duplicates(built);
  if (names.length <= most) return `${names.length} names in more than one version (at most ${most})`;
  throw new StepFailure(`${names.length} names of packages come in more than one version, and ${most} are allowed.`, {
    advice: 'see which dependency brings them: cargo tree --workspace --target all --duplicates',
    tail: [names.join(' ')],
  });
}

/** Checksums of `Cargo.lock`, by "NAME VERSION". */
export function checksums(cargoLock) {
  const field = (text, name) => new RegExp(`^${name} = "([^"]*)"`, 'm').exec(text)?.[1];
  const sections = cargoLock.split('[[package]]').slice(1);
  const known = sections.filter((text) => field(text, 'checksum'));
  return new Map(known.map((text) => [`${field(text, 'name')} ${field(text, 'version')}`, field(text, 'checksum')]));
}

/** The folder of a package's source. */
export const sourceFolder = (package_) => dirname(package_.manifest_path);

/** What `deny.toml` says of RUSTSEC-2024-0429: no package calls what is unsound in glib. */
const unsound = { package: 'glib', uses: /\bVariantStrIter\b|\barray_iter_str\b/ };

/**
 * The packages other than glib itself whose source names what is unsound in it.
 * @param {RustPackages} rust
 */
export function callersOfUnsound({ metadata, built }) {
  const others = metadata.packages.filter(({ name, version, dependencies }) =>
    name !== unsound.package
    && built.has(`${name} ${version}`)
    && dependencies.some((dependency) => dependency.name === unsound.package));
  return others.filter((package_) => names(sourceFolder(package_), unsound.uses)).map(({ name }) => name).sort();
}

/** Whether a Rust file below `folder` matches. */
function names(folder, pattern) {
  const source = join(folder, 'src');
  if (!existsSync(source)) return false;
  const files = readdirSync(source, { recursive: true }).filter((path) => path.endsWith('.rs'));
  return files.some((path) => pattern.test(readFileSync(join(source, path), 'utf8')));
}
