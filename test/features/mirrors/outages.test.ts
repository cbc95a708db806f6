// Mirrors that fail: nothing is lost, the others go on, and a stop is said in the list and in the log.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Mirror, MirrorFault } from '../../../src-main/core/features/mirrors/index.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { allWell, breakableMirror, profileFolder, until } from './mirrored-console.ts';

const start = Date.UTC(2026, 10, 21, 14);

function open(folder: string, mirrors: readonly Mirror[], at = 0): Promise<TestConsole> {
  return createTestConsole({ folder, mirrors, host: createTestHost(start + at, `outage ${at}`) });
}

function seqsOf({ taken }: ReturnType<typeof breakableMirror>): number[] {
  return taken.map(({ seq }) => seq);
}

function upTo(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index + 1);
}

test('an outage loses nothing, holds up no other mirror, and is an entry after five minutes; so is its end', async () => {
  const folder = profileFolder();
  const broken = breakableMirror('https://siem.example/v1/logs', ['audit']);
  const other = breakableMirror('https://other.example/v1/logs', ['audit']);
  broken.fault = new MirrorFault('siem.example is busy (503)');
  await using console = await open(folder, [broken, other]);
  const { session } = await console.signIn();
  const [failing] = await until(console, session, ([one, two]) => one?.state === 'failing' && two?.state === 'well');
  expect(failing).toMatchObject({ error: 'siem.example is busy (503)', failing_since: '2026-11-21T14:00:00.000Z' });
  expect(seqsOf(other)).toEqual(upTo(other.taken.length));
  const stopped = async () => (await console.call('audit.entries', { event_type: 'mirror_stopped' }, session)).items;
  const resumed = async () => (await console.call('audit.entries', { event_type: 'mirror_resumed' }, session)).items;
  for (let minute = 0; minute < 4; minute++) {
    console.host.advance(60_000);
    await sleep(20);
  }
  expect(await stopped()).toEqual([]);
  for (let minute = 0; minute < 10 && (await stopped()).length === 0; minute++) {
    console.host.advance(60_000);
    await sleep(20);
  }
  expect(await stopped()).toMatchObject([
    {
      action: 'mirrors.stopped',
      actor: { kind: 'system' },
      details: { mirror: broken.name, since: '2026-11-21T14:00:00.000Z', why: 'siem.example is busy (503)' },
    },
  ]);
  const alerts = async () => (await console.call('alerts.list', {}, session)).items;
  const [alert] = await alerts();
  expect(await alerts()).toMatchObject([
    {
      title: 'A mirror of the log has stopped',
      severity: 'medium',
      status: 'open',
      count: 1,
      entities: [{ kind: 'resource', value: broken.name }],
    },
  ]);
  const told = async () => await console.call('alerts.get', { id: alert?.id ?? '' }, session);
  expect((await told()).sentence).toBe(
    'https://siem.example/v1/logs has taken nothing since 2026-11-21T14:00:00.000Z: siem.example is busy (503).',
  );
  expect((await told()).activity.map(({ kind }) => kind)).toEqual(['raised']);
  expect(console.host.logged.filter(({ event }) => event === 'mirror failed')).toHaveLength(1);

  broken.fault = undefined;
  await console.call('mirrors.retry', {}, session);
  await until(console, session, allWell);
  expect(seqsOf(broken)).toEqual(upTo(broken.taken.length));
  expect(await resumed()).toMatchObject([{ details: { mirror: broken.name, since: '2026-11-21T14:00:00.000Z' } }]);
  expect(await resumed()).toMatchObject([{ details: { alerts: [alert?.number] } }]);
  expect(await stopped()).toHaveLength(1);
  expect((await told()).activity.at(-1)).toMatchObject({
    kind: 'noted',
    actor: 'system',
    note: 'The mirror works again; it had failed since 2026-11-21T14:00:00.000Z.',
  });
  expect((await told()).status).toBe('open');

  // A second outage of the same day is the same alert.
  broken.fault = new MirrorFault('siem.example is busy (503)');
  await console.createKey(['events.read'], session);
  await until(console, session, ([one]) => one?.state === 'failing');
  for (let minute = 0; minute < 10 && (await stopped()).length === 1; minute++) {
    console.host.advance(60_000);
    await sleep(20);
  }
  expect(await stopped()).toHaveLength(2);
  expect(await alerts()).toMatchObject([{ id: alert?.id, count: 2 }]);
});

test('a clock that is set back while a mirror fails holds up neither the next try nor the entry that it has stopped', async () => {
  const mirror = breakableMirror('https://siem.example/v1/logs', ['audit']);
  mirror.fault = new MirrorFault('siem.example is busy (503)');
  await using console = await open(profileFolder(), [mirror]);
  const { session } = await console.signIn();
  const reader = await console.createKey(['audit.read', 'console.read'], session);
  await until(console, reader, ([one]) => one?.state === 'failing');
  console.host.stepClock(-365 * 86_400_000);
  for (let minute = 0; minute < 6; minute++) {
    console.host.advance(60_000);
    await sleep(5);
  }
  const { items } = await console.call('audit.entries', { event_type: 'mirror_stopped' }, reader);
  expect(items).toMatchObject([{ details: { mirror: mirror.name } }]);
  mirror.fault = undefined;
  console.host.advance(60_000);
  await until(console, reader, allWell);
  expect(seqsOf(mirror)).toEqual(upTo(mirror.taken.length));
});

