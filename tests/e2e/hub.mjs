// A hub of models on this machine: it answers what Lethe asks a hub, and remembers what it was asked.
//
// Models are on a second port, to which the hub points, as the real one points to its hosts of contents. They honour
// ranges, and come as slowly as a test wants. Nothing is gated here, and a list of files is never longer than one page:
// the fake hub of the Rust tests has both.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const CHUNK = 1 << 16; // bytes

const digest = (algorithm, content) => createHash(algorithm).update(content).digest('hex');

export class Hub {
  /** What it was asked: method, host and path. */
  requests = [];
  /** Bytes a second in which models come, all connections together; null: as fast as they can. */
  pace = null;
  /** Whether the host of contents says no to everybody. */
  refuses = false;
  /** Bytes of models that went out. */
  sent = 0;

  #repositories = [];
  #servers = [];
  /** When the pace lets the next bytes go, in the clock of `performance`. */
  #free = 0;

  static async start() {
    const hub = new Hub();
    const sides = [(request, url) => hub.#asHub(request, url), (request, url) => hub.#asContents(request, url)];
    for (const answer of sides) {
      const server = createServer((request, response) => void hub.#serve(answer, request, response));
      // None is closed just when it is used again.
      server.keepAliveTimeout = 600_000;
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      hub.#servers.push(server);
    }
    return hub;
  }

  /** Host and port of the hub itself, and of where its models are. */
  get hosts() {
    return this.#servers.map((server) => `127.0.0.1:${server.address().port}`);
  }

  /** With these Lethe asks this hub and no other, with no access token that someone has. */
  get environment() {
    return { HF_ENDPOINT: `http://${this.hosts[0]}`, HF_TOKEN: '', LETHE_OFFLINE: '0' };
  }

  /**
   * Puts a repository there. Models, by their ending, are kept as large files.
   * @param {string} id "owner/name"
   * @param {{license: string, downloads: number, files: Record<string, Buffer | string | {claims: number}>}} content
   *   a file that `claims` a number of bytes is only listed, and can't be had
   */
  add(id, { license, downloads, files }) {
    const known = Object.entries(files).map(([path, text]) => {
      const { claims } = text;
      const content = claims === undefined ? Buffer.from(text) : { length: claims };
      const large = path.endsWith('.gguf');
      const git = Buffer.concat([Buffer.from(`blob ${content.length}\0`), claims === undefined ? content : Buffer.from(path)]);
      const oid = digest('sha1', git);
      return { path, content, oid, sha256: large ? digest('sha256', claims === undefined ? content : path) : null };
    });
    const repository = { id, owner: id.split('/')[0], license, downloads, files: known, commit: digest('sha1', id) };
    this.#repositories.push(repository);
  }

  async end() {
    const closed = (server) => new Promise((resolve) => server.close(resolve).closeAllConnections());
    await Promise.all(this.#servers.map(closed));
  }

  async #serve(answer, request, response) {
    const { method, headers } = request;
    const url = new URL(request.url, `http://${headers.host}`);
    this.requests.push({ method, host: url.host, path: url.pathname });
    // Whoever asks may hang up at any time.
    response.on('error', () => {});
    const reply = answer(request, url);
    const body = reply.body ?? Buffer.alloc(0);
    response.writeHead(reply.status ?? 200, { 'Content-Length': body.length, ...reply.headers });
    if (method !== 'HEAD') await (reply.large ? this.#send(body, response) : response.write(body));
    response.end();
  }

  /** A piece at a time, so that the pace holds for all connections together. */
  async #send(body, response) {
    for (let at = 0; at < body.length && !response.destroyed; at += CHUNK) {
      const piece = body.subarray(at, at + CHUNK);
      await this.#turn(piece.length);
      if (response.destroyed) return;
      this.sent += piece.length;
      if (!response.write(piece) && !response.destroyed) {
        const heard = new AbortController();
        const either = ['drain', 'close'].map((event) => once(response, event, { signal: heard.signal }));
        await Promise.race(either).catch(() => {});
        either.forEach((event) => event.catch(() => {}));
        heard.abort();
      }
    }
  }

  async #turn(bytes) {
    if (this.pace === null) return;
    const now = performance.now();
    this.#free = Math.max(now, this.#free) + (bytes / this.pace) * 1000;
    await new Promise((resolve) => setTimeout(resolve, this.#free - now));
  }

  #asHub(request, url) {
    const parts = partsOf(url);
    if (parts[0] === 'api' && parts[1] === 'models') {
      const [, , owner, name, what, revision = 'main'] = parts;
      if (owner === undefined) return json(this.#found(url.searchParams).map(about));
      const { repository, refusal: refused } = this.#repository(`${owner}/${name}`, revision);
      if (refused) return refused;
      if (what === 'tree') return json(repository.files.map(line));
      return what === undefined || what === 'revision' ? json(about(repository)) : { status: 404 };
    }
    const [owner, name, what, revision, ...path] = parts;
    if (what !== 'raw' && what !== 'resolve') return { status: 404 };
    const { repository, refusal: refused } = this.#repository(`${owner}/${name}`, revision);
    if (refused) return refused;
    const file = repository.files.find((other) => other.path === path.join('/'));
    const commit = { 'X-Repo-Commit': repository.commit };
    if (!file) return refusal('EntryNotFound', 'Entry not found', commit);
    if (what === 'raw' || file.sha256 === null) return ranged(request, file, commit);
    const location = `http://${this.hosts[1]}/${repository.id}/${repository.commit}/${file.path}?Signature=signed`;
    const linked = { 'X-Linked-Size': file.content.length, 'X-Linked-Etag': tagOf(file), 'Accept-Ranges': 'bytes' };
    return { status: 302, headers: { Location: location, ...commit, ...linked } };
  }

  #asContents(request, url) {
    if (this.refuses) return { status: 403 };
    const [owner, name, commit, ...path] = partsOf(url);
    const { repository } = this.#repository(`${owner}/${name}`, commit);
    const file = repository?.files.find((other) => other.path === path.join('/'));
    return file ? { ...ranged(request, file, {}), large: true } : { status: 404 };
  }

  #found(query) {
    const words = (query.get('search') ?? '').toLowerCase();
    const author = query.get('author');
    return this.#repositories
      .filter(({ id, owner }) => id.toLowerCase().includes(words) && (author === null || author === owner))
      .toSorted((a, b) => b.downloads - a.downloads)
      .slice(0, Number(query.get('limit') ?? 100));
  }

  #repository(id, revision) {
    const repository = this.#repositories.find((other) => other.id === id);
    if (!repository) return { refusal: refusal('RepoNotFound', 'Repository not found') };
    if (revision === 'main' || revision === repository.commit) return { repository };
    return { refusal: refusal('RevisionNotFound', 'Invalid rev id') };
  }
}

