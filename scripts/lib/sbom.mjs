// The bill of materials: one file in the format CycloneDX 1.6 that names all of which Lethe is made, in Rust, in
// JavaScript and in C.
//
// `required` is what is in the programs and in the window. `excluded` is what compiles, tests or formats them. The
// system's own libraries (WebKit, GTK, the C library) are not in it: they belong to the system.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';

import { bundledLibraries } from './bundled.mjs';
import { npmLock, readLock, dependencies as npmDependencies } from './npm-lock.mjs';
import { root } from './places.mjs';
import { checksums } from './rust-packages.mjs';

/** Lethe's own packages have no address in a registry. */
const isOwn = (package_) => package_.source === null;

// A plus, as in 300.6.1+3.6.3, would mean a space in such an address.
const rustReference = ({ name, version, source }) =>
  (source === null ? `${name}@${version}` : `pkg:cargo/${name}@${version.replaceAll('+', '%2B')}`);
const npmReference = ({ name, version, path }) =>
  // The same version may lie in two folders, each with neighbours of its own.
  `pkg:npm/${name.replace('@', '%40')}@${version}#${path}`;
const libraryReference = ({ name, version }) => `pkg:generic/${name.toLowerCase()}@${version}`;

/** Cargo's old way of giving a choice, `MIT/Apache-2.0`, as SPDX writes it. */
export const expression = (licence) => licence.replace(/\s*\/\s*/g, ' OR ');

const licences = (licence) => (licence ? { licenses: [{ expression: expression(licence) }] } : {});
const scope = (shipped) => (shipped ? 'required' : 'excluded');

function rustComponent(package_, { shipped, sums }) {
  const { name, version, description, license, repository } = package_;
  const key = `${name} ${version}`;
  const sum = sums.get(key);
  const program = package_.targets.some(({ kind }) => kind.includes('bin')) && isOwn(package_);
  return {
    type: program ? 'application' : 'library',
    'bom-ref': rustReference(package_),
    name,
    version,
    ...(description ? { description: description.trim().replace(/\s+/g, ' ') } : {}),
    scope: scope(shipped.has(key)),
    ...(sum ? { hashes: [{ alg: 'SHA-256', content: sum }] } : {}),
    ...licences(license),
    ...(isOwn(package_) ? {} : { purl: rustReference(package_) }),
    ...(/^https?:\/\/[^\s]+$/.test(repository ?? '') && !isOwn(package_) ? { externalReferences: [{ type: 'vcs', url: repository }] } : {}),
  };
}

function npmComponent(package_) {
  const { name, version, licence, integrity, shipped } = package_;
  const [algorithm, digest] = integrity?.split('-') ?? [];
  const alg = { sha512: 'SHA-512', sha384: 'SHA-384', sha256: 'SHA-256', sha1: 'SHA-1' }[algorithm];
  const [group, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return {
    type: 'library',
    'bom-ref': npmReference(package_),
    ...(group ? { group } : {}),
    name: short,
    version,
    scope: scope(shipped),
    ...(alg ? { hashes: [{ alg, content: Buffer.from(digest, 'base64').toString('hex') }] } : {}),
    ...licences(licence),
    purl: npmReference(package_).split('#')[0],
  };
}

function libraryComponent(library, shipped) {
  const { name, version, licence, cpe, commit, package: inside } = library;
  const properties = [{ name: 'lethe:bundled-in', value: rustReference(inside) }];
  if (commit) properties.push({ name: 'lethe:bundled-in-commit', value: commit });
  return {
    type: 'library',
    'bom-ref': libraryReference(library),
    name,
    version,
    scope: scope(shipped.has(`${inside.name} ${inside.version}`) || inside.name === 'openssl-src'),
    ...licences(licence ?? inside.license),
    ...(cpe ? { cpe: cpe(version) } : {}),
    purl: libraryReference(library),
    properties,
  };
}

/**
 * @param {object} parts
 * @param {import('./rust-packages.mjs').RustPackages} parts.rust
 * @param {string} parts.cargoLock for the checksums
 * @param {object} parts.lock `package-lock.json`
 * @param {ReturnType<typeof bundledLibraries>} parts.libraries
 * @param {Date} parts.made
 * @param {string} parts.serial a UUID
 */
export function billOfMaterials({ rust, cargoLock, lock, libraries, made, serial }) {
  const { metadata, built, shipped } = rust;
  const packages = metadata.packages.filter(({ name, version }) => built.has(`${name} ${version}`));
  const npm = npmLock(lock);
  const product = packages.find(({ name, source }) => name === 'lethe' && source === null);
  const interfaceReference = `lethe-ui@${lock.packages.ui.version}`;
  const components = [
    ...packages.filter((package_) => package_ !== product).map((package_) => rustComponent(package_, { shipped, sums: checksums(cargoLock) })),
    { type: 'library', 'bom-ref': interfaceReference, name: 'lethe-ui', version: lock.packages.ui.version, scope: 'required', ...licences(lock.packages[''].license) },
    ...npm.map(npmComponent),
    ...libraries.map((library) => libraryComponent(library, shipped)),
  ];
  const byPath = new Map(npm.map((package_) => [package_.path, npmReference(package_)]));
  const references = (paths) => paths.map((path) => byPath.get(path)).filter(Boolean);
  const dependencies = [
    ...rustDependencies(metadata, packages, libraries, product, interfaceReference),
    { ref: interfaceReference, dependsOn: references(npmDependencies(lock, 'ui')).sort() },
    ...npm.map((package_) => ({ ref: npmReference(package_), dependsOn: references(package_.dependsOn).sort() })),
    ...libraries.map((library) => ({ ref: libraryReference(library), dependsOn: [] })),
  ];
  const { type, scope: _, ...described } = rustComponent(product, { shipped, sums: new Map() });
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    metadata: {
      timestamp: made.toISOString(),
      lifecycles: [{ phase: 'pre-build' }],
      tools: { components: [{ type: 'application', name: 'lethe audit', version: product.version }] },
      component: { type, ...described },
    },
    components: components.sort(byReference('bom-ref')),
    dependencies: dependencies.sort(byReference('ref')),
  };
}

