// Bundles step by step: files attached, sealing in the background, the file as it is fetched; what is refused, and what a stop leaves.
import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { sha256Hex } from '../../../src-main/base/hashes.ts';
import { type Credential, StreamedDocument } from '../../../src-main/core/dispatch/arrival.ts';
import type { Database } from '../../../src-main/core/ports.ts';
import type { BundleState } from '../../../src-shared/contract/bundles.ts';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { verifyBundle } from '../../../src-shared/evidence/verify-bundle.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

async function sealed(console: TestConsole, as: Credential, id: string): Promise<BundleState> {
  await console.call('bundles.seal', { id }, as);
  for (;;) {
    const state = await console.call('bundles.state', { id }, as);
    if (state.state !== 'sealing') return state;
    // Setting a report takes seconds, and the limiter's clock stands still.
    await sleep(20);
  }
}

async function bundleOf(console: TestConsole, as: Credential, input: CallInput<'bundles.start'>) {
  const { id } = await console.call('bundles.start', input, as);
  const state = await sealed(console, as, id);
  expect(state).toMatchObject({ state: 'ready', error: null });
  const text = await console.call('bundles.fetch', { id }, as);
  const { verifier_key } = await console.call('audit.public_key', {}, as);
  const verdict = verifyBundle(nodePrimitives, Buffer.from(text), { trustedKeys: [verifier_key] });
  return { id, state, text, verdict };
}

const chunk = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text));

test('a bundle with attached files verifies, says what is in it, and leaves one entry', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  const { id } = await console.call('bundles.start', { reason: 'review', include: ['public_key'] }, session);
  await console.call('bundles.attach', { id, name: 'scan.txt', offset: 0, data: chunk('first half, ') }, session);
  const open = await console.call(
    'bundles.attach',
    { id, name: 'scan.txt', offset: 12, data: chunk('second half') },
    session,
  );
  const sha256 = sha256Hex(chunk('first half, second half'));
  expect(open).toMatchObject({ state: 'open', attachments: [{ name: 'scan.txt', size: 23, sha256 }], bundle: null });
  const state = await sealed(console, session, id);
  const text = await console.call('bundles.fetch', { id }, session);
  const key = await console.call('audit.public_key', {}, session);
  const verdict = verifyBundle(nodePrimitives, Buffer.from(text), { trustedKeys: [key.verifier_key] });
  expect(verdict.verdict).toBe('VERIFIED');
  expect(verdict.manifest).toMatchObject({
    reason: 'review',
    attachments: [
      { name: 'scan.txt', media_type: 'text/plain', size: 23, sha256 },
      { name: 'console.vkey', media_type: 'text/plain', size: key.verifier_key.length + 1 },
    ],
  });
  expect(state.bundle).toMatchObject({
    entries: verdict.manifest?.counts.entries,
    whole_range: true,
    root_hash: Buffer.from(verdict.root ?? []).toString('hex'),
    content_digest: verdict.manifest?.content_digest.value,
    size_bytes: Buffer.byteLength(text),
  });
  // It can be fetched again, and is the same to the byte although the log has grown.
  expect(await console.call('bundles.fetch', { id }, session)).toBe(text);
  const { items } = await console.call('audit.entries', { event_type: 'audit_export' }, session);
  expect(items).toEqual([
    expect.objectContaining({
      action: 'bundles.seal',
      success: true,
      details: expect.objectContaining({
        entries: state.bundle?.entries,
        root_hash: state.bundle?.root_hash,
        attachments: [
          { name: 'scan.txt', sha256 },
          { name: 'console.vkey', sha256: expect.any(String) },
        ],
        reason: 'review',
        filter: null,
      }),
    }),
  ]);
});

test('the same bundle as in one call, for whole ranges and filters over several pages', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 130; n++) {
    await console.createKey(['events.read'], session);
    if (n % 10 === 0) await console.call('auth.step_up', { code: '000000' }, session).catch(() => undefined);
  }
  console.host.advance(60_000);
  for (const filter of [{ from_seq: 3, to_seq: 120 }, { event_type: 'key_create' as const }, { actor: 'mira' }]) {
    const { text, verdict } = await bundleOf(console, session, filter);
    const once = await console.call('audit.export', filter, session);
    expect(verdict.verdict).toBe('event_type' in filter || 'actor' in filter ? 'VERIFIED WITH LIMITS' : 'VERIFIED');
    // The checkpoint has moved on with the entry of the first export; the entries are the same.
    const entriesOf = (bundle: string): unknown[] => {
      const { entries } = JSON.parse(bundle) as { entries: { leaf: unknown; open: unknown }[] };
      return entries.map(({ leaf, open }) => ({ leaf, open }));
    };
    if (!('actor' in filter)) expect(entriesOf(once)).toEqual(entriesOf(text));
  }
});

