import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { isStale, newest } from './lib/freshness.mjs';

/** A folder with one source of second 1000 and one output of second 2000. */
function project() {
  const folder = mkdtempSync(join(tmpdir(), 'lethe-freshness-'));
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, 'dist'));
  const path = (name) => join(folder, name);
  const set = (name, second) => utimesSync(path(name), second, second);
  writeFileSync(path('src/app.ts'), '');
  writeFileSync(path('dist/index.html'), '');
  set('src/app.ts', 1000);
  set('src', 1000);
  set('dist/index.html', 2000);
  return { folder, path, set, stale: () => isStale(path('dist/index.html'), [folder]) };
}

test('an_output_is_stale_when_a_source_changed_after_it', (context) => {
  const { folder, path, set, stale } = project();
  context.after(() => rmSync(folder, { recursive: true }));

  assert.equal(stale(), false, 'all sources are older');
  set('src/app.ts', 3000);
  assert.equal(stale(), true, 'a source is newer');
  set('src/app.ts', 1000);
  set('src', 3000);
  assert.equal(stale(), true, 'a file was removed from a folder');
  set('src', 1000);
  rmSync(path('dist/index.html'));
  assert.equal(stale(), true, 'there is no output');
});

test('outputs_and_packages_are_no_sources', (context) => {
  const { folder, path, stale } = project();
  context.after(() => rmSync(folder, { recursive: true }));

  mkdirSync(path('node_modules'));
  writeFileSync(path('node_modules/new.js'), '');
  writeFileSync(path('dist/new.js'), '');
  assert.equal(stale(), false);
  assert.equal(newest(path('nothing')), 0, 'what is not there is never new');
});
