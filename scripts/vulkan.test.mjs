import assert from 'node:assert/strict';
import { test } from 'node:test';

import { privateApt, sourceOfRelease } from './lib/vulkan.mjs';

test('the_mirror_of_this_machine_serves_the_next_release', () => {
  const paragraphs = `# a comment
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main
`;
  const { name, content } = sourceOfRelease(['', paragraphs], 'bookworm', 'trixie');
  assert.equal(name, 'next.sources');
  assert.match(content, /^Suites: trixie$/m);
  assert.match(content, /^URIs: http:\/\/mirror\.example\/debian$/m);
  assert.match(content, /^Signed-By: /m, 'what verifies the packages stays');
  assert.doesNotMatch(content, /security|bookworm|comment/);

  const lines = 'deb-src http://a.example/debian bookworm main\ndeb [signed-by=/k.gpg] http://b.example/debian bookworm main\n';
  assert.deepEqual(sourceOfRelease([lines], 'bookworm', 'trixie'), {
    name: 'next.list',
    content: 'deb [signed-by=/k.gpg] http://b.example/debian trixie main\n',
  });
});

test('other_sources_are_not_taken', () => {
  const rows = [
    'deb http://a.example/tool stable main\n',
    'deb http://a.example/debian bookworm contrib\n',
    'Types: deb-src\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\n',
    '',
  ];
  for (const row of rows) assert.equal(sourceOfRelease([row], 'bookworm', 'trixie'), undefined, row);
});

test('apt_keeps_to_a_folder_of_its_own', () => {
  const settings = privateApt('/folder').filter((word) => word !== '-o');
  for (const name of ['Dir::Etc::SourceParts', 'Dir::State', 'Dir::State::status', 'Dir::Cache']) {
    assert.ok(settings.some((setting) => setting.startsWith(`${name}=/folder/`)), name);
  }
});
