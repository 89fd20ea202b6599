import assert from 'node:assert/strict';
import { test } from 'node:test';

import { aptCommands, linuxFamily, missingPackages } from './lib/packages.mjs';

test('only_fully_installed_packages_count', () => {
  const listing = 'clang installed\ncmake config-files\nperl installed\nperl installed\nxvfb half-configured\n';
  assert.deepEqual(missingPackages(['clang', 'cmake', 'perl', 'xvfb', 'python3'], listing), ['cmake', 'xvfb', 'python3']);
  assert.deepEqual(missingPackages(['clang'], ''), ['clang'], 'an empty listing means that nothing is installed');
  assert.deepEqual(missingPackages(['perl'], 'perl-base installed\n'), ['perl'], 'names are compared whole');
});

test('families_are_read_from_os_release', () => {
  const rows = [
    ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', 'debian'],
    ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', 'debian'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
    ['ID=fedora\n', 'fedora'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'fedora'],
    ['ID=manjaro\nID_LIKE=arch\n', 'arch'],
    ['ID=nixos\n', 'other'],
    ['', 'other'],
  ];
  for (const [text, family] of rows) assert.equal(linuxFamily(text), family, text);
});

test('installing_uses_the_rights_that_the_user_has', () => {
  const command = (user) => aptCommands(['xvfb'], user)?.at(-1).join(' ');
  const install = 'apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends xvfb';
  assert.equal(command({ root: true, sudo: false, askPassword: false }), install);
  assert.equal(
    command({ root: false, sudo: true, askPassword: true }),
    `sudo env DEBIAN_FRONTEND=noninteractive ${install}`,
  );
  assert.match(command({ root: false, sudo: true, askPassword: false }), /^sudo -n /, 'nobody can type a password');
  assert.equal(command({ root: false, sudo: false, askPassword: true }), undefined, 'nothing can be installed');
});
