// Signed events through dispatch: what is refused as a whole, what is judged event by event, and what the record says afterwards.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished, test } from 'vitest';
import { signEvent } from '../../../src-main/base/event-signature.ts';
import { sha256Hex } from '../../../src-main/base/hashes.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { EventSigning } from '../../../src-shared/contract/access.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { canonicalize } from '../../../src-shared/evidence/canonical-json.ts';
import { createTestConsole, type TestConsole, type TestConsoleOptions } from '../../support/console.ts';
import { finished } from '../encryption/encryption-console.ts';

type SigningKey = { readonly id: string; readonly as: Credential; readonly secret: Uint8Array };
type Fields = Record<string, unknown> & { id: string; time: string };

let console: TestConsole;
let session: Credential;

async function open(options?: TestConsoleOptions): Promise<void> {
  const made = await createTestConsole(options);
  onTestFinished(() => made[Symbol.asyncDispose]());
  console = made;
  ({ session } = await console.signIn());
}
beforeEach(() => open());

async function createKey(signing: EventSigning, scopes = ['events.*']): Promise<SigningKey> {
  const made = await console.call('keys.create', { name: signing, scopes, event_signing: signing }, session);
  return {
    id: made.id,
    as: { kind: 'token', token: made.key, from: 'bearer' },
    secret: Buffer.from(made.hmac_secret ?? ''),
  };
}

/** 14:00 is now. */
function event(more: Record<string, unknown> = {}): Fields {
  return { id: randomUUID(), time: '2026-11-21T13:59:00.000Z', source: 'crm', event_type: 'note', ...more };
}

function signed(sent: Fields, { secret }: SigningKey): Fields {
  return { ...sent, signature: signEvent(sent, secret) };
}

const send = (events: unknown[], key: { as: Credential }): Promise<Output<'events.ingest'>> =>
  console.call('events.ingest', { events }, key.as);

async function refusal(events: unknown[], as: Credential): Promise<{ status: number; detail: string }> {
  const before = await total();
  const answer = await console.send('events.ingest', { events }, as);
  if (answer.kind !== 'problem') throw new Error('was taken');
  expect(answer.problem.code).toBe('events/signature');
  expect(await total()).toBe(before);
  return answer.problem;
}

/** Of the senders' events; refused calls become events of the console itself. */
async function total(): Promise<number> {
  return (await console.call('events.list', { source: 'crm', limit: 500 }, session)).items.length;
}

test('a signed event is taken, and record, answer and hash say by which key', async () => {
  const key = await createKey('required');
  const sent = event({
    actor: 'ünïcödé \u{1f600}',
    ip_address: '2001:DB8::1',
    time: '2026-11-21T14:59:00+01:00',
    details: { z: [1e21, -0, 0.1, 5e-324], a: { ﬃ: null, '': true }, text: '\u2028"\\' },
  });
  expect(await send([signed(sent, key)], key)).toEqual({
    accepted: 1,
    duplicates: 0,
    rejected: 0,
    results: [{ index: 0, id: sent.id, status: 'accepted' }],
  });
  const { items } = await console.call('events.list', { source: 'crm' }, session);
  const record = { ...sent, time: '2026-11-21T13:59:00.000Z', ip_address: '2001:db8::1', signed_by: key.id };
  expect(items).toEqual([
    {
      ...record,
      details: JSON.parse(JSON.stringify(sent.details)),
      received_at: '2026-11-21T14:00:00.000Z',
      format: 'api',
      sha256: sha256Hex(canonicalize(record, { integers: 'any' })),
    },
  ]);
});

