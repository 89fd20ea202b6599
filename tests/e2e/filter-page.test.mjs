// The page of the filter: lists from a file and from a signed feed, what is tried on them, settings and the report.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Feed } from './feed.mjs';
import { inWindow } from './window.mjs';

/** All of it is invented. */
const NAME = 'Wanda Beispiel';
const PEOPLE = [
  { id: 'p-01', kind: 'person', text: NAME },
  { id: 'p-02', kind: 'person', text: 'Otto Fennimore' },
];
const SAMPLE = `Write to ${NAME} today.`;
const PILL = { kind: 'person', list: 'people', entry: 'p-01' };

const SOME = /1 place would be removed/;
const NOTHING = /Nothing would be removed/;

/** No model is needed for the lists alone. */
const bare = { prepare: () => {} };

const row = async (lethe) => (await lethe.texts('list-row'))[0] ?? '';
const rowSays = (lethe, what) => lethe.until(`the list's row says ${what}`, async () => what.test(await row(lethe)));
const toasted = (lethe, what) =>
  lethe.until(`the window says ${what}`, async () => what.test((await lethe.texts('toast')).join('\n')));

test('a_list_of_a_file_is_tried_switched_and_removed', inWindow(async (lethe, place) => {
  await lethe.importList(place.list('people.jsonl', ...PEOPLE));
  await toasted(lethe, /people is in use/);
  const shown = await row(lethe);
  const facts = [/^people/, /2 entries/, /a file on this machine/, /unsigned/, /not in clear/];
  for (const fact of facts) assert.match(shown, fact);
  assert.doesNotMatch(await lethe.session.source(), /Fennimore/, 'the page shows no entry');

  assert.deepEqual(await lethe.tryFilter(SAMPLE, SOME), [PILL]);
  assert.doesNotMatch((await lethe.texts('filter-test-result'))[0], /Wanda|Beispiel/, 'the name is not in the result');

  await lethe.turn('list-toggle', false);
  assert.deepEqual(await lethe.tried(NOTHING), [], 'a list that is off removes nothing');
  await lethe.until('no list is in force', async () => (await lethe.state()).filter.lists === 0);
  await lethe.turn('list-toggle', true);
  assert.deepEqual(await lethe.tried(SOME), [PILL], 'a list that is on again removes again');

  await lethe.click('list-remove');
  await (await lethe.findByRole('button', 'Cancel')).click();
  await lethe.until('the question is gone', async () => !(await lethe.shows('list-remove-confirm')));
  assert.equal(await lethe.focus(), 'list-remove', 'after "Cancel" the focus is where the question came from');
  assert.deepEqual(await lethe.tried(SOME), [PILL], 'the list is still there');

  await lethe.click('list-remove');
  await lethe.click('list-remove-confirm');
  await toasted(lethe, /people was removed/);
  assert.equal(await lethe.shows('list-row'), false, 'the list is gone');
  assert.notEqual(await lethe.focus(), 'BODY', 'the keyboard goes on somewhere');
  assert.deepEqual(await lethe.tried(NOTHING), []);
  assert.deepEqual(readdirSync(join(place.data, 'lists')), [], 'no copy of it is left');
}, bare));

test('a_list_is_in_force_after_a_restart_and_one_that_is_off_stays_off', inWindow(async (lethe, place) => {
  await lethe.useList(place.list('people.jsonl', ...PEOPLE));
  await lethe.restart();
  await lethe.openSettings('filter');
  assert.deepEqual(await lethe.tryFilter(SAMPLE, SOME), [PILL]);
  await lethe.turn('list-toggle', false);
  await lethe.tried(NOTHING);
  await lethe.restart();
  await lethe.openSettings('filter');
  await lethe.find('list-row');
  assert.equal(await lethe.attribute('list-toggle', 'aria-checked'), 'false');
  assert.deepEqual(await lethe.tryFilter(SAMPLE, NOTHING), []);
}, bare));