test('a mirror that stopped and works after the next start is said to be back', async () => {
  const folder = profileFolder();
  const broken = breakableMirror('https://siem.example/v1/logs', ['audit']);
  broken.fault = new MirrorFault('siem.example is busy (503)');
  const first = await open(folder, [broken]);
  const { session } = await first.signIn();
  const entries = async (console: TestConsole, event_type: string) =>
    (await console.call('audit.entries', { event_type }, session)).items;
  for (let minute = 0; minute < 12 && (await entries(first, 'mirror_stopped')).length === 0; minute++) {
    first.host.advance(60_000);
    await sleep(20);
  }
  await first[Symbol.asyncDispose]();
  broken.fault = undefined;
  await using second = await open(folder, [broken], 900_000);
  await until(second, session, allWell);
  expect(await entries(second, 'mirror_resumed')).toMatchObject([{ details: { since: '2026-11-21T14:00:00.000Z' } }]);
  const { items } = await second.call('alerts.list', {}, session);
  const { activity } = await second.call('alerts.get', { id: items[0]?.id ?? '' }, session);
  expect(activity.map(({ kind }) => kind)).toEqual(['raised', 'noted']);
});

test('a receiver that asks for time gets it', async () => {
  const folder = profileFolder();
  const busy = breakableMirror('busy', ['audit']);
  busy.fault = new MirrorFault('busy', { retryAfterMs: 120_000 });
  await using console = await open(folder, [busy]);
  const { session } = await console.signIn();
  await until(console, session, ([one]) => one?.state === 'failing');
  busy.fault = undefined;
  console.host.advance(119_000);
  await sleep(50);
  expect(busy.taken).toEqual([]);
  console.host.advance(2_000);
  await until(console, session, allWell);
});

test('a place is kept over restarts; a new name, or a stream that was added, starts from the first entry', async () => {
  const folder = profileFolder();
  const before = breakableMirror('tls://one.example:6514', ['audit']);
  const first = await open(folder, [before]);
  const { session } = await first.signIn();
  await first[Symbol.asyncDispose]();

  const again = breakableMirror('tls://one.example:6514', ['audit', 'activity']);
  const second = await open(folder, [again], 60_000);
  await until(second, session, allWell);
  const { size } = await second.call('audit.checkpoint', {}, session);
  await second[Symbol.asyncDispose]();
  const audit = [...before.taken, ...again.taken].filter(({ stream }) => stream === 'audit').map(({ seq }) => seq);
  expect(audit).toEqual(upTo(audit.length));
  expect(audit.length).toBeGreaterThanOrEqual(size);
  expect(again.taken.filter(({ stream }) => stream === 'activity')[0]?.seq).toBeLessThan(before.taken.length);

  const moved = breakableMirror('tls://two.example:6514', ['audit']);
  await using third = await open(folder, [moved], 120_000);
  await until(third, session, allWell);
  expect(seqsOf(moved)).toEqual(upTo(moved.taken.length));
  const { items } = await third.call('audit.entries', { event_type: 'config_change' }, session);
  expect(items).toMatchObject([{ action: 'mirrors.unset', details: { mirrors: ['tls://one.example:6514'] } }]);
});

test('what was handed over and not confirmed comes again', async () => {
  const folder = profileFolder();
  const mirror = breakableMirror('tls://siem.example:6514', ['audit']);
  let confirms: 'well' | 'lost' = 'lost';
  const confirming: Mirror = {
    ...mirror,
    send: mirror.send,
    async confirm() {
      if (confirms === 'lost') throw new MirrorFault('siem.example dropped the connection');
    },
  };
  const console = await open(folder, [confirming]);
  const { session } = await console.signIn();
  await until(console, session, () => mirror.taken.length > 0);
  const [sent] = await until(console, session, ([one]) => one?.state === 'sending');
  expect(sent?.streams).toMatchObject([{ position: 0 }]);
  console.host.advance(5_000);
  await until(console, session, ([one]) => one?.state === 'failing');
  confirms = 'well';
  await console.call('mirrors.retry', {}, session);
  await until(console, session, () => mirror.taken.filter(({ seq }) => seq === 1).length === 2);
  console.host.advance(5_000);
  await until(console, session, allWell);
  await console[Symbol.asyncDispose]();
  expect([...new Set(seqsOf(mirror))].sort((left, right) => left - right)).toEqual(upTo(Math.max(...seqsOf(mirror))));
});

test('a mirror that hangs is given up after a while and tried again', async () => {
  const folder = profileFolder();
  const mirror = breakableMirror('hanging', ['audit']);
  let calls = 0;
  const hanging: Mirror = {
    ...mirror,
    send(records, signal) {
      calls += 1;
      return calls === 1 ? new Promise(() => undefined) : mirror.send(records, signal);
    },
  };
  await using console = await open(folder, [hanging]);
  const { session } = await console.signIn();
  while (calls === 0) await sleep(5);
  console.host.advance(60_000);
  await until(console, session, ([one]) => one?.error === 'no answer within 60 s');
  console.host.advance(2_000);
  await until(console, session, allWell);
});