test('entries about one thing can be chosen, and the filter stands in the bundle', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 3; n++) await console.createKey(['events.read'], session);
  const { items } = await console.call('audit.entries', { event_type: 'key_create' }, session);
  const resource = items[1]?.resource;
  const about = { resource_type: resource?.type ?? '', resource_id: resource?.id ?? '' };
  const { verdict, text } = await bundleOf(console, session, { ...about, reason: 'one key' });
  expect(verdict.manifest?.counts.entries).toBe(1);
  // One entry has no gap, but that no other is about the key is not proven by that.
  expect(verdict.verdict).toBe('VERIFIED WITH LIMITS');
  expect(verdict.manifest).toMatchObject({
    filter: { ...about, workspace: 'default' },
    range: { from: 1, to: verdict.manifest?.tree_size },
  });
  expect(text).toContain(about.resource_id);
  const kind = await bundleOf(console, session, { resource_type: about.resource_type, from_seq: 2 });
  expect(kind.verdict.manifest?.counts.entries).toBe(3);
  for (const bad of [
    { resource_id: about.resource_id },
    { ...about, redact: 'all' as const },
    { actor: 'mira', redact: 'people' as const },
  ]) {
    await expect(console.call('bundles.start', bad, session)).rejects.toMatchObject({
      problem: { code: 'request/invalid' },
    });
  }
});

describe('what is refused', () => {
  test('a report of more entries than can be set, with words that say how it is made', async () => {
    await using console = await createTestConsole({ mostReported: 2 });
    const { session } = await console.signIn();
    const { id } = await console.call('bundles.start', { include: ['pdf'], from_seq: 1, to_seq: 3 }, session);
    expect(await sealed(console, session, id)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(
        /these are 3 entries, and the report goes into bundles of up to 2; .* gatehouse audit render FILE --out report\.pdf$/,
      ),
    });
    const most = await console.call('bundles.start', { include: ['pdf'], from_seq: 1, to_seq: 2 }, session);
    expect(await sealed(console, session, most.id)).toMatchObject({
      state: 'ready',
      attachments: [{ name: 'report.pdf' }],
    });
    const without = await console.call('bundles.start', { from_seq: 1, to_seq: 3 }, session);
    expect(await sealed(console, session, without.id)).toMatchObject({ state: 'ready' });
  });

  test('bundles of others, unknown ones, steps out of order, and bad files', async () => {
    await using console = await createTestConsole();
    const { session } = await console.signIn();
    const other = await console.createKey(['audit.export'], session);
    const { id } = await console.call('bundles.start', {}, session);
    const refused = async (code: string, operation: 'state' | 'seal' | 'fetch' | 'discard', as = session, one = id) => {
      await expect(console.call(`bundles.${operation}`, { id: one }, as), operation).rejects.toMatchObject({
        problem: { code },
      });
    };
    for (const operation of ['state', 'seal', 'fetch', 'discard'] as const) {
      await refused('bundles/not-found', operation, other);
      await refused('bundles/not-found', operation, session, '0199a300-0000-7000-8000-000000000000');
    }
    await refused('bundles/state', 'fetch');
    const attach = (name: string, offset = 0, data = chunk('x')) =>
      console.call('bundles.attach', { id, name, offset, data }, session);
    for (const name of ['../up.txt', 'a/b', 'report.pdf', 'console.vkey', '.', '..', 'a\nb']) {
      await expect(attach(name), name).rejects.toMatchObject({ problem: { code: 'bundles/attachment' } });
    }
    await attach('a.txt');
    await expect(attach('a.txt')).rejects.toMatchObject({
      problem: { code: 'bundles/attachment', detail: 'a.txt goes on at 1, not at 0; names stand once' },
    });
    const large = new Uint8Array(1024 * 1024);
    for (let n = 0; n < 15; n++) await attach('large.bin', n * large.length, large);
    await expect(attach('large.bin', 15 * large.length, large)).rejects.toMatchObject({
      problem: { code: 'bundles/attachment', detail: 'the attached files together may have at most 16 MiB' },
    });
    expect(await sealed(console, session, id)).toMatchObject({ state: 'ready' });
    await refused('bundles/state', 'seal');
    await expect(attach('late.txt')).rejects.toMatchObject({ problem: { code: 'bundles/state' } });
    await console.call('bundles.discard', { id }, session);
    await refused('bundles/not-found', 'fetch');
  });

  test('a ninth open bundle, until one is discarded or an old one is forgotten', async () => {
    await using console = await createTestConsole();
    const { session } = await console.signIn();
    const ids: string[] = [];
    for (let n = 0; n < 8; n++) ids.push((await console.call('bundles.start', {}, session)).id);
    await expect(console.call('bundles.start', {}, session)).rejects.toMatchObject({
      problem: { code: 'bundles/busy', status: 409 },
    });
    await console.call('bundles.discard', { id: ids[0] ?? '' }, session);
    await console.call('bundles.start', {}, session);
    const key = await console.createKey(['audit.export'], session);
    console.host.advance(31 * 60_000);
    await console.call('bundles.start', {}, key);
    await expect(console.call('bundles.state', { id: ids[1] ?? '' }, key)).rejects.toMatchObject({
      problem: { code: 'bundles/not-found' },
    });
  });

  test('an empty selection: the bundle fails with the reason and leaves no entry', async () => {
    await using console = await createTestConsole();
    const { session } = await console.signIn();
    const before = await console.call('audit.status', {}, session);
    const { id } = await console.call('bundles.start', { actor: 'nobody' }, session);
    expect(await sealed(console, session, id)).toMatchObject({
      state: 'failed',
      error: 'no entries match; widen the range or the filter',
      bundle: null,
    });
    expect((await console.call('audit.status', {}, session)).size).toBe(before.size);
  });
});

