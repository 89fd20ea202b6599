// A server on this machine that speaks the protocol of OpenAI: it answers each question with what a test said before, as
// fast as the question says. It runs in a thread of its own, because `lethe-cli` asks it while a test waits for `lethe-cli`.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Its only model. */
const NAME = 'scripted';
const CONTEXT = 1_000_000; // tokens
/** How often due tokens are sent; two at most at 200 tokens a second. */
const EVERY = 5; // milliseconds

export class Endpoint {
  /**
   * A server with an answer for each question.
   * @param {Record<string, {tokens: string[], rate?: number}>} answers by question; without a `rate` in tokens a second an
   *   answer comes at once
   */
  static async start(answers) {
    const endpoint = new Endpoint();
    endpoint.worker = new Worker(new URL(import.meta.url), { workerData: { answers } });
    const [port] = await once(endpoint.worker, 'message');
    endpoint.address = `http://127.0.0.1:${port}/v1`;
    return endpoint;
  }

  /** Makes its model known, so that the window begins with it. */
  useIn(place) {
    place.variables = { LETHE_OFFLINE: '0', HF_ENDPOINT: 'http://127.0.0.1:9' };
    place.cli('model', 'remote', this.address, '--model', NAME);
  }

  async end() {
    await this.worker.terminate();
  }
}

if (!isMainThread && workerData?.answers) {
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
}

async function serve(request, response) {
  // Whoever asks may hang up at any time.
  response.on('error', () => {});
  if (request.method === 'GET') {
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ object: 'list', data: [{ id: NAME, max_model_len: CONTEXT }] }));
  }
  const parts = [];
  for await (const part of request) parts.push(part);
  const { messages } = JSON.parse(Buffer.concat(parts).toString());
  const answer = workerData.answers[messages.at(-1).content];
  if (!answer) return response.writeHead(500).end('no answer was prepared for this question');

  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const send = (data) => response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  await stream(answer, (token) => send({ choices: [{ index: 0, delta: { content: token } }] }));
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  send('[DONE]');
  response.end();
}

/** Sends each token when it is due, counted from the beginning, so that a late timer does not slow the answer down. */
async function stream({ tokens, rate = Infinity }, send) {
  const start = performance.now();
  for (let sent = 0; sent < tokens.length; ) {
    const due = rate === Infinity ? tokens.length : 1 + Math.floor(((performance.now() - start) * rate) / 1000);
    for (; sent < Math.min(due, tokens.length); sent += 1) send(tokens[sent]);
    if (sent < tokens.length) await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}
