// Reading one alert over HTTPS with a key, against a bare node:https server that answers a fixed body of the same size (spec 02).

import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:https';
import { admin, clientOf, createProfile, enrolAdmin, startNode } from '../support/node.ts';
import { inPairs, load, median, report } from './measure.ts';

const connections = 16;
const durationMs = 3_000;

if (process.argv[2] === 'bare-server') {
  const [key, cert, body] = [process.argv[3] ?? '', process.argv[4] ?? '', process.argv[5] ?? ''].map((text) =>
    Buffer.from(text, 'base64'),
  );
  const server = createServer({ key, cert }, (_, response) => {
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
}

export async function benchApiRead(): Promise<void> {
  using profile = createProfile({
    GATEHOUSE_ADMIN_USERNAME: admin.username,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
  });
  const node = await startNode(profile);
  const { token } = await enrolAdmin(node);
  using client = clientOf(node, token);
  await client.call('events.ingest', {
    events: Array.from({ length: 20 }, (_, index) => ({
      id: randomUUID(),
      time: new Date(Date.now() - 60_000 + index * 1000).toISOString(),
      source: 'bench',
      event_type: 'login',
      actor: 'alice',
      success: false,
      ip_address: '203.0.113.7',
    })),
  });
  const { items } = await client.call('alerts.list', {});
  const { key } = await client.call('keys.create', { name: 'bench', scopes: ['alerts.read'] });
  const path = `/api/v1/admin/security/alerts/${items[0]?.id}`;
  const ca = readFileSync(node.ca, 'utf8');
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca });
  const fetchOne = (url: URL, headers: Record<string, string>, from: Agent): Promise<string> =>
    new Promise((resolve, reject) => {
      get(url, { headers, agent: from }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`)),
        );
      }).on('error', reject);
    });
  const ours = new URL(path, node.url);
  const headers = { authorization: `Bearer ${key}` };
  const body = await fetchOne(ours, headers, agent);
  const bare = await bareServer(body);
  const bareAgent = new Agent({ keepAlive: true, maxSockets: connections, rejectUnauthorized: false });
  const pairs = await inPairs(
    3,
    () => load(connections, durationMs, async () => void (await fetchOne(ours, headers, agent))),
    () => load(connections, durationMs, async () => void (await fetchOne(bare.url, {}, bareAgent))),
  );
  const rate = median(pairs.map((pair) => pair.ours.perSecond / pair.theirs.perSecond));
  const tail = median(pairs.map((pair) => pair.ours.p99Ms / pair.theirs.p99Ms));
  const last = pairs.at(-1);
  report(
    'API: GET one kept alert, req/s',
    rate,
    '≥ 0.50',
    `${last?.ours.perSecond.toFixed(0)}/s of ${last?.theirs.perSecond.toFixed(0)}/s bare, ${body.length} bytes`,
  );
  report(
    'API: GET one kept alert, p99',
    tail,
    '< 4.00',
    `${last?.ours.p99Ms.toFixed(1)} ms of ${last?.theirs.p99Ms.toFixed(1)} ms bare`,
  );
  bare.stop();
  agent.destroy();
  bareAgent.destroy();
  await node.kill('SIGTERM');
}

async function bareServer(body: string): Promise<{ url: URL; stop(): void }> {
  const { createAuthority, issueServerCertificate } = await import('../../src-main/adapters/tls/certificates.ts');
  const { systemClock, systemRandom } = await import('../../src-main/adapters/system/host-parts.ts');
  const authority = await createAuthority(systemRandom, systemClock, 'bench', []);
  const pair = await issueServerCertificate(systemRandom, systemClock, authority, []);
  const child = fork(import.meta.filename, [
    'bare-server',
    Buffer.from(pair.key.reveal()).toString('base64'),
    Buffer.from(pair.cert).toString('base64'),
    Buffer.from(body).toString('base64'),
  ]);
  const [port] = (await once(child, 'message')) as [number];
  return { url: new URL(`https://127.0.0.1:${port}/`), stop: () => void child.kill() };
}