test('discarding stops the sealing, and what is being sent breaks off', async () => {
  await using console = await createTestConsole();
  const { session } = await console.signIn();
  for (let n = 0; n < 300; n++) await console.createKey(['events.read'], session);
  const { id } = await console.call('bundles.start', {}, session);
  await console.call('bundles.seal', { id }, session);
  await console.call('bundles.discard', { id }, session);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const none = await console.call('audit.entries', { event_type: 'audit_export' }, session);
  expect(none.items).toEqual([]);

  const second = await console.call('bundles.start', {}, session);
  await sealed(console, session, second.id);
  const answer = await console.send('bundles.fetch', { id: second.id }, session);
  if (answer.kind === 'problem' || !(answer.output instanceof StreamedDocument)) throw new Error('expected a document');
  const iterator = answer.output.parts[Symbol.asyncIterator]();
  expect((await iterator.next()).done).toBe(false);
  await console.call('bundles.discard', { id: second.id }, session);
  const rest = async (): Promise<void> => {
    while ((await iterator.next()).done !== true);
  };
  await expect(rest()).rejects.toThrow();
});

test('a pruning between signing and sending ends the file before its last bytes', async () => {
  let database: Database | undefined;
  await using console = await createTestConsole({
    wrapDatabase(opened) {
      database = opened;
      return opened;
    },
  });
  const { session } = await console.signIn();
  for (let n = 0; n < 20; n++) await console.createKey(['events.read'], session);
  const { id } = await console.call('bundles.start', {}, session);
  await sealed(console, session, id);
  const answer = await console.send('bundles.fetch', { id }, session);
  if (answer.kind === 'problem' || !(answer.output instanceof StreamedDocument)) throw new Error('expected a document');
  database?.script(`
    INSERT INTO audit_pruning (id, started_at, up_to_seq) VALUES (1, 1, 10);
    INSERT INTO audit_pruned_range (from_seq, to_seq, run) VALUES (1, 10, 1);
    DELETE FROM audit_body WHERE seq <= 10;
  `);
  const parts: Uint8Array[] = [];
  const read = async (document: StreamedDocument): Promise<void> => {
    for await (const part of document.parts) parts.push(part);
  };
  await expect(read(answer.output)).rejects.toMatchObject({ code: 'bundles/state' });
  expect(Buffer.concat(parts).toString()).not.toContain('"version":1}');
});