test('a_signed_feed_is_refreshed_refused_and_recovers', inWindow(async (lethe, place) => {
  const feed = new Feed(place);
  await lethe.openSettings('filter');
  await lethe.click('list-update');
  await rowSays(lethe, /checked today/);
  for (const fact of [/^people/, /1 entry/, /signed/, /not in clear/]) assert.match(await row(lethe), fact);
  assert.doesNotMatch(await row(lethe), /unsigned/);
  await lethe.run((details) => details.querySelector('summary').click(), await lethe.find('list-details'));
  await rowSays(lethe, /Version\s*1\b/);
  assert.equal(await lethe.shows('filter-banner'), false, 'nothing is wrong');
  assert.deepEqual(await lethe.tryFilter(SAMPLE, SOME), [PILL]);

  feed.publish(...PEOPLE);
  await lethe.click('list-update');
  await toasted(lethe, /1 list checked, 1 changed/);
  await rowSays(lethe, /2 entries/);
  await rowSays(lethe, /Version\s*2/);
  assert.match((await lethe.texts('list-change'))[0], /\+1 −0/, 'the row says what came and went');
  assert.deepEqual(await lethe.tryFilter('Ask Otto Fennimore.', SOME), [{ ...PILL, entry: 'p-02' }]);

  const good = readFileSync(feed.timestamp, 'utf8');
  writeFileSync(feed.timestamp, good.replaceAll(/"version":\s*\d+/g, '"version":9'));
  await lethe.click('list-update');
  assert.match(await (await lethe.find('list-failure')).text(), /Not refreshed: .*not signed by the publisher/i);
  await toasted(lethe, /1 of 1 list could not be checked/);
  assert.match(await (await lethe.find('filter-banner')).text(), /people.*could not be refreshed.*still filters/);
  assert.match(await row(lethe), /2 entries/, 'the last good list stays');
  assert.deepEqual(await lethe.tryFilter(SAMPLE, SOME), [PILL], 'and goes on filtering');
  await lethe.restart();
  await lethe.find('filter-banner');
  await lethe.click('filter-banner-open');
  await lethe.find('list-failure');
  assert.deepEqual(await lethe.tryFilter(SAMPLE, SOME), [PILL], 'after a restart too');

  writeFileSync(feed.timestamp, good);
  await lethe.click('list-update');
  await lethe.until('the failure is over', async () => !(await lethe.shows('list-failure')));
  await lethe.until('the banner is gone', async () => !(await lethe.shows('filter-banner')));
  assert.deepEqual(await lethe.tried(SOME), [PILL]);
}, {
  prepare: (place) => {
    const feed = new Feed(place);
    feed.publish(PEOPLE[0]);
    feed.subscribe('people');
  },
}));

test('a_feed_is_updated_from_a_folder_that_was_carried_here', inWindow(async (lethe, place) => {
  await lethe.openSettings('filter');
  await lethe.click('list-update');
  await lethe.find('list-failure');
  const details = await lethe.find('list-details');
  await lethe.run((element) => element.querySelector('summary').click(), details);
  await lethe.fill('update-path', new Feed(place).folder);
  await lethe.click('update-import');
  await rowSays(lethe, /1 entry/);
  assert.equal(await lethe.shows('list-failure'), false, 'the list is fresh');
  assert.deepEqual(await lethe.tryFilter(SAMPLE, SOME), [PILL]);
}, {
  prepare: (place) => {
    const feed = new Feed(place);
    feed.publish(PEOPLE[0]);
    // Nothing is asked for at this address: no test uses the network.
    feed.subscribe('people', 'https://lists.example/people/');
  },
}));