describe('the whole request is refused, and nothing of it stored', () => {
  it('where one event of a key that must sign is not signed, and it is named', async () => {
    const key = await createKey('required');
    const events = [signed(event(), key), signed(event(), key), event(), event()];
    expect(await refusal(events, key.as)).toMatchObject({
      status: 401,
      detail: expect.stringMatching(/^event 2 is not signed, and this API key accepts signed events only/) as string,
      fields: [{ path: 'events.2.signature' }],
    });
  });

  it('where one of thousands is signed wrongly', async () => {
    const key = await createKey('optional');
    const events = Array.from({ length: 2_000 }, () => signed(event(), key));
    const last = events.at(-1);
    if (last === undefined) throw new Error('expected events');
    last.actor = 'somebody else';
    expect((await refusal(events, key.as)).detail).toMatch(/^event 1999 does not bear the signature/);
    expect(await send(events.slice(0, -1), key)).toMatchObject({ accepted: 1_999 });
  });

  it.each(['required', 'optional'] as const)(
    'for a v1, unmarked, other or wrong signature of a key: %s',
    async (mode) => {
      const key = await createKey(mode);
      const other = await createKey(mode);
      const sent = event();
      const { value } = signEvent(sent, key.secret);
      const wrong: unknown[] = [
        null,
        value,
        { alg: 'HMAC-SHA256', value },
        { alg: 'HMAC-SHA256', canon: 'v1', value },
        { alg: 'HMAC-SHA512', canon: 'v2', value },
        { alg: 'HMAC-SHA256', canon: 'v2', value: 'AAAA' },
        { alg: 'HMAC-SHA256', canon: 'v2', value: Buffer.alloc(32).toString('base64') },
        { alg: 'HMAC-SHA256', canon: 'v2', value, key: other.id },
        signEvent(sent, other.secret),
        signEvent({ ...sent, signature: null }, key.secret),
      ];
      for (const signature of wrong) {
        const detail = (await refusal([signed(event(), key), { ...sent, signature }], key.as)).detail;
        expect(detail, JSON.stringify(signature)).toMatch(/^event 1 does not bear the signature of this API key/);
      }
    },
  );

  it('for a signature in a session, or with a key that has no secret', async () => {
    const key = await createKey('optional');
    const plain = await createKey('none');
    const events = [event(), signed(event(), key)];
    expect((await refusal(events, session)).detail).toMatch(/^event 1 is signed, but signatures are those of API keys/);
    expect((await refusal(events, plain.as)).detail).toMatch(/^event 1 is signed, but this API key has no secret/);
    expect(await send([event()], plain)).toMatchObject({ accepted: 1 });
  });

  it('for any leaf that was changed on the way', async () => {
    const key = await createKey('required');
    const sent = event({
      actor: 'alice',
      success: false,
      ip_address: '203.0.113.7',
      user_agent: 'curl',
      resource_type: 'order',
      resource_id: '17',
      action: 'GET',
      session_id: 's',
      trace_id: 't',
      bytes: 12,
      details: { deep: [{ amount: 1.5 }, 'x', null] },
    });
    const whole = signed(sent, key);
    const others: Record<string, unknown> = {
      id: randomUUID(),
      time: '2026-11-21T13:59:00.001Z',
      success: true,
      bytes: 13,
      details: { deep: [{ amount: 1.25 }, 'x', null] },
    };
    for (const field of Object.keys(sent)) {
      const value = others[field] ?? 'other';
      await refusal([{ ...whole, [field]: value }], key.as);
      const { [field]: _, ...without } = whole;
      await refusal([without], key.as);
    }
    await refusal([{ ...whole, details: { deep: [{ amount: 1.5 }, null, 'x'] } }], key.as);
    // The same instant in another spelling is another text, and the text is what was signed.
    await refusal([{ ...whole, time: '2026-11-21T13:59:00Z' }], key.as);
    expect(await send([whole], key)).toMatchObject({ accepted: 1 });
  });

  it('and counts as an unauthorised call', async () => {
    const key = await createKey('required');
    for (let turn = 0; turn < 5; turn += 1) await refusal([event()], key.as);
    console.host.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    const { items } = await console.call('events.list', { source: 'gatehouse', event_type: 'api_call' }, session);
    expect(items).toHaveLength(5);
    expect(items[0]).toMatchObject({
      actor: 'required',
      success: false,
      details: { status: 401, code: 'events/signature' },
    });
  });
});

test('whatever details an event has: signed it is taken, and with another value in them refused', {
  timeout: 60_000,
}, async () => {
  await open({ settings: new Map([['rate_limit.requests_per_minute', 1_000_000]]) });
  const key = await createKey('required');
  const safe = fc.jsonValue({ maxDepth: 3 }).filter((value) => !/\\ud|__proto__/.test(JSON.stringify(value)));
  await fc.assert(
    fc.asyncProperty(safe, fc.nat(), async (value, salt) => {
      const sent = event({ details: { value, salt } });
      await refusal([{ ...signed(sent, key), details: { value, salt: salt + 1 } }], key.as);
      await refusal([{ ...signed(sent, key), details: { value: [value], salt } }], key.as);
      expect(await send([signed(sent, key)], key)).toMatchObject({ accepted: 1 });
    }),
    { numRuns: 60 },
  );
});

