// A receiver of checkpoints that keeps them, as docs/anchors.md describes one: takes what is signed, never a smaller size than it has,
// and gives the newest back.
import { createHmac } from 'node:crypto';
import { createLocalServer, type LocalServer, type Taken } from './local-server.ts';

export type WebhookReceiver = LocalServer & { readonly secret: string; readonly notes: string[] };

export async function createWebhookReceiver(): Promise<WebhookReceiver> {
  const key = Buffer.alloc(32, 9);
  const notes: string[] = [];
  const server = await createLocalServer((taken, response) => {
    if (!isSigned(taken, key)) return void response.writeHead(401).end();
    if (taken.method === 'GET') {
      return void response.writeHead(200, { 'content-type': 'text/plain' }).end(notes.slice(-5).join(''));
    }
    const { type, data } = JSON.parse(taken.body.toString('utf8'));
    if (type !== 'audit.checkpoint') return void response.writeHead(400).end();
    if (!notes.includes(data.note)) notes.push(data.note);
    response.writeHead(204).end();
  });
  return Object.assign(server, { secret: `whsec_${key.toString('base64')}`, notes });
}

function isSigned({ headers, body }: Taken, key: Buffer): boolean {
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body.toString('utf8')}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}
