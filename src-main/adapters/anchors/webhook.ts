// A webhook that takes each checkpoint: JSON, signed as Standard Webhooks has it (webhook-id, webhook-timestamp, webhook-signature), so
// that receivers can use a library. A receiver that keeps them may give the newest back to a GET; one that does not is only written to.
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { toBase64, utf8 } from '../../base/bytes.ts';
import { hmacSha256 } from '../../base/hashes.ts';
import type { Anchor, Held } from '../../core/features/audit/index.ts';
import type { Clock } from '../../core/ports.ts';
import { type AnchorAnswer, type AnchorLine, statusFault } from './anchor-request.ts';

export type WebhookParts = {
  readonly address: string;
  /** `whsec_` and base64, or any text; nothing is signed without one. Asked for each time: it may be rotated. */
  secret(): string | undefined;
  readonly clock: Clock;
  readonly line: AnchorLine;
};

/** Of what a receiver gives back, its last: the newest says how far the log went. */
const mostHeld = 50;

export function createWebhookAnchor({ address, secret, clock, line }: WebhookParts): Anchor {
  const url = new URL(address);
  return {
    name: `webhook ${url.host}`,
    kind: 'webhook',
    newestOnly: false,
    everyMs: 0,
    async publish({ origin, size, root, note }, _memo, signal) {
      const now = clock.now();
      // The same for each try, so that a receiver knows one that it has seen.
      const id = `checkpoint_${origin.replaceAll(/[^\w-]/g, '_')}_${size}`;
      const body = JSON.stringify({
        type: 'audit.checkpoint',
        timestamp: new Date(now).toISOString(),
        data: { origin, size, root: toBase64(root), note },
      });
      const key = secret();
      const answer = await line({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', ...webhookHeaders(id, Math.floor(now / 1000), body, key) },
        body: utf8(body),
        signal,
      });
      if (answer.status < 200 || answer.status > 299) throw statusFault(url, answer);
      return {};
    },
    async *held(_scope, { origin }, _memo, signal) {
      const seconds = Math.floor(clock.now() / 1000);
      const id = `held_${origin.replaceAll(/[^\w-]/g, '_')}_${seconds}`;
      const answer = await line({
        method: 'GET',
        url,
        headers: { accept: 'text/plain', ...webhookHeaders(id, seconds, '', secret()) },
        signal,
      });
      for (const note of heldNotes(url, answer)) {
        const held: Held = { note };
        yield held;
      }
    },
  };
}

/** None where the receiver doesn't give checkpoints back, however it says so. */
function heldNotes(url: URL, answer: AnchorAnswer): string[] {
  const { status, headers, body } = answer;
  if (status >= 500 && status !== 501) throw statusFault(url, answer);
  if (status !== 200 || headers['content-type']?.split(';')[0]?.trim() !== 'text/plain') return [];
  return splitNotes(body.toString('utf8')).notes.slice(-mostHeld);
}

/** Headers of Standard Webhooks; HMAC-SHA256 over id, time and body. */
export function webhookHeaders(
  id: string,
  seconds: number,
  body: string,
  secret: string | undefined,
): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(seconds) };
  if (secret === undefined) return headers;
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : utf8(secret);
  return { ...headers, 'webhook-signature': `v1,${toBase64(hmacSha256(key, `${id}.${seconds}.${body}`))}` };
}
