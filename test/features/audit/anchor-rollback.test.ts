// What anchors are for: a store that is older, shorter or another one than it was, with everything in the profile made to fit, is found
// by what lies elsewhere. Each kind of anchor alone.
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createS3Anchor } from '../../../src-main/adapters/anchors/s3.ts';
import { createWebhookAnchor } from '../../../src-main/adapters/anchors/webhook.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { Anchor } from '../../../src-main/core/features/audit/index.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { createS3Server } from '../../support/s3-server.ts';
import { createWebhookReceiver } from '../../support/webhook-receiver.ts';
import { createWitnessServer } from '../../support/witness-server.ts';
import { SampleLog, testSigner } from '../../unit/evidence/sample-log.ts';
import {
  allAnchored,
  type Folders,
  fileAnchor,
  folders,
  line,
  openWith,
  until,
  witnessAnchor,
} from './anchored-console.ts';
import { cutTail } from './forged-log.ts';

const master = new Uint8Array(32).fill(5);
const clock = { now: () => Date.now() };

type Place = {
  make(): Anchor;
  /** Must be told of a log before it takes its checkpoints. */
  know?(verifierKey: string): void;
  /** Everything that it holds, for comparing. */
  content(): string;
};

const places: Readonly<Record<string, (where: Folders) => Promise<Place>>> = {
  file: async (where) => ({ make: () => fileAnchor(where), content: () => readFileSync(where.file, 'utf8') }),
  witness: async () => {
    const server = await createWitnessServer();
    onTestFinished(() => server[Symbol.asyncDispose]());
    const content = (): string => [...server.seen.values()].map(({ size }) => size).join();
    return { make: () => witnessAnchor(server), know: server.know, content };
  },
  s3: async () => {
    const server = await createS3Server('evidence', clock.now);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const { accessKeyId, secretKey } = server.state;
    const fixed = { bucket: 'evidence', region: 'us-east-1', prefix: 'checkpoints', lockMode: 'compliance' } as const;
    const make = (): Anchor =>
      createS3Anchor({
        ...fixed,
        endpoint: server.address,
        accessKeyId,
        secretKey: () => secretKey,
        lockDays: 1,
        clock,
        line,
      });
    return { make, content: () => server.versions.map(({ key }) => key).join() };
  },
  webhook: async () => {
    const server = await createWebhookReceiver();
    onTestFinished(() => server[Symbol.asyncDispose]());
    const make = (): Anchor =>
      createWebhookAnchor({ address: `${server.address}/checkpoints`, secret: () => server.secret, clock, line });
    return { make, content: () => server.notes.join('') };
  },
};

type Past = { readonly session: Credential; readonly held: number; readonly old: number };

/** A console with a past: a copy of its profile, and a later end that the anchor knows. */
async function consoleWithPast(where: Folders, place: Place): Promise<Past> {
  const first = await openWith(where.profile, [place.make()]);
  const { session } = await first.signIn();
  place.know?.((await first.call('audit.public_key', {}, session)).verifier_key);
  await first.call('audit.checkpoint', {}, session);
  first.host.advance(10_000);
  await until(first, session, allAnchored);
  await first[Symbol.asyncDispose]();
  cpSync(where.profile, where.copy, { recursive: true });
  const old = sizesIn(where.profile).at(-1) ?? 0;
  const second = await openWith(where.profile, [place.make()], 100_000);
  second.host.advance(1_000);
  for (let n = 0; n < 5; n++) await second.createKey(['events.read'], session);
  await second.call('audit.checkpoint', {}, session);
  await until(second, session, allAnchored);
  await second[Symbol.asyncDispose]();
  return { session, held: sizesIn(where.profile).at(-1) ?? 0, old };
}

function sizesIn(profile: string): number[] {
  const { notes } = splitNotes(readFileSync(join(profile, 'checkpoints.log'), 'utf8'));
  return notes.map((note) => Number(note.split('\n')[1]));
}

/** Store, marks, kept checkpoints, keys: all of it. */
function putBack({ profile, copy }: Folders): void {
  rmSync(profile, { recursive: true });
  cpSync(copy, profile, { recursive: true });
}

