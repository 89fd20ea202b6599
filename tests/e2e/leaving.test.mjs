// The window can't be led away from Lethe's own pages, not even by a script in the page, and asks no other machine.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { inWindow } from './window.mjs';

/** A server on this machine that keeps what it is asked, to be led to. */
async function trap() {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'text/html');
    response.end('<h1>Elsewhere</h1>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { asked, address: `http://127.0.0.1:${server.address().port}/away`, close: () => server.close() };
}

/** Each in the page, with an address to go to. */
const WAYS = [
  ['a form that sends', (to) => {
    const form = Object.assign(document.createElement('form'), { action: to, method: 'get' });
    form.innerHTML = '<input name=q value=secret>';
    document.body.append(form);
    form.submit();
  }],
  ['a form that posts to a new window', (to) => {
    const form = Object.assign(document.createElement('form'), { action: to, method: 'post', target: '_blank' });
    document.body.append(form);
    form.requestSubmit();
  }],
  ['location', (to) => void (location = to)],
  ['location.replace', (to) => location.replace(to)],
  ['location.assign', (to) => location.assign(to)],
  ['top', (to) => void (top.location.href = to)],
  ['window.open', (to) => void open(to)],
  ['window.open in this window', (to) => void open(to, '_self')],
  ['a link', (to) => {
    const link = Object.assign(document.createElement('a'), { href: to, textContent: 'x' });
    document.body.append(link);
    link.click();
  }],
  ['a link to a new window', (to) => {
    const link = Object.assign(document.createElement('a'), { href: to, target: '_blank', textContent: 'x' });
    document.body.append(link);
    link.click();
  }],
  ['a link that downloads', (to) => {
    const link = Object.assign(document.createElement('a'), { href: to, download: 'x.html', textContent: 'x' });
    document.body.append(link);
    link.click();
  }],
  ['meta refresh', (to) => {
    const meta = Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: `0;url=${to}` });
    document.head.append(meta);
  }],
  ['a frame', (to) => document.body.append(Object.assign(document.createElement('iframe'), { src: to }))],
  ['a frame with its page in it', (to) =>
    document.body.append(Object.assign(document.createElement('iframe'), {
      srcdoc: `<meta http-equiv=refresh content="0;url=${to}"><img src="${to}">`,
    }))],
  ['an object', (to) => document.body.append(Object.assign(document.createElement('object'), { data: to }))],
  ['an embedded page', (to) => document.body.append(Object.assign(document.createElement('embed'), { src: to }))],
  ['another base', (to) => {
    document.head.append(Object.assign(document.createElement('base'), { href: to }));
    const link = Object.assign(document.createElement('a'), { textContent: 'x' });
    link.setAttribute('href', 'further');
    document.body.append(link);
    // Where the base is refused, the link leads to a page of Lethe's own.
    if (!link.href.startsWith(location.origin)) link.click();
  }],
  ['a picture', (to) => void (new Image().src = to)],
  ['fetch', (to) => void fetch(to, { mode: 'no-cors' }).catch(() => {})],
  ['a beacon', (to) => void navigator.sendBeacon(to, 'x')],
  ['a socket', (to) => {
    try {
      new WebSocket(to.replace('http', 'ws'));
    } catch {
      // Refused at once is as good.
    }
  }],
  ['a style sheet', (to) =>
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: to }))],
  ['a prefetch', (to) =>
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: to }))],
];

test('nothing_in_the_page_leads_the_window_away', inWindow(async (lethe) => {
  const there = await trap();
  try {
    const here = await lethe.run(() => location.origin);
    for (const [what, way] of WAYS) {
      await lethe.run((name) => document.body.setAttribute('data-mark', name), what);
      await lethe.run(way, there.address);
      // The page answers after the navigation was decided: two frames and a command of the window lie between.
      const mark = await lethe.run(async () => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        await window.__TAURI_INTERNALS__.invoke('app_state');
        return [location.origin, document.body.getAttribute('data-mark')];
      });
      assert.deepEqual(mark, [here, what], `${what} leaves the page as it was`);
    }
    for (const to of ['file:///etc/hosts', 'data:text/html,<h1>Elsewhere</h1>', 'about:blank']) {
      await lethe.run((to) => {
        const link = Object.assign(document.createElement('a'), { href: to, textContent: 'x' });
        document.body.append(link);
        link.click();
      }, to);
      await lethe.run(() => window.__TAURI_INTERNALS__.invoke('app_state'));
      assert.equal(await lethe.run(() => location.origin), here, `${to} is not opened`);
    }
    assert.equal(await lethe.run(() => document.querySelector('.window') !== null), true, 'Lethe is still there');
    assert.equal((await lethe.session.windows()).length, 1, 'there is one window');
    // The trap is open: what the test itself asks arrives, after everything that was sent before.
    await fetch(`${there.address}?own`);
    assert.deepEqual(there.asked, ['GET /away?own'], 'no other request was made');
  } finally {
    there.close();
  }
}));