const byReference = (name) => (one, other) => (one[name] < other[name] ? -1 : one[name] > other[name] ? 1 : 0);

/** Who depends on whom in Rust, on the libraries in C, and the window on the interface. */
function rustDependencies(metadata, packages, libraries, product, interfaceReference) {
  const byId = new Map(packages.map((package_) => [package_.id, package_]));
  const nodes = metadata.resolve.nodes.filter(({ id }) => byId.has(id));
  return nodes.map(({ id, deps }) => {
    const package_ = byId.get(id);
    const on = deps.map(({ pkg }) => byId.get(pkg)).filter((other) => other && other !== package_).map(rustReference);
    on.push(...libraries.filter((library) => library.package.id === id).map(libraryReference));
    // The programs are found beside each other: the window starts the engine, and no manifest says so.
    if (package_ === product) {
      const others = packages.filter((other) => isOwn(other) && ['lethe-engine', 'lethe-cli'].includes(other.name));
      on.push(interfaceReference, ...others.map(rustReference));
    }
    return { ref: rustReference(package_), dependsOn: [...new Set(on)].sort() };
  });
}

/**
 * What is wrong with the structure of a bill, in sentences. A validator of others knows the format's schema; this
 * knows what a schema can't say.
 */
export function structuralFaults(bill) {
  const faults = [];
  const references = [bill.metadata.component, ...bill.components].map((component) => component['bom-ref']);
  const known = new Set(references);
  const twice = references.filter((reference, index) => references.indexOf(reference) !== index);
  faults.push(...twice.map((reference) => `${reference} is there twice`));
  const listed = new Set(bill.dependencies.map(({ ref }) => ref));
  faults.push(...references.filter((reference) => !listed.has(reference)).map((reference) => `${reference} has no list of dependencies`));
  for (const { ref, dependsOn } of bill.dependencies) {
    if (!known.has(ref)) faults.push(`${ref} has dependencies and is not there`);
    faults.push(...dependsOn.filter((on) => !known.has(on)).map((on) => `${ref} depends on ${on}, which is not there`));
  }
  const reached = reachable(bill);
  const required = bill.components.filter(({ scope }) => scope === 'required').map((component) => component['bom-ref']);
  faults.push(...required.filter((reference) => !reached.has(reference)).map((reference) => `${reference} is required and nothing leads to it`));
  for (const component of bill.components) {
    if (!component.version) faults.push(`${component['bom-ref']} has no version`);
    if (!component.licenses) faults.push(`${component['bom-ref']} has no licence`);
  }
  return faults;
}

function reachable({ metadata, dependencies }) {
  const edges = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const reached = new Set();
  const open = [metadata.component['bom-ref']];
  while (open.length > 0) {
    const reference = open.pop();
    if (reached.has(reference)) continue;
    reached.add(reference);
    open.push(...(edges.get(reference) ?? []));
  }
  return reached;
}

/** The bill of this repository. */
export function ownBill(rust) {
  const cargoLock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  return billOfMaterials({ rust, cargoLock, lock: readLock(), libraries: bundledLibraries(rust), made: new Date(), serial: randomUUID() });
}

/** Writes a bill, whole or not at all. */
export function writeBill(bill, path) {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.part`;
  writeFileSync(part, `${JSON.stringify(bill, null, 2)}\n`);
  renameSync(part, path);
}