test('a signed event that does not fit is rejected by itself, and what is no event is no unsigned one', async () => {
  const key = await createKey('required');
  const misspelt = event({ acter: 'alice' });
  const claimed = event({ signed_by: key.id });
  const answer = await send(
    [signed(misspelt, key), 'line 2: unexpected end', signed(claimed, key), signed(event(), key)],
    key,
  );
  expect(answer.results.map(({ status, reason }) => [status, reason])).toEqual([
    ['rejected', 'acter: unknown field'],
    ['rejected', 'line 2: unexpected end'],
    ['rejected', 'signed_by: unknown field'],
    ['accepted', undefined],
  ]);
});

test('a key that may sign sends both kinds, and only what is signed is marked', async () => {
  const key = await createKey('optional');
  const [plain, bearing] = [event({ actor: 'plain' }), event({ actor: 'bearing' })];
  expect(await send([plain, signed(bearing, key)], key)).toMatchObject({ accepted: 2 });
  const { items } = await console.call('events.list', { source: 'crm' }, session);
  expect(items.map(({ actor, signed_by }) => [actor, signed_by]).sort()).toEqual([
    ['bearing', key.id],
    ['plain', undefined],
  ]);
});

describe('replays', () => {
  it('are acknowledged and stored once, in a batch and across batches', async () => {
    const key = await createKey('required');
    const sent = signed(event(), key);
    expect(await send([sent, sent], key)).toMatchObject({ accepted: 1, duplicates: 1 });
    const again = await send([sent], key);
    expect(again.results).toEqual([{ index: 0, id: sent.id, status: 'duplicate' }]);
    expect(await total()).toBe(1);
  });

  it('with other content keep what was first, and say so', async () => {
    const key = await createKey('optional');
    const first = event({ actor: 'first' });
    const reason = 'the event stored before with this id and time is another, or signed otherwise; it stays';
    await send([first], key);
    for (const second of [event({ ...first, actor: 'second' }), signed(first, key)]) {
      const { results } = await send([second], key);
      expect(results).toEqual([{ index: 0, id: first.id, status: 'duplicate', reason }]);
    }
    const { items } = await console.call('events.list', { source: 'crm' }, session);
    expect(items.map(({ actor, signed_by }) => [actor, signed_by])).toEqual([['first', undefined]]);
  });

  it('are still acknowledged when they come too late to be taken', async () => {
    const key = await createKey('required');
    const sent = signed(event(), key);
    await send([sent], key);
    console.host.advance(48 * 3_600_000);
    expect((await send([sent, signed(event(), key)], key)).results.map(({ status }) => status)).toEqual([
      'duplicate',
      'rejected',
    ]);
  });
});

describe('the time of a signed event', () => {
  const now = Date.UTC(2026, 10, 21, 14);
  const at = (ms: number): string => new Date(now + ms).toISOString();
  const hour = 3_600_000;
  const minute = 60_000;

  it.each([
    ['24 hours old', -24 * hour, 'accepted'],
    ['a millisecond older', -24 * hour - 1, 'rejected'],
    ['of last year', -400 * 24 * hour, 'rejected'],
    ['now', 0, 'accepted'],
    ['5 minutes ahead', 5 * minute, 'accepted'],
    ['a millisecond further ahead', 5 * minute + 1, 'rejected'],
  ])('%s', async (_, offset, status) => {
    const key = await createKey('optional');
    const sent = event({ time: at(offset) });
    const { results } = await send([signed(sent, key)], key);
    expect(results[0]?.status).toBe(status);
    if (status === 'rejected')
      expect(results[0]?.reason).toMatch(/^time: a signed event may be at most (24 hours old|5 min)/);
    // Unsigned ones come from where clocks and queues are nobody's promise.
    expect((await send([event({ time: at(offset) })], key)).results[0]?.status).toBe('accepted');
  });

  it('has the bounds that are set', async () => {
    await open({
      settings: new Map([
        ['events.signed_max_age_hours', 1],
        ['events.signed_max_ahead_minutes', 0],
      ]),
    });
    const key = await createKey('required');
    const times = [at(-hour), at(-hour - 1), at(0), at(1)];
    const { results } = await send(
      times.map((time) => signed(event({ time }), key)),
      key,
    );
    expect(results.map(({ status }) => status)).toEqual(['accepted', 'rejected', 'accepted', 'rejected']);
    expect(results[1]?.reason).toBe('time: a signed event may be at most 1 hours old');
  });
});

