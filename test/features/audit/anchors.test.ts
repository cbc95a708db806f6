// Anchors through a console: what is signed reaches them, outages lose nothing, and an older or other store is found by what they hold.
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createAnchorFile } from '../../../src-main/adapters/anchors/anchor-file.ts';
import { createAnchorLine } from '../../../src-main/adapters/anchors/anchor-request.ts';
import { createWitnessAnchor } from '../../../src-main/adapters/anchors/witness.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { type Anchor, AnchorFault } from '../../../src-main/core/features/audit/index.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { createWitnessServer, type WitnessServer } from '../../support/witness-server.ts';

type Status = Output<'audit.status'>;
const start = Date.UTC(2026, 10, 21, 14);

function folders(): { profile: string; file: string; copy: string } {
  const root = temporaryFolder();
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ['profile', 'volume']) mkdirSync(join(root, name));
  return { profile: join(root, 'profile'), file: join(root, 'volume/anchors.log'), copy: join(root, 'copy') };
}

function fileAnchor({ profile, file }: ReturnType<typeof folders>): Anchor {
  return createAnchorFile({ path: file, profileFolder: () => profile });
}

function witnessAnchor(server: WitnessServer): Anchor {
  const line = createAnchorLine({ ca: undefined, timeoutMs: 2_000 });
  return createWitnessAnchor({ address: server.address, key: server.key.text, line });
}

function open(profile: string, anchors: readonly Anchor[], at = 0): Promise<TestConsole> {
  return createTestConsole({ folder: profile, anchors, host: createTestHost(start + at, `anchors ${at}`) });
}

async function until(console: TestConsole, session: Credential, done: (status: Status) => boolean): Promise<Status> {
  for (let n = 0; n < 400; n++) {
    const status = await console.call('audit.status', {}, session);
    if (done(status)) return status;
    await sleep(10);
  }
  throw new Error(JSON.stringify((await console.call('audit.status', {}, session)).anchors));
}

const allAnchored = ({ anchors, checkpoint }: Status): boolean =>
  anchors.every(({ state, anchored_size }) => state === 'anchored' && anchored_size === checkpoint?.size);

test('each checkpoint reaches the file, the newest the witness; a stop brings the last one there too', async () => {
  const where = folders();
  await using server = await createWitnessServer();
  const console = await open(where.profile, [fileAnchor(where), witnessAnchor(server)]);
  const { session } = await console.signIn();
  const { verifier_key, origin } = await console.call('audit.public_key', {}, session);
  server.know(verifier_key);
  for (let n = 0; n < 3; n++) {
    await console.createKey(['events.read'], session);
    await console.call('audit.checkpoint', {}, session);
    await until(console, session, allAnchored);
  }
  const { anchors, size } = await console.call('audit.status', {}, session);
  expect(anchors).toMatchObject([
    { name: where.file, kind: 'file', state: 'anchored', anchored_size: size, behind: 0, error: null },
    { name: 'witness.example/w1', kind: 'witness', state: 'anchored', anchored_size: size, behind: 0, error: null },
  ]);
  await console[Symbol.asyncDispose]();
  const notes = splitNotes(readFileSync(where.file, 'utf8')).notes;
  const sizes = notes.map((note) => Number(note.split('\n')[1]));
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(sizes).toHaveLength(4);
  expect(server.seen.get(origin)?.size).toBe(sizes.at(-1));
  expect(readFileSync(join(where.profile, 'checkpoints.log'), 'utf8')).toBe(notes.join(''));
});

test('an outage loses nothing, is said, and holds up neither the log nor the other anchor; a restart goes on', async () => {
  const where = folders();
  const good = fileAnchor(where);
  let broken = true;
  const sent: number[] = [];
  const failing: Anchor = {
    name: 'failing',
    kind: 'webhook',
    newestOnly: false,
    everyMs: 0,
    async publish({ size }) {
      if (broken) throw new AnchorFault('out of order');
      sent.push(size);
      return {};
    },
  };
  const first = await open(where.profile, [failing, good]);
  const { session } = await first.signIn();
  const sizes: number[] = [];
  for (let n = 0; n < 3; n++) {
    await first.createKey(['events.read'], session);
    sizes.push((await first.call('audit.checkpoint', {}, session)).size);
  }
  const status = await until(
    first,
    session,
    ({ anchors }) => anchors[1]?.state === 'anchored' && anchors[0]?.error !== null,
  );
  expect(status.anchors).toMatchObject([
    { state: 'failing', anchored_size: 0, behind: sizes[2], at: null, error: 'out of order' },
    { state: 'anchored', anchored_size: sizes[2], behind: 0 },
  ]);
  expect(status.check.state).not.toBe('broken');
  expect(first.host.logged.filter(({ event }) => event === 'anchor failed')).toHaveLength(1);
  await first[Symbol.asyncDispose]();
  expect(sent).toEqual([]);

  broken = false;
  await using second = await open(where.profile, [failing, fileAnchor(where)], 60_000);
  second.host.advance(1_000);
  await until(second, session, allAnchored);
  expect(sent.slice(0, 3)).toEqual(sizes);
});

