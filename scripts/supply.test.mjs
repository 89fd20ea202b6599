import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { libraries, unknownC, versionIn } from './lib/bundled.mjs';
import { checkRustAdvisories, checkRustRules } from './lib/cargo-deny.mjs';
import { npmCommand } from './lib/interface.mjs';
import { isAllowed } from './lib/licences.mjs';
import { auditVerdict, demandLicences, npmLock, readLock } from './lib/npm-lock.mjs';
import { Report, StepFailure } from './lib/report.mjs';
import { callersOfUnsound, checksums, demandFewDuplicates, duplicates, treeNames, wantedTargets } from './lib/rust-packages.mjs';
import { advisories } from './lib/supply.mjs';

const failure = (pattern) => (error) => error instanceof StepFailure && pattern.test([error.message, ...error.tail].join('\n'));

test('a_licence_is_allowed_when_it_can_be_met', () => {
  const allowed = new Set(['MIT', 'Apache-2.0']);
  const rows = [
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['MIT OR GPL-3.0-only', true],
    ['MIT AND GPL-3.0-only', false],
    ['(MPL-2.0 OR Apache-2.0)', true],
    ['(MPL-2.0 OR GPL-2.0-only) AND MIT', false],
    ['MIT AND (MPL-2.0 OR Apache-2.0)', true],
    ['GPL-3.0-only OR MIT AND Apache-2.0', true],
    ['GPL-3.0-only AND MIT OR BSD-2-Clause', false],
    ['Apache-2.0 WITH LLVM-exception', false],
    ['SEE LICENSE IN license.txt', false],
    ['UNLICENSED', false],
    ['mit', false],
    ['(MIT', false],
    ['MIT)', false],
    ['MIT OR', false],
    ['', false],
    [undefined, false],
  ];
  for (const [expression, expected] of rows) assert.equal(isAllowed(expression, allowed), expected, `${expression}`);
});

const lock = {
  packages: {
    '': { license: 'Apache-2.0', workspaces: ['ui'] },
    ui: { version: '0.1.0', dependencies: { alpha: '1' }, devDependencies: { tool: '1' } },
    'node_modules/lethe-ui': { link: true, resolved: 'ui' },
    'node_modules/alpha': { version: '1.0.0', license: 'MIT', dependencies: { '@scope/beta': '1' }, peerDependencies: { absent: '1' } },
    'node_modules/@scope/beta': { version: '1.0.0', license: 'ISC' },
    'node_modules/alpha/node_modules/@scope/beta': { version: '2.0.0', license: 'MIT' },
    'node_modules/tool': { version: '1.0.0', license: 'MPL-2.0', dev: true, dependencies: { '@scope/beta': '1' } },
  },
};

test('the_lock_file_says_what_is_in_the_window_and_on_what_it_stands', () => {
  const packages = npmLock(lock);
  const row = ({ name, version, shipped, dependsOn }) => [name, version, shipped, dependsOn];
  assert.deepEqual(packages.map(row), [
    ['alpha', '1.0.0', true, ['node_modules/alpha/node_modules/@scope/beta']],
    ['@scope/beta', '1.0.0', true, []],
    ['@scope/beta', '2.0.0', true, []],
    ['tool', '1.0.0', false, ['node_modules/@scope/beta']],
  ]);
});

test('licences_of_npm_packages_are_held_against_two_lists', () => {
  const with_ = (licence, shipped) => npmLock(lock).map((package_) => ({ ...package_, ...(package_.name === 'tool' ? { licence, shipped } : {}) }));
  const [shipped, tools] = [new Set(['MIT', 'ISC']), new Set(['MPL-2.0'])];
  assert.equal(demandLicences(with_('MPL-2.0', false), shipped, tools), '3 in the window, 4 in all');
  const refused = [['MPL-2.0', true], ['GPL-3.0-only', false], [undefined, false]];
  for (const [licence, inWindow] of refused) {
    assert.throws(() => demandLicences(with_(licence, inWindow), shipped, tools), failure(/tool 1\.0\.0/), `${licence}`);
  }
  assert.throws(() => demandLicences(with_('MIT', false), shipped, tools), failure(/no npm package needs MPL-2\.0/));
  demandLicences(npmLock(readLock()));
});

const report = (vulnerabilities, total) => ({ auditReportVersion: 2, vulnerabilities, metadata: { vulnerabilities: { total } } });
const weakness = { name: 'alpha', severity: 'high', range: '<1.2.0', via: [{ title: 'Runs what it should show' }, 'beta'] };

