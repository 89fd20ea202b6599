// `npm test`: sets up what is missing and runs every check. `.ci/run` calls nothing else.
//
//   npm test                           everything
//   npm test -- --only rust,fmt        some of: scripts, supply, fmt, ui, rust, window
//
// A failing check does not stop the checks that don't depend on it; a table at the end says how each went.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { targetFolder } from './lib/cargo.mjs';
import { cargoDenyPath } from './lib/cargo-deny.mjs';
import { roomToBuild } from './lib/disk.mjs';
import { interfaceBuild, npm, npmPackages } from './lib/interface.mjs';
import { testGroups } from './lib/options.mjs';
import { finish } from './lib/outcome.mjs';
import { systemPackages } from './lib/packages.mjs';
import { root } from './lib/places.mjs';
import { hasReference, reference } from './lib/reference.mjs';
import { Report, StepFailure } from './lib/report.mjs';
import { checker, run } from './lib/run.mjs';
import { hasStarterModel, starterModel } from './lib/starter-model.mjs';
import { supplyChecks } from './lib/supply.mjs';
import { compilers, rustTestTools, tauriDriver, tauriDriverPath } from './lib/toolchain.mjs';

const report = new Report();
const passes = checker(report);
const nodeSummary = /^ℹ (tests|pass|fail) /;

await finish(async () => {
  const wanted = testGroups(process.argv.slice(2));
  const any = (...names) => names.some((name) => wanted.has(name));
  const compiles = any('rust', 'window');

  try {
    if (compiles) {
      const pip = !hasStarterModel() || !hasReference() || !cargoDenyPath();
      await report.step('System packages', () => systemPackages(report, { tests: true, pip }));
    }
    if (any('supply', 'fmt', 'rust', 'window')) await report.step('Compilers', () => compilers());
    if (any('fmt', 'rust', 'window')) {
      await report.step('Disk', () => roomToBuild('debug'));
      await report.step('Rust test tools', () => rustTestTools(report));
    }
    if (any('window') && process.platform === 'linux') await report.step('tauri-driver', () => tauriDriver(report));
    if (any('ui', 'rust', 'window')) await report.step('npm packages', () => npmPackages(report));
    const model = compiles ? await report.step('Starter model', () => starterModel(report)) : undefined;
    const references = compiles
      ? await report.step('Reference implementations', () => reference(report))
      : undefined;
    await checks(wanted, { model, references });
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
  }
  return report.summary() ? 0 : 1;
});

async function checks(wanted, { model, references }) {
  if (wanted.has('scripts')) {
    await check('Tests of the scripts', process.execPath, nodeTests('scripts'), { show: nodeSummary });
  }
  if (wanted.has('supply')) await supplyChecks(report, passes, { network: false });
  if (wanted.has('fmt')) {
    await check('Format', 'cargo', ['fmt', '--all', '--check'], { advice: 'run: cargo fmt --all' });
  }
  if (wanted.has('ui')) {
    await npmCheck('Format of the interface', 'format:check');
    await npmCheck('Types of the interface', 'check');
    await npmCheck('Tests of the interface', 'test');
  }
  if (!wanted.has('rust') && !wanted.has('window')) return;

  // The window's crate takes ui/dist in when it is compiled.
  if (!(await passes('Interface', () => interfaceBuild(report)))) {
    report.notRun('Rust', 'the interface could not be built');
    return;
  }
  const environment = {
    LETHE_BIN_DIR: join(targetFolder(), 'debug'),
    LETHE_REFERENCE: references,
    LETHE_STARTER_MODEL: model,
    LETHE_TAURI_DRIVER: tauriDriverPath,
    LETHE_WEBKIT_DRIVER: '/usr/bin/WebKitWebDriver',
  };
  if (wanted.has('rust')) {
    await cargo('Clippy', ['clippy', '--all-targets'], { after: ['--', '-D', 'warnings'] });
  }
  // `--tests` makes Cargo choose the same features as nextest does: without it, half the tree is built twice.
  if (!(await cargo('Build', ['build', '--bins', '--tests']))) {
    report.notRun('Tests that need the build', 'it failed');
    return;
  }
  if (wanted.has('rust')) {
    await cargo('Tests', ['nextest', 'run', '--no-fail-fast', '--failure-output', 'immediate-final'], {
      env: environment,
      show: /^\s*(Summary|FAIL|TRY|TIMEOUT|SIG[A-Z]+) /,
    });
    await cargo('Documentation tests', ['test', '--doc'], { env: environment, show: /^test result: .*[1-9]\d* (passed|failed)/ });
  }
  if (wanted.has('window')) await windowTests(environment);
}

async function windowTests(environment) {
  const name = 'Window tests';
  if (process.platform !== 'linux') return report.notRun(name, 'they are driven through WebKitWebDriver, which Linux has');
  // One at a time: each has a display, a model and both cores to itself.
  const files = nodeTests('tests/e2e', '--test-concurrency=1');
  if (!files.some((file) => file.endsWith('.mjs'))) return report.notRun(name, 'tests/e2e holds none');
  const display = ['-a', '-s', '-screen 0 1280x900x24', 'dbus-run-session', '--'];
  await check(name, 'xvfb-run', [...display, process.execPath, ...files], { env: environment, show: nodeSummary });
}

/** The arguments with which Node runs every `*.test.mjs` directly in `folder`. */
function nodeTests(folder, ...options) {
  const path = join(root, folder);
  const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.test.mjs')).sort() : [];
  // A test that hangs fails after 20 minutes, so that a build machine still prints the table.
  const files = names.map((name) => join(path, name));
  return ['--test', '--test-reporter=spec', '--test-timeout=1200000', ...options, ...files];
}

function cargo(name, args, { after = [], env, show } = {}) {
  return check(name, 'cargo', [...args, '--workspace', '--locked', ...after], { env, show });
}

function check(name, command, args, { advice, env, show } = {}) {
  const line = [command, ...args].map((part) => part.replace(root, '')).join(' ');
  return passes(name, async () => {
    report.say(line);
    await run(report, command, args, {
      what: name,
      log: name.toLowerCase().replaceAll(' ', '-'),
      advice: advice ?? `mend what is named above; this check alone: ${line}`,
      show,
      env,
    });
    return { result: 'passed' };
  });
}

function npmCheck(name, script) {
  return passes(name, async () => {
    report.say(`npm run ${script} --workspace ui`);
    await npm(report, ['run', script, '--workspace', 'ui'], {
      what: name,
      log: `ui-${script.replace(':', '-')}`,
      advice: `mend what is named above; this check alone: npm run ${script} --workspace ui`,
      show: /^\s*(Test Files|Tests) |svelte-check found/,
    });
    return { result: 'passed' };
  });
}