describe('the secret', () => {
  it('is shown once and lies sealed; the list shows the mode, the entry neither', async () => {
    const made = await console.call(
      'keys.create',
      { name: 'x', scopes: ['events.write'], event_signing: 'required' },
      session,
    );
    expect(made.hmac_secret).toMatch(/^ghm_[A-Za-z0-9_-]{43}$/);
    const { items } = await console.call('keys.list', {}, session);
    const { key: _, hmac_secret: secret = '', ...shown } = made;
    expect(items).toEqual([shown]);
    expect(shown.event_signing).toBe('required');
    const entries = await console.call('audit.entries', { event_type: 'key_create' }, session);
    expect(entries.items[0]?.details).toMatchObject({ name: 'x', event_signing: 'required' });
    expect(JSON.stringify([items, entries, console.host.logged])).not.toContain(secret.slice(4));
    await console.core.stop();
    for (const file of ['store.db', 'store.db-wal']) {
      try {
        expect(readFileSync(join(console.folder, file)).includes(secret.slice(4))).toBe(false);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      }
    }
  });

  it('is there for keys that sign only, and each has its own', async () => {
    const plain = await console.call('keys.create', { name: 'x', scopes: ['events.write'] }, session);
    expect(plain).toMatchObject({ event_signing: 'none' });
    expect(plain).not.toHaveProperty('hmac_secret');
    expect((await createKey('optional')).secret).not.toEqual((await createKey('optional')).secret);
  });

  it('goes on being right when the sealing key is rotated', async () => {
    const key = await createKey('required');
    await console.call('encryption.rotate', { key: 'sealing' }, session);
    expect(await finished(console, session)).toMatchObject({ state: 'finished' });
    expect(await send([signed(event(), key)], key)).toMatchObject({ accepted: 1 });
  });

  it('is of no use once the key is revoked', async () => {
    const key = await createKey('required');
    await console.call('keys.revoke', { id: key.id }, session);
    const answer = await console.send('events.ingest', { events: [signed(event(), key)] }, key.as);
    expect(answer).toMatchObject({ problem: { code: 'access/unauthenticated' } });
  });
});

describe('a key that must sign finds no way round', () => {
  it('by importing files', async () => {
    const key = await createKey('required');
    expect(await console.send('imports.start', { name: 'x.log' }, key.as)).toMatchObject({
      problem: { code: 'events/signature', detail: expect.stringContaining('import files with another') as string },
    });
    const { id } = await console.call('imports.start', { name: 'x.log' }, session);
    const append = { id, offset: 0, data: new Uint8Array(1) };
    expect(await console.send('imports.append', append, key.as)).toMatchObject({
      problem: { code: 'events/signature' },
    });
  });

  it('by making a key that need not', async () => {
    const key = await createKey('required', ['events.write', 'alerts.read', 'keys.manage']);
    const make = (scopes: string[], event_signing?: EventSigning) =>
      console.send(
        'keys.create',
        { name: 'x', scopes, ...(event_signing === undefined ? {} : { event_signing }) },
        key.as,
      );
    expect(await make(['events.write'])).toMatchObject({ problem: { code: 'access/key-scope' } });
    expect(await make(['events.write'], 'optional')).toMatchObject({ problem: { code: 'access/key-scope' } });
    expect(await make(['events.write'], 'required')).toMatchObject({ kind: 'output' });
    expect(await make(['alerts.read'])).toMatchObject({ kind: 'output' });
  });
});

describe('what the detectors hear', () => {
  async function titles(): Promise<string[]> {
    const { items } = await console.call('alerts.list', { limit: 100 }, session);
    return items.map(({ title }) => title);
  }

  it('of events that come again after their time, and of others under a known id, once a request', async () => {
    const key = await createKey('required');
    const kept = event();
    await send([signed(kept, key)], key);
    // A sender that had no answer sends the same again; one with a wrong clock is early.
    await send([signed(kept, key), signed(event({ time: '2026-11-21T18:00:00.000Z' }), key)], key);
    expect(await titles()).toEqual([]);
    const old = Array.from({ length: 3 }, () => signed(event({ time: '2026-11-01T10:00:00.000Z' }), key));
    await send([...old, signed({ ...kept, source: 'other' }, key)], key);
    expect(await titles()).toEqual(['4 replayed events from 192.0.2.10']);
  });

  it('of events that bear no or another signature', async () => {
    const key = await createKey('required');
    const other = await createKey('required');
    await refusal([event()], key.as);
    await refusal([signed(event(), other)], key.as);
    console.host.advance(1_000);
    await expect.poll(titles).toContain('Badly signed events from 192.0.2.10');
  });
});
