import assert from 'node:assert/strict';
import { test } from 'node:test';

import { billOfMaterials, expression, structuralFaults } from './lib/sbom.mjs';

const registry = 'registry+somewhere';
const rustPackage = (name, version, rest = {}) => ({
  id: `${name} ${version}`,
  name,
  version,
  source: registry,
  license: 'MIT',
  targets: [{ kind: ['lib'] }],
  ...rest,
});
const own = (name, kind) => rustPackage(name, '0.1.0', { source: null, license: 'Apache-2.0', targets: [{ kind: [kind] }] });

const packages = [
  own('lethe', 'bin'),
  own('lethe-engine', 'bin'),
  own('lethe-tests', 'lib'),
  rustPackage('llama-sys', '0.1.161+b.1', { repository: 'https://example.invalid/llama', license: 'MIT/Apache-2.0', description: 'The\n  bindings' }),
  rustPackage('macro', '1.0.0', { targets: [{ kind: ['proc-macro'] }] }),
  rustPackage('never-built', '1.0.0'),
];
const edges = {
  lethe: ['macro', 'never-built'],
  'lethe-engine': ['llama-sys'],
  'lethe-tests': ['lethe-tests'],
};
const id = (name) => packages.find((package_) => package_.name === name).id;
const rust = {
  metadata: {
    packages,
    resolve: { nodes: packages.map((package_) => ({ id: package_.id, deps: (edges[package_.name] ?? []).map((name) => ({ pkg: id(name), dep_kinds: [] })) })) },
  },
  built: new Set(packages.map(({ id: key }) => key).filter((key) => !key.startsWith('never'))),
  shipped: new Set(['lethe 0.1.0', 'lethe-engine 0.1.0', 'llama-sys 0.1.161+b.1']),
  complete: true,
};
const cargoLock = '[[package]]\nname = "macro"\nversion = "1.0.0"\nchecksum = "ab"\n\n[[package]]\nname = "lethe"\nversion = "0.1.0"\n';
const lock = {
  packages: {
    '': { license: 'Apache-2.0' },
    ui: { version: '0.1.0', dependencies: { '@scope/shown': '1' }, devDependencies: { tool: '1' } },
    'node_modules/@scope/shown': { version: '1.0.0', license: '(MPL-2.0 OR Apache-2.0)', integrity: `sha512-${Buffer.from([1, 171]).toString('base64')}` },
    'node_modules/tool': { version: '1.0.0', license: 'MIT', dev: true },
  },
};
const libraries = [{ name: 'llama.cpp', version: '0.6.0', licence: 'MIT', package: packages[3], commit: 'c0ffee', cpe: (version) => `cpe:${version}` }];
const made = () => billOfMaterials({ rust, cargoLock, lock, libraries, made: new Date(0), serial: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6' });

test('the_bill_names_both_ecosystems_and_what_is_bundled', () => {
  const bill = made();
  assert.deepEqual(structuralFaults(bill), []);
  assert.equal(bill.metadata.component['bom-ref'], 'lethe@0.1.0');
  assert.equal(bill.metadata.timestamp, '1970-01-01T00:00:00.000Z');
  const component = (reference) => bill.components.find((one) => one['bom-ref'] === reference);
  assert.deepEqual(
    bill.components.map((one) => [one['bom-ref'], one.scope]),
    [
      ['lethe-engine@0.1.0', 'required'],
      ['lethe-tests@0.1.0', 'excluded'],
      ['lethe-ui@0.1.0', 'required'],
      ['pkg:cargo/llama-sys@0.1.161%2Bb.1', 'required'],
      ['pkg:cargo/macro@1.0.0', 'excluded'],
      ['pkg:generic/llama.cpp@0.6.0', 'required'],
      ['pkg:npm/%40scope/shown@1.0.0#node_modules/@scope/shown', 'required'],
      ['pkg:npm/tool@1.0.0#node_modules/tool', 'excluded'],
    ],
    'what Cargo never builds is not in it',
  );
  assert.deepEqual(component('pkg:cargo/macro@1.0.0').hashes, [{ alg: 'SHA-256', content: 'ab' }]);
  assert.deepEqual(component('pkg:cargo/llama-sys@0.1.161%2Bb.1').licenses, [{ expression: 'MIT OR Apache-2.0' }]);
  assert.equal(component('pkg:cargo/llama-sys@0.1.161%2Bb.1').description, 'The bindings');
  assert.equal(component('lethe-engine@0.1.0').purl, undefined, 'another package may have this name in the registry');
  const shown = component('pkg:npm/%40scope/shown@1.0.0#node_modules/@scope/shown');
  assert.deepEqual([shown.group, shown.name, shown.purl], ['@scope', 'shown', 'pkg:npm/%40scope/shown@1.0.0']);
  assert.deepEqual(shown.hashes, [{ alg: 'SHA-512', content: '01ab' }]);
  assert.deepEqual(component('pkg:generic/llama.cpp@0.6.0').properties, [
    { name: 'lethe:bundled-in', value: 'pkg:cargo/llama-sys@0.1.161%2Bb.1' },
    { name: 'lethe:bundled-in-commit', value: 'c0ffee' },
  ]);
});

test('the_bill_says_who_depends_on_whom', () => {
  const on = Object.fromEntries(made().dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  assert.deepEqual(on['lethe@0.1.0'], ['lethe-engine@0.1.0', 'lethe-ui@0.1.0', 'pkg:cargo/macro@1.0.0']);
  assert.deepEqual(on['pkg:cargo/llama-sys@0.1.161%2Bb.1'], ['pkg:generic/llama.cpp@0.6.0']);
  assert.deepEqual(on['lethe-tests@0.1.0'], [], 'a test crate that has itself for its features is no circle');
  assert.deepEqual(on['lethe-ui@0.1.0'], ['pkg:npm/%40scope/shown@1.0.0#node_modules/@scope/shown', 'pkg:npm/tool@1.0.0#node_modules/tool']);
});

test('a_bill_with_a_fault_is_not_written', () => {
  const rows = [
    [(bill) => bill.components.push(bill.components[0]), /lethe-engine@0\.1\.0 is there twice/],
    [(bill) => bill.components.pop(), /tool.* has dependencies and is not there/],
    [(bill) => bill.dependencies.pop(), /tool.* has no list of dependencies/],
    [(bill) => bill.dependencies[0].dependsOn.push('pkg:cargo/ghost@1'), /depends on pkg:cargo\/ghost@1, which is not there/],
    [(bill) => (bill.dependencies.find(({ ref }) => ref === 'lethe-engine@0.1.0').dependsOn = []), /llama-sys.* is required and nothing leads to it/],
    [(bill) => delete bill.components[1].version, /lethe-tests@0\.1\.0 has no version/],
    [(bill) => delete bill.components[1].licenses, /lethe-tests@0\.1\.0 has no licence/],
  ];
  for (const [harm, fault] of rows) {
    const bill = made();
    harm(bill);
    assert.match(structuralFaults(bill).join('\n'), fault, `${fault}`);
  }
});

test('old_licence_choices_are_written_as_expressions', () => {
  const rows = [
    ['MIT/Apache-2.0', 'MIT OR Apache-2.0'],
    ['Apache-2.0 / MIT', 'Apache-2.0 OR MIT'],
    ['MIT AND Unicode-3.0', 'MIT AND Unicode-3.0'],
  ];
  for (const [written, expected] of rows) assert.equal(expression(written), expected);
});
