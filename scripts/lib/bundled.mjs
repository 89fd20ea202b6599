// What Rust packages bring that is not Rust: libraries in C and C++ that end up in Lethe. No lock file names them, so
// each has its entry here, and its version is read from its files.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sourceFolder } from './rust-packages.mjs';
import { StepFailure } from './report.mjs';

/**
 * @typedef {object} Library
 * @property {string} inside the Rust package that brings it
 * @property {string} name
 * @property {string} [licence] where the package does not name it already
 * @property {string} file where its version stands
 * @property {BufferEncoding} [encoding]
 * @property {RegExp[]} version each finds one part
 * @property {(version: string) => string} [cpe] its name in lists of vulnerabilities
 */

const number = (name) => new RegExp(`\\b${name}[ =]+"?([\\d.]+)`);

/** @type {Library[]} */
export const libraries = [
  {
    inside: 'llama-cpp-sys-2',
    name: 'llama.cpp',
    licence: 'MIT',
    file: 'llama.cpp/CMakeLists.txt',
    version: ['MAJOR', 'MINOR', 'PATCH'].map((part) => number(`LLAMA_VERSION_${part}`)),
  },
  {
    inside: 'llama-cpp-sys-2',
    name: 'ggml',
    licence: 'MIT',
    file: 'llama.cpp/ggml/CMakeLists.txt',
    version: ['MAJOR', 'MINOR', 'PATCH'].map((part) => number(`GGML_VERSION_${part}`)),
  },
  {
    inside: 'libsqlite3-sys',
    name: 'SQLCipher',
    licence: 'BSD-3-Clause',
    file: 'sqlcipher/sqlite3.c',
    version: [number('CIPHER_VERSION_NUMBER')],
    cpe: (version) => `cpe:2.3:a:zetetic:sqlcipher:${version}:*:*:*:*:*:*:*`,
  },
  {
    inside: 'libsqlite3-sys',
    name: 'SQLite',
    licence: 'blessing',
    file: 'sqlcipher/sqlite3.h',
    version: [number('SQLITE_VERSION')],
    cpe: (version) => `cpe:2.3:a:sqlite:sqlite:${version}:*:*:*:*:*:*:*`,
  },
  {
    inside: 'openssl-src',
    name: 'OpenSSL',
    licence: 'Apache-2.0',
    file: 'openssl/VERSION.dat',
    version: ['MAJOR', 'MINOR', 'PATCH'].map(number),
    cpe: (version) => `cpe:2.3:a:openssl:openssl:${version}:*:*:*:*:*:*:*`,
  },
  {
    inside: 'aws-lc-sys',
    name: 'AWS-LC',
    file: 'aws-lc/include/openssl/base.h',
    version: [number('AWSLC_VERSION_NUMBER_STRING')],
    cpe: (version) => `cpe:2.3:a:amazon:aws-lc:${version}:*:*:*:*:*:*:*`,
  },
  {
    // Windows only, and as Microsoft compiled it.
    inside: 'webview2-com-sys',
    name: 'WebView2Loader',
    licence: 'BSD-3-Clause',
    file: 'x64/WebView2Loader.dll',
    encoding: 'utf16le',
    version: [/FileVersion\0+([\d.]+)/],
  },
];

/** Packages that compile C, and whose C is their own or only a bridge to what is above. */
const ownC = new Set(['alloca', 'blake3', 'objc2-exception-helper', 'openssl-sys', 'vswhom-sys']);

/** The packages that compile C without an entry above: whoever adds one says what it brings. */
export function unknownC({ metadata, built }) {
  const isKnown = (name) => ownC.has(name) || libraries.some(({ inside }) => inside === name);
  const byId = new Map(metadata.packages.map((package_) => [package_.id, package_]));
  const isBuilt = ({ name, version }) => built.has(`${name} ${version}`);
  const compiles = ({ deps }) => deps.some(({ pkg, dep_kinds: kinds }) =>
    kinds.some(({ kind }) => kind === 'build') && ['cc', 'cmake'].includes(byId.get(pkg)?.name));
  const compiling = metadata.resolve.nodes.filter(compiles).map(({ id }) => byId.get(id)).filter(isBuilt);
  return compiling.map(({ name }) => name).filter((name) => !isKnown(name)).sort();
}

/** The commit of a package's own repository from which it was published, where it says so. */
function publishedFrom(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, '.cargo_vcs_info.json'), 'utf8')).git?.sha1;
  } catch {
    return undefined;
  }
}

/**
 * The libraries with their versions.
 * @param {import('./rust-packages.mjs').RustPackages} rust
 * @returns {(Library & {version: string, package: object, commit: string | undefined})[]} `commit`: of the Rust
 *   package's repository, which names the library's own commit as a submodule where the version is too coarse
 */
export function bundledLibraries({ metadata, built }) {
  return libraries.map((library) => {
    const package_ = metadata.packages.find(({ name, version }) => name === library.inside && built.has(`${name} ${version}`));
    if (!package_) {
      throw new StepFailure(`${library.name} is not there: no package is called ${library.inside} any more.`, {
        advice: 'take its entry out of scripts/lib/bundled.mjs.',
      });
    }
    const folder = sourceFolder(package_);
    const text = readFileSync(join(folder, library.file), library.encoding ?? 'utf8');
    return { ...library, version: versionIn(text, library), package: package_, commit: publishedFrom(folder) };
  });
}

/** The version that a library's own file names. */
export function versionIn(text, { name, file, version }) {
  const parts = version.map((pattern) => pattern.exec(text)?.[1]);
  if (parts.every(Boolean)) return parts.join('.');
  throw new StepFailure(`${file} does not say which version of ${name} it is.`, {
    advice: 'look where it stands now and put that into scripts/lib/bundled.mjs.',
  });
}