test('an_audit_that_could_not_be_made_is_never_a_passed_one', () => {
  const rows = [
    [report({}, 0), { checked: true, findings: [] }],
    [report({ alpha: weakness }, 1), { checked: true, findings: ['alpha <1.2.0: high: Runs what it should show; through beta'] }],
    [report({}, 3), { checked: true, findings: ['3 that npm does not name'] }],
    [{ message: '405 Method Not Allowed - POST https://registry.invalid/x', error: { summary: '' } }, { checked: false, why: 'the registry gave no advisories (405 Method Not Allowed)' }],
    [{ error: { code: 'ENOTFOUND', summary: 'more\nrequest to http://a.invalid/ failed\n' } }, { checked: false, why: 'the registry gave no advisories (request to failed)' }],
    [{ ...report({}, 0), error: { summary: 'broken' } }, { checked: false, why: 'the registry gave no advisories (broken)' }],
    [{ ...report({}, 0), auditReportVersion: 3 }, { checked: false, why: 'npm gave no report' }],
    [{ auditReportVersion: 2 }, { checked: false, why: 'npm gave no report' }],
    [report({}, null), { checked: false, why: 'npm gave no report' }],
    [{}, { checked: false, why: 'npm gave no report' }],
    [null, { checked: false, why: 'npm gave no report' }],
  ];
  for (const [output, expected] of rows) assert.deepEqual(auditVerdict(JSON.stringify(output)), expected);
  for (const output of ['', 'npm error', '{"auditReportVersion":2']) assert.deepEqual(auditVerdict(output), { checked: false, why: 'npm gave no report' });
});

test('what_could_not_be_checked_is_said_and_is_neither_passed_nor_failed', async () => {
  let text = '';
  const said = new Report({ write: (part) => (text += part), now: () => 0, terminal: false });
  const passes = (name, action) => said.step(name, action).then(() => true, () => false);
  await advisories(said, passes, 'Advisories', async () => ({ checked: false, why: 'no network' }));
  assert.match(text, /^– Advisories: NOT CHECKED, no network\n$/);
  await advisories(said, passes, 'Found', async () => Promise.reject(new StepFailure('1 package is weak.')));
  await advisories(said, passes, 'Clean', async () => ({ checked: true, result: 'none known' }));
  assert.equal(said.summary(), false);
  assert.match(text, /– Advisories +NOT CHECKED: no network\n✗ Found +0\.0 s +1 package is weak\.\n✓ Clean +0\.0 s +none known\n/);
  assert.match(text, /Steps: 1 passed, 1 failed, 1 skipped\n$/);
});