test('the_form_for_a_feed_says_what_is_missing_and_why_it_failed', inWindow(async (lethe, place) => {
  const feed = new Feed(place);
  feed.publish(PEOPLE[0]);
  const invalid = () => lethe.run(() =>
    [...document.querySelectorAll('[data-testid=subscribe] [aria-invalid=true]')].map(({ dataset }) => dataset.testid));
  await lethe.openSettings('filter');
  await lethe.run((radio) => radio.click(), await lethe.find('add-feed'));
  await lethe.click('subscribe-send');
  await lethe.until('the first fault has the focus', async () => (await lethe.focus()) === 'subscribe-name');
  assert.deepEqual(await invalid(), ['subscribe-name', 'subscribe-url', 'subscribe-root']);

  await lethe.fill('subscribe-name', 'people');
  await lethe.fill('subscribe-root', feed.root);
  for (const [address, said] of [
    [feed.folder, /not an address/],
    ['http://lists.example/people', /Use https/],
    ['https://me:secret@lists.example/people', /user name or password/],
  ]) {
    await lethe.fill('subscribe-url', address);
    const form = async () => (await lethe.texts('subscribe'))[0];
    await lethe.until(`the form says why not ${address}`, async () => said.test(await form()));
    assert.deepEqual(await invalid(), ['subscribe-url']);
  }

  await lethe.fill('subscribe-url', 'https://lists.example/people');
  await lethe.click('subscribe-send');
  const why = await lethe.until('the window says why', async () => (await lethe.alerts())[0]);
  assert.match(why, /switched off/, 'nothing is fetched where requests are forbidden');
  assert.equal(await lethe.shows('list-row'), false, 'what was never fetched is not listed');
}, bare));

test('settings_of_the_filter_survive_a_restart', inWindow(async (lethe) => {
  const wanted = { echo: true, refresh: false, watch: false };
  const inForce = async () => {
    const { settings } = await lethe.state();
    return Object.entries(wanted).every(([name, on]) => settings[name] === on);
  };
  const isOn = (name) => lethe.attribute(`setting-${name}`, 'aria-checked');
  const switches = () => Promise.all(Object.keys(wanted).map(isOn));
  await lethe.openSettings('filter');
  assert.deepEqual(await switches(), ['false', 'true', 'true'], 'as Lethe comes');
  for (const [name, on] of Object.entries(wanted)) await lethe.turn(`setting-${name}`, on);
  await lethe.turn('detector-email', false);
  await lethe.until('they are in force', inForce);
  assert.deepEqual(await lethe.tryFilter('Write to wanda@example.org.', NOTHING), [], 'a detector is off');

  await lethe.restart();
  await lethe.openSettings('filter');
  await lethe.find('setting-echo');
  assert.deepEqual(await switches(), ['true', 'false', 'false']);
  assert.ok(await inForce());
  assert.match((await lethe.texts('news-none'))[0], /does not look for news/);
  assert.equal(await lethe.attribute('detector-email', 'aria-checked'), 'false');
}, bare));

test('a_report_is_two_files_without_what_was_removed', inWindow(async (lethe, place) => {
  const downloads = join(place.home, 'Downloads');
  await lethe.openSettings('filter');
  await lethe.click('report-export');
  await toasted(lethe, /The report is in .*lethe-report-.*\.html/);
  const files = readdirSync(downloads).sort();
  const names = files.map((file) => file.replace(/\d{4}-\d\d-\d\d/, 'DATE'));
  assert.deepEqual(names, ['lethe-report-DATE.html', 'lethe-report-DATE.json']);
  const [page, json] = files.map((file) => readFileSync(join(downloads, file), 'utf8'));
  for (const text of [page, json]) {
    assert.match(text, /people/, 'the list is named');
    assert.match(text, /p-01/, 'and its entry');
    assert.doesNotMatch(text, /Wanda|Beispiel|Fennimore|Whom should/i, 'nothing that was said or listed');
  }
  assert.doesNotMatch(page, /<script|https?:|src=/i, 'the page needs nothing beside itself');
  const report = JSON.parse(json);
  assert.deepEqual([report.answers, report.answers_with_removals], [1, 1]);
  assert.deepEqual(report.by_entry, [{ ...PILL, removals: 1 }]);

  await lethe.click('report-export');
  await lethe.until('another report takes no place of the first', () => readdirSync(downloads).length === 4);
}, {
  prepare: (place) => {
    // Where a desktop notes the folder for downloads.
    const config = join(place.home, 'config');
    mkdirSync(config);
    writeFileSync(join(config, 'user-dirs.dirs'), 'XDG_DOWNLOAD_DIR="$HOME/Downloads"\n');
    place.withModel();
    place.cli('list', 'add', place.list('people.jsonl', ...PEOPLE));
    place.withAnswer('Whom should I ask?', `Ask ${NAME} about it.`);
  },
}));
