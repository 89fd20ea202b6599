import assert from 'node:assert/strict';
import { test } from 'node:test';

import { knowsModels } from './lib/known-models.mjs';
import { cacheFolder } from './lib/places.mjs';

test('the_cache_folder_follows_each_system', () => {
  const rows = [
    ['linux', {}, '/home/ada', '/home/ada/.cache/lethe'],
    ['linux', { XDG_CACHE_HOME: '/fast' }, '/home/ada', '/fast/lethe'],
    ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/ada', '/home/ada/.cache/lethe'],
    ['darwin', { XDG_CACHE_HOME: '/fast' }, '/Users/ada', '/Users/ada/Library/Caches/lethe'],
    ['win32', { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' }, 'C:\\Users\\ada', 'C:\\Users\\ada\\AppData\\Local\\lethe\\cache'],
    ['win32', {}, 'C:\\Users\\ada', 'C:\\Users\\ada\\AppData\\Local\\lethe\\cache'],
  ];
  for (const [platform, env, home, folder] of rows) assert.equal(cacheFolder({ platform, env, home }), folder, platform);
});

test('a_listing_of_models_is_believed_only_when_it_names_one', () => {
  const rows = [
    ['[{"id":"a"}]', true],
    ['{"models":[{"id":"a"}]}', true],
    ['[]', false],
    ['{"models":[]}', false],
    ['null', false],
    ['', false],
    ['no model yet', false],
  ];
  for (const [text, answer] of rows) assert.equal(knowsModels(text), answer, text);
});
