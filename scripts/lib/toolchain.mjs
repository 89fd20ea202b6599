// The compilers and test tools: checked, and where Cargo can build them, installed.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { cache, executable } from './places.mjs';
import { StepFailure } from './report.mjs';
import { ask, run } from './run.mjs';
import { isAtLeast, parseVersion } from './version.mjs';

const oldestRust = '1.95';
const oldestNode = '20.19';
const toolFolder = join(cache, 'tools');

/** Where `tauriDriver` puts the WebDriver server of the window tests. */
export const tauriDriverPath = join(toolFolder, 'bin', executable('tauri-driver'));

/** Checks Node and Rust. */
export async function compilers() {
  const node = process.versions.node;
  if (!isAtLeast(node, oldestNode)) {
    throw new StepFailure(`Node ${node} is too old: Lethe needs ${oldestNode} or newer.`, {
      advice: 'install a current Node with its installer or your version manager, then run the same command again.',
    });
  }
  const rustc = ask('rustc', ['--version']);
  if (rustc.code !== 0 || ask('cargo', ['--version']).code !== 0) {
    const rustup = ask('rustup', ['--version']).code === 0;
    throw new StepFailure(`Rust is ${rustup ? 'not set up' : 'not installed'}: Lethe needs ${oldestRust} or newer.`, {
      advice: rustup
        ? 'run: rustup update stable && rustup default stable'
        : "install rustup, the Rust project's own installer, from the page \"Install Rust\" of the Rust project's site (Debian 13 and Ubuntu 24.04 have it as the package rustup), then run: rustup default stable",
    });
  }
  if (!isAtLeast(rustc.output, oldestRust)) {
    throw new StepFailure(`${rustc.output.trim()} is too old: Lethe needs ${oldestRust} or newer.`, {
      advice: 'run: rustup update stable (a Rust from the system packages must be replaced by rustup first)',
    });
  }
  return { result: `Node ${node}, Rust ${parseVersion(rustc.output).join('.')}` };
}

/** Sees to it that `cargo fmt`, `cargo clippy` and `cargo nextest` can be run. */
export async function rustTestTools(report) {
  const added = [];
  for (const [component, subcommand] of [['rustfmt', 'fmt'], ['clippy', 'clippy']]) {
    if (ask('cargo', [subcommand, '--version']).code === 0) continue;
    report.say(`Adding ${component} to the Rust toolchain`);
    await run(report, 'rustup', ['component', 'add', component], {
      what: `rustup component add ${component}`,
      log: 'rustup',
      advice: `run: rustup component add ${component}`,
    });
    added.push(component);
  }
  if (ask('cargo', ['nextest', '--version']).code !== 0) {
    report.say('Building cargo-nextest, once for all projects: 5 to 10 minutes');
    await run(report, 'cargo', ['install', '--locked', 'cargo-nextest'], {
      what: 'The build of cargo-nextest',
      log: 'cargo-nextest',
      advice: 'run: cargo install --locked cargo-nextest',
    });
    added.push('cargo-nextest');
  }
  return { result: added.length ? `installed ${added.join(', ')}` : 'there' };
}

/** Sees to it that tauri-driver 2 is in the cache folder, where only the window tests use it. */
export async function tauriDriver(report) {
  if (existsSync(tauriDriverPath)) return { result: 'there' };
  report.say('Building tauri-driver, once: 1 to 3 minutes');
  const args = ['install', '--locked', 'tauri-driver', '--version', '^2', '--root', toolFolder];
  await run(report, 'cargo', args, {
    what: 'The build of tauri-driver',
    log: 'tauri-driver',
    advice: `run: cargo ${args.join(' ')}`,
  });
  return { result: 'installed' };
}
