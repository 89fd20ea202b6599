// Everything by keyboard, and what a theme changes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inWindow } from './window.mjs';
import { KEYS } from './webdriver.mjs';

test('a_chat_needs_no_mouse', inWindow(async (lethe) => {
  await lethe.ready();
  await lethe.press(KEYS.control, 'n');
  assert.equal(await lethe.focus(), 'composer', 'a new chat is ready to be written in');
  await lethe.type('Write a very long story about a lighthouse keeper.');
  await lethe.press(KEYS.shift, KEYS.enter);
  await lethe.type('With many chapters.');
  assert.equal((await lethe.questions()).length, 0, 'Shift+Enter begins a line and sends nothing');
  await lethe.press(KEYS.enter);
  await lethe.growing(0);
  assert.match((await lethe.questions())[0], /keeper\.\nWith many/);
  await lethe.press(KEYS.escape);
  assert.equal((await lethe.answer(0)).state, 'stopped', 'Escape stops the answer');
  assert.equal(await lethe.focus(), 'composer', 'the next message can be written at once');

  await lethe.press(KEYS.control, ',');
  await lethe.find('settings-close');
  await lethe.press(KEYS.escape);
  await lethe.until('Escape closes the settings', async () => !(await lethe.shows('settings-close')));

  await lethe.press(KEYS.control, 'k');
  await lethe.find('palette');
  await lethe.type('new chat');
  await lethe.press(KEYS.enter);
  await lethe.until('the palette closes', async () => !(await lethe.shows('palette')));
  await lethe.until('its command has run', async () => (await lethe.answers()).length === 0);

  await lethe.press(KEYS.control, 'k');
  await lethe.find('palette');
  await lethe.press(KEYS.escape);
  await lethe.until('Escape closes the palette', async () => !(await lethe.shows('palette')));

  await lethe.press(KEYS.control, 'f');
  assert.equal(await lethe.focus(), 'search');
  await lethe.press(KEYS.down);
  await lethe.press(KEYS.enter);
  await lethe.until('the list opens a conversation', async () => (await lethe.answers()).length === 1);
}));

test('tab_reaches_every_control_of_the_window', inWindow(async (lethe) => {
  await lethe.ready();
  const reached = new Set();
  for (let step = 0; step < 30; step += 1) {
    await lethe.press(KEYS.tab);
    reached.add(await lethe.focus());
  }
  for (const control of ['new-chat', 'search', 'settings', 'composer', 'model-picker', 'filter-state']) {
    assert.ok(reached.has(control), `${control} is reached, of ${[...reached].join(', ')}`);
  }
}));

test('a_theme_changes_the_page_and_is_remembered', inWindow(async (lethe) => {
  const brightness = () =>
    lethe.run(() => {
      const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\d+(\.\d+)?/g).map(Number);
      return (red + green + blue) / 3;
    });
  const choose = async (theme) => {
    await lethe.press(KEYS.control, 'k');
    await lethe.find('palette');
    await lethe.type(`theme ${theme}`);
    await lethe.press(KEYS.enter);
    await lethe.until(`${theme} is in force`, async () => (await lethe.state()).settings.theme === theme);
  };
  await choose('dark');
  assert.ok((await brightness()) < 80, 'a dark page');
  await lethe.restart();
  await lethe.until('the page is dark after a restart', async () => (await brightness()) < 80);
  await choose('light');
  assert.ok((await brightness()) > 180, 'a light page');
}));
