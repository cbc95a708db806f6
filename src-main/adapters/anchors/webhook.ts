// A webhook that takes each checkpoint: JSON, signed as Standard Webhooks has it (webhook-id, webhook-timestamp, webhook-signature), so
// that receivers can use a library. What the receiver does with it can't be asked back.
import { toBase64, utf8 } from '../../base/bytes.ts';
import { hmacSha256 } from '../../base/hashes.ts';
import type { Anchor } from '../../core/features/audit/index.ts';
import type { Clock } from '../../core/ports.ts';
import { type AnchorLine, statusFault } from './anchor-request.ts';

export type WebhookParts = {
  readonly address: string;
  /** `whsec_` and base64, or any text; nothing is signed without one. Asked for each time: it may be rotated. */
  secret(): string | undefined;
  readonly clock: Clock;
  readonly line: AnchorLine;
};

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
  };
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
