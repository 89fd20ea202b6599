import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { complaints, ignoredAdvisories, manifests, npmDependencies, rustDependencies, tableRows } from './lib/manifests.mjs';
import { npmLock, readLock } from './lib/npm-lock.mjs';
import { root } from './lib/places.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const all = manifests(root);
const cargo = all.filter(({ path }) => path.endsWith('Cargo.toml')).map(({ path, text }) => ({ path, ...rustDependencies(text) }));

test('dependencies_are_found_however_they_are_declared', () => {
  const toml = `
[package]
name = "lethe-x"
serde = "no dependency"
[dependencies]
# not-this = "1"
lethe-core.workspace = true
plain = "1"
inherited.workspace = true
spaced   =   { version = "1" }
"quoted" = "1"
short = { version = "1", package = "real-name" }
[dev-dependencies]
tests = "1"
[build-dependencies]
builds = "1"
[target.'cfg(unix)'.dependencies]
unix = "1"
[target."cfg(not(windows))".dev-dependencies]
elsewhere = "1"
[dependencies.table]
version = "1"
features = ["x"]
[target.'cfg(windows)'.dependencies.deep]
version = "1"
[workspace.dependencies]
offered = "1"
[features]
feature = ["dep:plain"]
[profile.dev]
debug = false
`;
  assert.deepEqual(rustDependencies(toml), {
    workspace: ['offered'],
    used: ['builds', 'deep', 'elsewhere', 'inherited', 'plain', 'quoted', 'real-name', 'spaced', 'table', 'tests', 'unix'],
  });
  const json = JSON.stringify({ dependencies: { b: '1' }, devDependencies: { '@s/a': '1' }, peerDependencies: { c: '1' }, scripts: { d: 'e' } });
  assert.deepEqual(npmDependencies(json), ['@s/a', 'b', 'c']);
});

test('a_missing_a_stale_and_an_empty_line_are_found', () => {
  const document = `
# Title
## Rust packages
### Some
| package | why |
|---|---|
| \`known\` | it does a thing |
| \`stale\` | it did one |
| \`known\` | again |
| \`empty\` | |
Text about \`text\`, which is no line.
## Known and accepted
| RUSTSEC-2024-0001 | \`x\` | says | why |
`;
  const rows = tableRows(document);
  assert.deepEqual(complaints(rows, { 'Rust packages': ['known', 'empty', 'absent'], 'Known and accepted': ['RUSTSEC-2024-0001', 'RUSTSEC-2024-0002'] }), [
    'absent has no line under "Rust packages": say why it is there',
    'stale has a line under "Rust packages" and nothing needs it: take it out',
    'known has two lines under "Rust packages"',
    'empty has a line under "Rust packages" that says nothing',
    'RUSTSEC-2024-0002 has no line under "Known and accepted": say why it is there',
  ]);
});

test('every_direct_dependency_has_its_sentence', () => {
  assert.ok(cargo.length >= 10, `${cargo.length} crates were found`);
  const rust = cargo.flatMap(({ used }) => used);
  const npm = all.filter(({ path }) => path.endsWith('package.json')).flatMap(({ text }) => npmDependencies(text));
  const advisories = ignoredAdvisories(read('deny.toml'));
  assert.ok(rust.length > 0 && npm.length > 0 && advisories.length > 0);
  const found = complaints(tableRows(read('docs/dependencies.md')), { 'Rust packages': rust, 'npm packages': npm, 'Known and accepted': advisories });
  assert.deepEqual(found, [], `\n${found.join('\n')}`);
});

test('the_workspace_offers_nothing_that_no_crate_uses', () => {
  const used = new Set(cargo.flatMap((manifest) => manifest.used));
  const offered = cargo.flatMap(({ workspace }) => workspace);
  assert.ok(offered.length > 0);
  assert.deepEqual(offered.filter((name) => !used.has(name)), [], 'take it out of Cargo.toml');
});

test('the_numbers_of_packages_in_the_documents_are_near_the_truth', () => {
  const rust = read('Cargo.lock').split('[[package]]').length - 1;
  const npm = npmLock(readLock());
  const truths = [
    [/about (\d+) Rust packages in `Cargo\.lock`/, rust],
    [/about (\d+) for the interface in `package-lock\.json`/, npm.length],
    [/of which (\d+) can be in the window/, npm.filter(({ shipped }) => shipped).length],
  ];
  const document = read('docs/threat-model.md').replace(/\s+/g, ' ');
  for (const [pattern, truth] of truths) {
    const said = Number(pattern.exec(document)?.[1]);
    assert.ok(Math.abs(said - truth) <= truth / 10, `docs/threat-model.md says ${said} and it is ${truth}: ${pattern}`);
  }
});
