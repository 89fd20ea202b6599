// A signed feed in a folder, as `lethe-cli list publish` makes it. Whoever reads it needs no network.

import { join } from 'node:path';

export class Feed {
  constructor(place) {
    this.place = place;
    this.folder = join(place.folder, 'site');
    this.root = join(this.folder, 'metadata', '1.root.json');
    this.timestamp = join(this.folder, 'metadata', 'timestamp.json');
  }

  /** All that is on the list from now on. */
  publish(...people) {
    const entries = this.place.list('requests.jsonl', ...people);
    const keys = join(this.place.folder, 'keys');
    this.place.cli('list', 'publish', '--keys', keys, '--repo', this.folder, '--in', entries);
  }

  /** The form of the window takes web addresses only, the terminal takes a folder too. */
  subscribe(name, address = this.folder) {
    this.place.cli('list', 'subscribe', '--name', name, '--url', address, '--root', this.root);
  }
}
