// `gatehouse keys …`: making, listing and revoking API keys.
import type { EventSigning } from '../../../src-shared/contract/access.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

type KeyFlags = TargetFlags & {
  readonly name: string;
  readonly scope: readonly string[];
  readonly expires?: string;
  readonly eventSigning?: EventSigning;
  readonly json?: boolean;
};

export async function createKey(flags: KeyFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const expiresAt = flags.expires === undefined ? undefined : expiry(flags.expires, Date.now());
  const key = await client.call('keys.create', {
    name: flags.name,
    scopes: [...flags.scope],
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...(flags.eventSigning === undefined ? {} : { event_signing: flags.eventSigning }),
  });
  // The key alone on standard output, so that it can be piped into a secret store without being shown; its event secret on a second line.
  const plain = key.hmac_secret === undefined ? key.key : `${key.key}\n${key.hmac_secret}`;
  process.stdout.write(`${flags.json === true ? JSON.stringify(key) : plain}\n`);
  process.stderr.write(`key ${key.id} "${key.name}" can ${key.scopes.join(', ')}; it is shown this once\n`);
}

export async function listKeys(flags: TargetFlags & { json?: boolean }): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const rows: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('keys.list', { limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    for (const key of page.items) {
      if (flags.json === true) process.stdout.write(`${JSON.stringify(key)}\n`);
      else {
        rows.push([key.id, key.name, key.state, key.event_signing, key.scopes.join(' '), key.last_used_at ?? 'never']);
      }
    }
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  if (flags.json !== true) printTable(['ID', 'NAME', 'STATE', 'SIGNING', 'SCOPES', 'LAST USED'], rows);
}

export async function revokeKey(id: string, flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await client.call('keys.revoke', { id });
}

const unitsMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30d`, `12h`, `2w`, or a time as RFC 3339. */
export function expiry(text: string, now: number): string {
  const span = /^(\d{1,4})([hdw])$/.exec(text);
  if (span !== null) return new Date(now + Number(span[1]) * (unitsMs[span[2] ?? ''] ?? 0)).toISOString();
  if (Number.isNaN(Date.parse(text))) {
    throw new CommandFailure(`--expires ${text} is neither a span nor a time`, {
      hint: 'write 30d, 12h, 2w or 2027-01-31T00:00:00Z',
    });
  }
  return new Date(text).toISOString();
}
