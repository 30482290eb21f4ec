// What Node clients see when they post 6 MB that nobody wants: node early_refusal.mjs PORT PATH
// Prints one line a case, "<case> <status> <body>"; fails when a client sees a reset instead.
import http from 'node:http';

const [port, path] = [Number(process.argv[2]), process.argv[3]];
const body = Buffer.alloc(6_000_000, 'x');
const headers = {
  'Content-Type': 'application/json',
  Authorization: 'Bearer 00000000-0000-4000-8000-000000000000',
};

async function byFetch() {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body });
  return [reply.status, await reply.text()];
}

function byHttp(extra, sendBody) {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, path, method: 'POST', host: '127.0.0.1',
      headers: { ...headers, 'Content-Length': body.length, ...extra } });
    request.on('error', reject);
    request.on('continue', () => reject(new Error('the server asked for the body')));
    request.on('response', (reply) => {
      let text = '';
      reply.on('data', (piece) => { text += piece; });
      reply.on('end', () => { resolve([reply.statusCode, text]); request.destroy(); });
    });
    if (sendBody) request.end(body);
    else request.flushHeaders();
  });
}

const cases = {
  fetch: byFetch,
  http: () => byHttp({}, true),
  expect: () => byHttp({ Expect: '100-continue' }, false),
};
for (const [name, run] of Object.entries(cases)) {
  const [status, text] = await run();
  console.log(name, status, text);
}
process.exit(0);
