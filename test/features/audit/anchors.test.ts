// Anchors through a console: what is signed reaches them, and outages lose nothing and are said.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Anchor, AnchorFault } from '../../../src-main/core/features/audit/index.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { createWitnessServer } from '../../support/witness-server.ts';
import { allAnchored, fileAnchor, folders, openWith, until, witnessAnchor } from './anchored-console.ts';

test('each checkpoint reaches the file, the newest the witness; a stop brings the last one there too', async () => {
  const where = folders();
  await using server = await createWitnessServer();
  const console = await openWith(where.profile, [fileAnchor(where), witnessAnchor(server)]);
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
  const first = await openWith(where.profile, [failing, good]);
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
  await using second = await openWith(where.profile, [failing, fileAnchor(where)], 60_000);
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
  await using console = await openWith(where.profile, [hanging]);
  const { session } = await console.signIn();
  await console.call('audit.checkpoint', {}, session);
  await sleep(20);
  console.host.advance(120_000);
  await until(console, session, ({ anchors }) => anchors[0]?.error === 'no answer within 120 s');
  console.host.advance(5_000);
  await until(console, session, ({ anchors }) => anchors[0]?.error === null && calls >= 2);
});

test('a clock that is set back while an anchor fails holds up neither the next try nor the entry that it has stopped', async () => {
  const where = folders();
  let fault: AnchorFault | undefined = new AnchorFault('no answer');
  const failing: Anchor = {
    name: 'failing',
    kind: 'webhook',
    newestOnly: true,
    everyMs: 0,
    publish: () => (fault === undefined ? Promise.resolve({}) : Promise.reject(fault)),
  };
  await using console = await openWith(where.profile, [failing]);
  const { session } = await console.signIn();
  const reader = await console.createKey(['audit.read', 'console.read'], session);
  await console.call('audit.checkpoint', {}, session);
  await until(console, reader, ({ anchors }) => anchors[0]?.state === 'failing');
  console.host.stepClock(-365 * 86_400_000);
  for (let minute = 0; minute < 31; minute++) {
    console.host.advance(60_000);
    await sleep(5);
  }
  const { items } = await console.call('audit.entries', { event_type: 'anchor_stopped' }, reader);
  expect(items).toMatchObject([{ details: { anchor: 'failing', why: 'no answer' } }]);
  fault = undefined;
  console.host.advance(600_000);
  await until(console, reader, ({ anchors }) => anchors[0]?.state === 'anchored');
});

test('a checkpoint that somebody asks for goes out at once, also to an anchor that is resting or had failed', async () => {
  const where = folders();
  let broken = true;
  const sent: number[] = [];
  const resting: Anchor = {
    name: 'resting',
    kind: 'timestamp',
    newestOnly: true,
    everyMs: 3_600_000,
    async publish({ size }) {
      if (broken) throw new AnchorFault('out of order');
      sent.push(size);
      return {};
    },
  };
  await using console = await openWith(where.profile, [resting]);
  const { session } = await console.signIn();
  await console.call('audit.checkpoint', {}, session);
  await until(console, session, ({ anchors }) => anchors[0]?.state === 'failing');
  broken = false;
  const { size } = await console.call('audit.checkpoint', {}, session);
  await until(console, session, allAnchored);
  await console.createKey(['events.read'], session);
  console.host.advance(60_000);
  await until(
    console,
    session,
    ({ anchors, checkpoint }) => anchors[0]?.state === 'waiting' && checkpoint?.size !== size,
  );
  expect(sent).toEqual([size]);
  const next = await console.call('audit.checkpoint', {}, session);
  await until(console, session, allAnchored);
  expect(sent).toEqual([size, next.size]);
});

test('an anchor that is not set any more leaves an entry, once; set again it is read from its beginning', async () => {
  const where = folders();
  const first = await openWith(where.profile, [fileAnchor(where)]);
  const { session } = await first.signIn();
  await first.call('audit.checkpoint', {}, session);
  await until(first, session, allAnchored);
  await first[Symbol.asyncDispose]();
  await using without = await openWith(where.profile, [], 60_000);
  await without[Symbol.asyncDispose]();
  await using again = await openWith(where.profile, [], 120_000);
  const { items } = await again.call('audit.entries', { event_type: 'config_change' }, session);
  expect(items).toMatchObject([{ action: 'audit.anchors_unset', details: { anchors: [where.file] } }]);
  await again[Symbol.asyncDispose]();
  await using back = await openWith(where.profile, [fileAnchor(where)], 180_000);
  back.host.advance(301_000);
  expect((await until(back, session, allAnchored)).check.state).not.toBe('broken');
});
