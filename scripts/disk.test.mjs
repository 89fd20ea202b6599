import assert from 'node:assert/strict';
import { test } from 'node:test';

import { demandRoom } from './lib/disk.mjs';

test('room_is_asked_for_before_a_build_and_the_sentence_says_how_to_go_on', () => {
  assert.deepEqual(demandRoom('/anywhere/target', 5e9, () => 6.25e9), { result: '6.3 GB free' });
  assert.throws(() => demandRoom('/anywhere/target', 5e9, () => 4.9e9), (failure) => {
    assert.equal(failure.message, '/anywhere/target needs 5.0 GB of free disk and has 4.9 GB.');
    assert.match(failure.advice, /CARGO_TARGET_DIR/);
    return true;
  });
});

test('a_folder_that_is_not_there_yet_is_measured_where_it_will_be', () => {
  assert.match(demandRoom('/no/such/folder/yet', 1).result, /GB free$/);
});