test('an anchor that hangs is given up after a while and tried again', async () => {
  const where = folders();
  let calls = 0;
  const hanging: Anchor = {
    name: 'hanging',
    kind: 'webhook',
    newestOnly: true,
    everyMs: 0,
    publish() {
      calls += 1;
      return calls === 1 ? new Promise(() => undefined) : Promise.resolve({});
    },
  };
  await using console = await open(where.profile, [hanging]);
  const { session } = await console.signIn();
  await console.call('audit.checkpoint', {}, session);
  await sleep(20);
  console.host.advance(120_000);
  await until(console, session, ({ anchors }) => anchors[0]?.error === 'no answer within 120 s');
  console.host.advance(5_000);
  await until(console, session, ({ anchors }) => anchors[0]?.error === null && calls >= 2);
});

/** A console with a past: yesterday's copy of its profile, and a later end that the anchors know. */
async function rolledBack(
  where: ReturnType<typeof folders>,
  anchors: () => readonly Anchor[],
  know?: (key: string) => void,
): Promise<{ session: Credential; held: number; old: number }> {
  const first = await open(where.profile, anchors());
  const { session } = await first.signIn();
  know?.((await first.call('audit.public_key', {}, session)).verifier_key);
  await first.call('audit.checkpoint', {}, session);
  await until(first, session, allAnchored);
  await first[Symbol.asyncDispose]();
  cpSync(where.profile, where.copy, { recursive: true });
  const second = await open(where.profile, anchors(), 100_000);
  const old = (await second.call('audit.status', {}, session)).checkpoint?.size ?? 0;
  second.host.advance(1_000);
  for (let n = 0; n < 5; n++) await second.createKey(['events.read'], session);
  await second.call('audit.checkpoint', {}, session);
  await until(second, session, allAnchored);
  await second[Symbol.asyncDispose]();
  const held = Number(
    splitNotes(readFileSync(join(where.profile, 'checkpoints.log'), 'utf8'))
      .notes.at(-1)
      ?.split('\n')[1],
  );
  // Store, marks, kept checkpoints, keys: all of it.
  rmSync(where.profile, { recursive: true });
  cpSync(where.copy, where.profile, { recursive: true });
  return { session, held, old };
}

test("yesterday's profile put back whole is found by the anchor file, and raises a critical alert", async () => {
  const where = folders();
  const { session, held, old } = await rolledBack(where, () => [fileAnchor(where)]);
  const before = readFileSync(where.file, 'utf8');
  await using console = await open(where.profile, [fileAnchor(where)], 200_000);
  console.host.advance(1_000);
  const { check, anchors, size } = await until(console, session, (status) => status.check.state === 'broken');
  expect(held).toBeGreaterThan(size);
  expect(check).toMatchObject({
    detail: expect.stringMatching(
      new RegExp(
        `^the store ends at #\\d+, the anchor ${where.file} holds a checkpoint for #${held}: an older store was put back$`,
      ),
    ),
  });
  expect(check.first_bad_seq).toBeGreaterThan(old);
  expect(anchors).toMatchObject([{ state: 'contradicts', error: check.detail }]);
  const { items } = await console.call('audit.entries', { event_type: 'audit_damaged' }, session);
  expect(items).toMatchObject([{ success: false, details: { anchor: where.file, detail: check.detail } }]);
  const alerts = await console.call('alerts.list', {}, session);
  expect(alerts.items.filter(({ severity }) => severity === 'critical')).toMatchObject([
    { title: 'The audit log is damaged' },
  ]);
  // Nothing is written over what was found.
  await console.call('audit.checkpoint', {}, session);
  await sleep(50);
  expect(readFileSync(where.file, 'utf8')).toBe(before);
});

test('a store that was put back and went on further is found too, between the checkpoints where it parted', async () => {
  const where = folders();
  const { session, held } = await rolledBack(where, () => [fileAnchor(where)]);
  // The anchor is left out until the log has grown past what it holds.
  const alone = await open(where.profile, [], 200_000);
  for (let n = 0; n < 15; n++) await alone.createKey(['events.read'], session);
  await alone[Symbol.asyncDispose]();
  await using console = await open(where.profile, [fileAnchor(where)], 300_000);
  console.host.advance(1_000);
  const { check, size } = await until(console, session, (status) => status.check.state === 'broken');
  expect(size).toBeGreaterThan(held);
  expect(check.detail).toMatch(/^the entries up to #\d+ are not those that the anchor .* the first that differs is/);
});

test('the witness finds it as well: it signs nothing that does not continue what it saw', async () => {
  const where = folders();
  await using server = await createWitnessServer();
  const { session, held } = await rolledBack(where, () => [witnessAnchor(server)], server.know);
  await using console = await open(where.profile, [witnessAnchor(server)], 200_000);
  console.host.advance(1_000);
  const { check } = await until(console, session, (status) => status.check.state === 'broken');
  expect(check.detail).toContain(`the anchor witness.example/w1 holds a checkpoint for #${held}`);
  expect(server.seen.values().next().value?.size).toBe(held);
});