const partsOf = (url) => url.pathname.split('/').filter(Boolean).map(decodeURIComponent);

const tagOf = ({ sha256, oid }) => `"${sha256 ?? oid}"`;

const json = (value) => ({ headers: { 'Content-Type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) });

const refusal = (code, message, headers = {}) => ({
  ...json({ error: message }),
  status: 404,
  headers: { 'Content-Type': 'application/json', 'X-Error-Code': code, 'X-Error-Message': message, ...headers },
});

/** What a search and the repository itself say. */
const about = ({ id, owner, commit, license, downloads, files }) => ({
  id,
  modelId: id,
  author: owner,
  sha: commit,
  lastModified: '2026-09-02T10:20:30.000Z',
  private: false,
  gated: false,
  disabled: false,
  downloads,
  likes: Math.floor(downloads / 10),
  tags: [...(files.some(({ path }) => path.endsWith('.gguf')) ? ['gguf'] : []), `license:${license}`],
  cardData: { license },
  siblings: files.map(({ path }) => ({ rfilename: path })),
});

/** A line of a list of files. */
const line = ({ path, content: { length: size }, oid, sha256 }) => ({
  type: 'file',
  oid,
  size,
  path,
  ...(sha256 !== null && { lfs: { oid: sha256, size, pointerSize: 135 } }),
});

/** A file, or the range of it that was asked for. */
function ranged({ headers }, file, more) {
  const { content } = file;
  const common = { ETag: tagOf(file), 'Accept-Ranges': 'bytes', ...more };
  const asked = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (!asked || (headers['if-range'] ?? tagOf(file)) !== tagOf(file)) return { headers: common, body: content };
  const from = Number(asked[1]);
  const last = Math.min(asked[2] === '' ? Infinity : Number(asked[2]), content.length - 1);
  if (from > last) return { status: 416, headers: { ...common, 'Content-Range': `bytes */${content.length}` } };
  const range = { 'Content-Range': `bytes ${from}-${last}/${content.length}` };
  return { status: 206, headers: { ...common, ...range }, body: content.subarray(from, last + 1) };
}
