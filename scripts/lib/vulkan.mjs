// What building and trying the Vulkan module takes on Debian: headers, shader compiler, and a driver that computes on
// the processor, so that no graphics processor is needed.
//
// llama.cpp wants newer headers than Debian 12 has. Those of the next release are unpacked into the cache folder and
// not installed: apt itself fetches and verifies them, from the mirror that this machine uses, with a settings folder
// of its own. On a system whose own headers are new enough nothing is fetched aside.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { aptPackages, linuxFamily } from './packages.mjs';
import { cache } from './places.mjs';
import { StepFailure } from './report.mjs';
import { ask, run } from './run.mjs';
import { isAtLeast } from './version.mjs';

const log = 'vulkan';
/** The release whose headers serve where the system's own are too old. */
const nextRelease = 'trixie';
/** The oldest headers that this llama.cpp compiles with. */
const oldestHeaders = '1.3.275';
const headerPackages = ['libvulkan-dev', 'spirv-headers'];
const tools = ['glslc', 'libvulkan1', 'mesa-vulkan-drivers'];

/**
 * The first entry of apt's settings for a release, rewritten for another one.
 * @param {string[]} files contents of apt's source files, in either of its two formats
 * @returns {{name: string, content: string} | undefined} a file for apt's folder of sources
 */
export function sourceOfRelease(files, release, other) {
  for (const file of files) {
    for (const paragraph of file.split(/\n\s*\n/)) {
      const field = (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(paragraph)?.[1].trim().split(/\s+/) ?? [];
      const packages = field('Types').includes('deb') && field('Components').includes('main');
      if (packages && field('Suites').includes(release)) {
        const lines = paragraph.split('\n').filter((line) => !/^\s*#/.test(line));
        const content = lines.map((line) => (/^Suites:/i.test(line) ? `Suites: ${other}` : line));
        return { name: 'next.sources', content: `${content.join('\n').trim()}\n` };
      }
    }
    for (const line of file.split('\n')) {
      const [, options = '', address, suite, components] =
        /^deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      if (suite === release && components.split(/\s+/).includes('main')) {
        return { name: 'next.list', content: `deb ${options}${address} ${other} main\n` };
      }
    }
  }
  return undefined;
}

/** Settings that keep apt away from the system's own lists, packages and sources. */
export function privateApt(folder) {
  const settings = {
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': join(folder, 'sources'),
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'state', 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Acquire::Languages': 'none',
    'Debug::NoLocking': '1',
    // The folder may belong to a user whom apt's own user can't read.
    'APT::Sandbox::User': '',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/**
 * Sees to it that the Vulkan module can be built and tried here.
 * @param {import('./report.mjs').Report} report
 * @returns {Promise<{result: string, value: Record<string, string>}>} `value`: the environment of the build
 */
export async function prepareVulkan(report) {
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (process.platform !== 'linux' || linuxFamily(osRelease) !== 'debian') {
    throw new StepFailure('the Vulkan module is tried on Debian and Ubuntu only.', {
      advice: 'install the Vulkan SDK and a driver, then run: cargo build --release -p lethe-engine --features vulkan',
    });
  }
  const offered = /Candidate: ([\d.]+)/.exec(ask('apt-cache', ['policy', 'libvulkan-dev']).output)?.[1];
  if (offered && isAtLeast(offered, oldestHeaders)) {
    await aptPackages(report, [...tools, ...headerPackages]);
    return { result: `headers ${offered} of this system`, value: {} };
  }
  await aptPackages(report, tools);
  const folder = join(cache, `vulkan-${nextRelease}`);
  const fetched = !existsSync(folder);
  if (fetched) await unpackHeaders(report, folder, osRelease);
  const prefix = join(folder, 'usr');
  const value = { VULKAN_SDK: prefix, CMAKE_PREFIX_PATH: prefix, CPLUS_INCLUDE_PATH: join(prefix, 'include') };
  return { result: fetched ? `headers of ${nextRelease} unpacked` : 'there', value };
}

/** Fetches the header packages of the next release and unpacks them into `folder`, which appears when it is whole. */
async function unpackHeaders(report, folder, osRelease) {
  const release = /^VERSION_CODENAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? '';
  const source = sourceOfRelease(aptSources(), release, nextRelease);
  if (!source) {
    throw new StepFailure(`apt's sources name no ${release || 'release'} with the component main.`, {
      advice: `install Vulkan headers ${oldestHeaders} or newer by hand, then run the same command again.`,
    });
  }
  report.say(`Fetching the Vulkan headers of ${nextRelease}; they are unpacked and not installed`);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, '.vulkan-'));
  try {
    for (const part of ['sources', 'state/lists/partial', 'cache/archives/partial', 'packages', 'whole']) {
      mkdirSync(join(work, part), { recursive: true });
    }
    writeFileSync(join(work, 'state', 'status'), '');
    writeFileSync(join(work, 'sources', source.name), source.content);
    const advice = 'look at the network and run the same command again.';
    const apt = privateApt(work);
    await run(report, 'apt-get', [...apt, 'update'], { what: 'The list of packages', log, advice });
    const packages = join(work, 'packages');
    await run(report, 'apt-get', [...apt, 'download', ...headerPackages], {
      what: 'The download of the Vulkan headers',
      log,
      advice,
      cwd: packages,
    });
    const whole = join(work, 'whole');
    for (const file of readdirSync(packages)) {
      await run(report, 'dpkg-deb', ['-x', join(packages, file), whole], { what: `Unpacking ${file}`, log, advice });
    }
    // The unpacked package points to a loader that it does not bring: the system's own serves.
    const loader = /^\s*libvulkan\.so\.1 .*=> (.*)$/m.exec(ask('/sbin/ldconfig', ['-p']).output)?.[1];
    if (!loader) throw new StepFailure('the Vulkan loader is missing.', { advice: 'run: sudo apt-get install libvulkan1' });
    symlinkSync(loader, join(whole, 'usr', 'lib', 'libvulkan.so'));
    renameSync(whole, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The contents of apt's source files. */
function aptSources() {
  const parts = '/etc/apt/sources.list.d';
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /\.(list|sources)$/.test(name)).sort() : [];
  const paths = ['/etc/apt/sources.list', ...names.map((name) => join(parts, name))];
  return paths.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
}