/** A registry on this machine that answers every request in one way. */
async function registry(answer, body) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    return await body(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('npm_itself_is_understood', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lethe-scripts-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', dependencies: { alpha: '1.0.0' } }));
  const packages = { '': { name: 'x', version: '1.0.0', dependencies: { alpha: '1.0.0' } }, 'node_modules/alpha': { version: '1.0.0' } };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name: 'x', version: '1.0.0', lockfileVersion: 3, packages }));
  // Not the helper of the scripts: it waits, and the registry answers from this process.
  const audit = (address) => new Promise((done) => {
    const [command, ...first] = npmCommand();
    const own = [`--registry=${address}`, `--cache=${join(folder, 'cache')}`, '--noproxy=127.0.0.1', '--fetch-retries=0'];
    const args = [...first, 'audit', '--json', '--package-lock-only', ...own];
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (part) => (output += part));
    child.on('close', () => done(auditVerdict(output)));
  });
  const versions = Object.fromEntries(['1.0.0', '1.2.0'].map((version) => [version, { name: 'alpha', version }]));
  const package_ = { name: 'alpha', 'dist-tags': { latest: '1.2.0' }, versions };
  const json = (status, advisories) => ({ method }, response) => {
    response.writeHead(method === 'POST' ? status : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(method === 'POST' ? advisories : package_));
  };
  const known = { alpha: [{ id: 1, url: 'https://advisory.invalid/1', title: 'Runs what it should show', severity: 'high', vulnerable_versions: '<1.2.0', cwe: [], cvss: { score: 7 } }] };
  try {
    assert.deepEqual(await registry(json(200, {}), audit), { checked: true, findings: [] });
    const found = await registry(json(200, known), audit);
    assert.equal(found.checked, true);
    assert.match(found.findings.join(), /^alpha 1\.0\.0: high: Runs what it should show$/);
    assert.equal((await registry(json(405, {}), audit)).checked, false, 'a mirror that has no advisories');
    assert.equal((await registry((_, response) => response.destroy(), audit)).checked, false, 'no network');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('cargo_deny_is_believed_only_where_it_has_the_advisories', async () => {
  const quiet = new Report({ write: () => {}, terminal: false });
  // A program that ends as it is told to: the first status for fetching the database, the second for a check.
  const ends = (fetched, checked) => [process.execPath, '--eval', `process.exit(process.argv.includes('fetch') ? ${fetched} : ${checked})`, '--'];
  const rust = { metadata: {}, complete: true };
  const why = 'the database of advisories could not be fetched (without a word)';
  assert.deepEqual(await checkRustAdvisories(quiet, ends(0, 0), rust), { checked: true });
  assert.deepEqual(await checkRustAdvisories(quiet, ends(1, 0), rust), { checked: false, why }, 'whatever a check says');
  await assert.rejects(checkRustAdvisories(quiet, ends(0, 1), rust), StepFailure);
  assert.deepEqual(await checkRustAdvisories(quiet, ['lethe-no-such-tool'], rust), { checked: false, why });
  await checkRustRules(quiet, ends(1, 0), rust);
  await assert.rejects(checkRustRules(quiet, ends(1, 4), rust), StepFailure);
});

test('names_in_more_than_one_version_are_bounded', () => {
  const built = treeNames('one v1.0.0\ntwo v0.3.0 (proc-macro)\none v1.0.0 (*)\none v2.0.0+x.1\nlethe v0.1.0 (folder with spaces)\n\n');
  assert.deepEqual([...built], ['one 1.0.0', 'two 0.3.0', 'one 2.0.0+x.1', 'lethe 0.1.0']);
  assert.deepEqual(duplicates(built), ['one']);
  assert.equal(demandFewDuplicates(built, 1), '1 names in more than one version (at most 1)');
  assert.throws(() => demandFewDuplicates(built, 0), failure(/^1 names[^]*\none$/));
});

test('systems_are_those_of_the_rules', () => {
  assert.deepEqual(wantedTargets('[graph]\n# systems\ntargets = [\n    "a-b-c",\n    # "no",\n    "d-e",\n]\nother = ["x"]\n'), ['a-b-c', 'd-e']);
  assert.deepEqual(wantedTargets('[graph]\n'), []);
});

test('checksums_belong_to_a_name_and_a_version', () => {
  const lockFile = 'version = 4\n\n[[package]]\nname = "one"\nversion = "1.0.0"\nsource = "r"\nchecksum = "aa"\n\n[[package]]\nname = "lethe"\nversion = "0.1.0"\n';
  assert.deepEqual([...checksums(lockFile)], [['one 1.0.0', 'aa']]);
});

test('each_bundled_library_says_its_version', () => {
  const texts = {
    'llama.cpp': ['set(LLAMA_VERSION_MAJOR 0)\nset(LLAMA_VERSION_MINOR 6)\nset(LLAMA_VERSION_PATCH 2)', '0.6.2'],
    ggml: ['set(GGML_VERSION_MAJOR 0)\nset(GGML_VERSION_MINOR 26)\nset(GGML_VERSION_PATCH 0)', '0.26.0'],
    SQLCipher: ['#ifndef CIPHER_VERSION_NUMBER\n#define CIPHER_VERSION_NUMBER 4.10.0\n', '4.10.0'],
    SQLite: ['#define SQLITE_VERSION        "3.50.4"\n#define SQLITE_VERSION_NUMBER 3050004', '3.50.4'],
    OpenSSL: ['MAJOR=3\nMINOR=6\nPATCH=3\nPRE_RELEASE_TAG=', '3.6.3'],
    'AWS-LC': ['#define AWSLC_VERSION_NUMBER_STRING "5.12.0"', '5.12.0'],
    WebView2Loader: ['\x00FileVersion\x00\x001.0.3800.47\x00', '1.0.3800.47'],
  };
  assert.deepEqual(libraries.map(({ name }) => name).sort(), Object.keys(texts).sort());
  for (const library of libraries) {
    const [text, version] = texts[library.name];
    assert.equal(versionIn(text, library), version, library.name);
    assert.throws(() => versionIn('nothing', library), failure(/does not say which version/));
  }
});

/** Metadata as Cargo gives it, of packages that depend on each other. */
function tree(packages, folder = '') {
  const metadata = { packages: [], resolve: { nodes: [] } };
  for (const [name, on] of Object.entries(packages)) {
    metadata.packages.push({ id: name, name, version: '1.0.0', manifest_path: join(folder, name, 'Cargo.toml'), dependencies: Object.keys(on).map((name) => ({ name })) });
    const deps = Object.entries(on).map(([pkg, kind]) => ({ pkg, dep_kinds: [{ kind }] }));
    metadata.resolve.nodes.push({ id: name, deps });
  }
  return { metadata, built: new Set(Object.keys(packages).map((name) => `${name} 1.0.0`)) };
}

test('a_package_that_compiles_c_must_say_what_it_brings', () => {
  const rust = tree({ 'llama-cpp-sys-2': { cmake: 'build' }, blake3: { cc: 'build' }, 'new-sys': { cc: 'build' }, plain: { cc: null }, cc: {}, cmake: {} });
  assert.deepEqual(unknownC(rust), ['new-sys']);
  rust.built.delete('new-sys 1.0.0');
  assert.deepEqual(unknownC(rust), [], 'what is not built brings nothing');
});

test('a_caller_of_what_is_unsound_is_named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lethe-scripts-'));
  try {
    const sources = { glib: 'pub struct VariantStrIter;', calls: 'let names = variant.array_iter_str()?;', quiet: 'use glib::Variant;', apart: 'array_iter_str' };
    for (const [name, source] of Object.entries(sources)) {
      mkdirSync(join(folder, name, 'src', 'deep'), { recursive: true });
      writeFileSync(join(folder, name, 'src', 'deep', 'x.rs'), source);
    }
    const rust = tree({ glib: {}, calls: { glib: null }, quiet: { glib: null }, apart: {}, empty: { glib: null } }, folder);
    assert.deepEqual(callersOfUnsound(rust), ['calls'], 'who does not have glib means another function');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