describe.each(Object.keys(places))('%s', (kind) => {
  async function setUp(): Promise<{ where: Folders; place: Place; past: Past }> {
    const where = folders();
    const place = await (places[kind] ?? expect.fail())(where);
    return { where, place, past: await consoleWithPast(where, place) };
  }

  test("yesterday's profile put back whole is found: the status says so, an entry stands, a critical alert is raised", async () => {
    const { where, place, past } = await setUp();
    putBack(where);
    const before = place.content();
    const anchor = place.make();
    await using console = await openWith(where.profile, [anchor], 200_000);
    console.host.advance(1_000);
    const { check, anchors, size } = await until(console, past.session, (status) => status.check.state === 'broken');
    expect(past.held).toBeGreaterThan(size);
    const words = `the anchor ${anchor.name} holds a checkpoint for #${past.held}: an older store was put back`;
    expect(check.detail).toMatch(/^the store ends at #\d+, /);
    expect(check.detail.endsWith(words)).toBe(true);
    expect(check.first_bad_seq).toBeGreaterThan(past.old);
    expect(check.first_bad_seq).toBeLessThanOrEqual(past.held);
    expect(anchors).toMatchObject([{ state: 'contradicts', error: check.detail }]);
    const { items } = await console.call('audit.entries', { event_type: 'audit_damaged' }, past.session);
    expect(items).toMatchObject([{ success: false, details: { anchor: anchor.name, detail: check.detail } }]);
    const alerts = await console.call('alerts.list', {}, past.session);
    expect(alerts.items.filter(({ severity }) => severity === 'critical')).toMatchObject([
      { title: 'The audit log is damaged' },
    ]);
    // Nothing is sent after what was found, nor in its place.
    await console.call('audit.checkpoint', {}, past.session);
    await sleep(50);
    expect(place.content()).toBe(before);
  });

  test('a tail that was cut off by somebody with the master key is found', async () => {
    const { where, place, past } = await setUp();
    cutTail(where.profile, master, past.old);
    await using console = await openWith(where.profile, [place.make()], 200_000);
    expect((await console.call('audit.status', {}, past.session)).size).toBeLessThan(past.held);
    console.host.advance(1_000);
    const { check } = await until(console, past.session, (status) => status.check.state === 'broken');
    expect(check.detail).toContain(`holds a checkpoint for #${past.held}: an older store was put back`);
  });

  test('a store that was put back and went on beyond what the anchor holds is found', async () => {
    const { where, place, past } = await setUp();
    putBack(where);
    const alone = await openWith(where.profile, [], 200_000);
    for (let n = 0; n < 15; n++) await alone.createKey(['events.read'], past.session);
    await alone[Symbol.asyncDispose]();
    const before = place.content();
    await using console = await openWith(where.profile, [place.make()], 300_000);
    console.host.advance(1_000);
    const { check, size, anchors } = await until(console, past.session, (status) => status.check.state === 'broken');
    expect(size).toBeGreaterThan(past.held);
    expect(anchors).toMatchObject([{ state: 'contradicts' }]);
    expect(check.detail).toMatch(
      /are not those that the anchor .* holds a checkpoint for; the first that differs is|that this log does not continue: its entries up to there are others/,
    );
    expect(place.content()).toBe(before);
  });
});

test('a store from before a rotation of the signing key, put back, is found by checkpoints that the newer key signed', async () => {
  const where = folders();
  const place = await (places.file ?? expect.fail())(where);
  const { session } = await consoleWithPast(where, place);
  rmSync(where.copy, { recursive: true });
  cpSync(where.profile, where.copy, { recursive: true });
  const rotated = await openWith(where.profile, [place.make()], 150_000);
  await rotated.call('encryption.rotate', { key: 'signing' }, session);
  await rotated[Symbol.asyncDispose]();
  await using same = await openWith(where.profile, [place.make()], 160_000);
  same.host.advance(301_000);
  expect((await until(same, session, allAnchored)).check.state).not.toBe('broken');
  await same[Symbol.asyncDispose]();
  putBack(where);
  await using console = await openWith(where.profile, [place.make()], 200_000);
  console.host.advance(1_000);
  const { check } = await until(console, session, (status) => status.check.state === 'broken');
  expect(check.detail).toContain(`holds a checkpoint for #`);
});

test('a checkpoint of this log by a key that the store never had is found; one of another log is none of its business', async () => {
  const where = folders();
  const place = await (places.file ?? expect.fail())(where);
  const { session } = await consoleWithPast(where, place);
  const noteBy = (origin: string): string => new SampleLog(40, { signer: testSigner(origin, 99) }).checkpoint();
  appendFileSync(where.file, noteBy('gatehouse/another'));
  const first = await openWith(where.profile, [place.make()], 200_000);
  first.host.advance(1_000);
  const { check, origin } = await until(first, session, allAnchored);
  expect(check.state).not.toBe('broken');
  await first[Symbol.asyncDispose]();
  appendFileSync(where.file, noteBy(origin));
  await using console = await openWith(where.profile, [place.make()], 300_000);
  console.host.advance(1_000);
  const broken = await until(console, session, (status) => status.check.state === 'broken');
  expect(broken.check).toMatchObject({
    first_bad_seq: null,
    detail: `the anchor ${where.file} holds a checkpoint for #40 of this log by a key that the store does not have: a store from before a change of keys was put back, or somebody else writes there`,
  });
});

test('all of a file is compared some minutes after the start, and what that finds stays found', async () => {
  const where = folders();
  const place = await (places.file ?? expect.fail())(where);
  const { session } = await consoleWithPast(where, place);
  const whole = readFileSync(where.file, 'utf8');
  const second = splitNotes(whole).notes[0]?.split('\n')[2] ?? '';
  // Notes from before those that each start looks at.
  writeFileSync(where.file, whole.replace(second, `${second.slice(0, 5)}x${second.slice(6)}`));
  await using console = await openWith(where.profile, [place.make()], 200_000);
  const early = await until(console, session, allAnchored);
  expect(early.check.state).not.toBe('broken');
  console.host.advance(300_000);
  const { check } = await until(console, session, (status) => status.check.state === 'broken');
  expect(check.detail).toBe(`${where.file} is not as it was written: checkpoints in it were changed`);
  // Asked again by a clock, it is found again.
  console.host.advance(600_000);
  await sleep(100);
  const later = await console.call('audit.status', {}, session);
  expect(later.check.state).toBe('broken');
});