test('alerts and events go out in the format that was chosen; events begin with the next', async () => {
  const folder = profileFolder();
  const failedLogins = () =>
    Array.from({ length: 12 }, () => ({
      id: randomUUID(),
      time: new Date(start).toISOString(),
      source: 'vpn',
      event_type: 'login',
      actor: 'alice',
      success: false,
      ip_address: '203.0.113.9',
    }));
  const first = await open(folder, []);
  const { session } = await first.signIn();
  const key = await first.createKey(['events.write', 'events.read'], session);
  await first.call('events.ingest', { events: failedLogins().slice(0, 2) }, key);
  await first[Symbol.asyncDispose]();

  const json = breakableMirror('json', ['events', 'alerts']);
  const ocsf = breakableMirror('ocsf', ['alerts', 'audit'], 'ocsf-1.1.0');
  const cef = breakableMirror('cef', ['alerts', 'audit', 'events'], 'cef');
  const ecs = breakableMirror('ecs', ['activity', 'alerts'], 'ecs');
  await using console = await open(folder, [json, ocsf, cef, ecs], 60_000);
  const events = failedLogins();
  await console.call('events.ingest', { events }, key);
  await until(console, session, allWell);
  const own = json.taken.filter(({ stream }) => stream === 'events').map(({ line }) => JSON.parse(line));
  expect(own.filter(({ source }) => source === 'vpn').map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  const { items } = await console.call('alerts.list', {}, session);
  const [alert] = items;
  expect(alert?.title).toBeDefined();
  const raised = json.taken.filter(({ stream }) => stream === 'alerts');
  expect(raised.map(({ kind, line }) => ({ kind, id: JSON.parse(line).id }))).toContainEqual({
    kind: 'alert_raised',
    id: alert?.id,
  });
  const findings = ocsf.taken.filter(({ stream }) => stream === 'alerts').map(({ line }) => JSON.parse(line));
  expect(findings).toContainEqual(
    expect.objectContaining({ class_uid: 2004, finding_info: expect.objectContaining({ uid: alert?.id }) }),
  );
  expect(ocsf.taken.filter(({ stream }) => stream === 'audit').map(({ line }) => JSON.parse(line).class_uid)).toContain(
    3002,
  );
  expect(cef.taken.every(({ line }) => line.startsWith('CEF:0|Gatehouse|'))).toBe(true);
  expect(new Set(cef.taken.map(({ stream }) => stream))).toEqual(new Set(['alerts', 'audit', 'events']));
  for (const { line } of ecs.taken) expect(JSON.parse(line)).toMatchObject({ ecs: { version: expect.any(String) } });

  await console.call('alerts.acknowledge', { id: alert?.id ?? '' }, session);
  const last = () => JSON.parse(json.taken.filter(({ stream }) => stream === 'alerts').at(-1)?.line ?? '{}');
  await until(console, session, (all) => allWell(all) && last().status === 'acknowledged');
  expect(last()).toMatchObject({ id: alert?.id, assignee: 'mira' });
});

test('what lies in a place under a number of this log and is another entry is not believed', async () => {
  const folder = profileFolder();
  const mirror = breakableMirror('one', ['audit']);
  const lastHeld: Mirror = { ...mirror, send: mirror.send, last: async () => ({ seq: 2, id: randomUUID() }) };
  await using console = await open(folder, [lastHeld]);
  const { session } = await console.signIn();
  await until(console, session, allWell);
  // What lies there under #2 is no entry of this log: the store's own position counts.
  expect(seqsOf(mirror)).toEqual(upTo(mirror.taken.length));
});

test('one that works but does not keep up is lagging after five minutes; one that had nothing to do is not', async () => {
  const folder = profileFolder();
  const mirror = breakableMirror('slow', ['audit']);
  let release: (() => void) | undefined;
  let isSlow = false;
  const slow: Mirror = {
    ...mirror,
    async send(records, signal) {
      if (isSlow) await new Promise<void>((resolve) => (release = resolve));
      return mirror.send(records, signal);
    },
  };
  await using console = await open(folder, [slow]);
  const { session } = await console.signIn();
  await until(console, session, allWell);
  console.host.advance(600_000);
  isSlow = true;
  const states: (string | undefined)[] = [];
  for (let n = 0; n < 8; n++) {
    await console.createKey(['events.read'], session);
    while (release === undefined) await sleep(2);
    states.push((await console.call('mirrors.list', {}, session)).items[0]?.state);
    console.host.advance(50_000);
    // There is more before this has arrived.
    await console.createKey(['events.read'], session);
    const arrived = release;
    release = undefined;
    arrived();
  }
  isSlow = false;
  expect(states.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'sending'));
  expect(states.at(-1)).toBe('lagging');
  await until(console, session, allWell);
});
