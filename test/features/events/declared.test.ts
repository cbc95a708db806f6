// Log records of other tools sent as events, each with its format declared: read as a file of that format would be, judged one by one,
// and known again when they are sent again.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { signEvent } from '../../../src-main/base/event-signature.ts';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { createDeclaredReader } from '../../../src-main/core/features/events/declared.ts';
import { lineFormats, recordFormats } from '../../../src-shared/declared-formats.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';

let console: TestConsole;
let session: Credential;

beforeEach(async () => {
  const made = await createTestConsole();
  onTestFinished(() => made[Symbol.asyncDispose]());
  console = made;
  ({ session } = await console.signIn());
});

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/logs/${name}`, import.meta.url), 'utf8');
}

const failed = 'Nov 21 13:58:00 web-1 sshd[811]: Failed password for root from 203.0.113.7 port 4022 ssh2';
const now = Date.UTC(2026, 10, 21, 14);

it('takes records of each format among events of its own form', async () => {
  const [trail] = (JSON.parse(fixture('cloudtrail.json')) as { Records: { eventID: string }[] }).Records;
  const events = [
    { id: randomUUID(), time: '2026-11-21T13:59:00Z', source: 'crm', event_type: 'note' },
    { format: 'cloudtrail', ...trail },
    { format: 'windows', record: JSON.parse(fixture('windows-flat.ndjson').split('\n')[0] ?? '') as unknown },
    { format: 'json', timestamp: '2026-11-21T13:59:00Z', type: 'login_failed', user: 'bob', ip: '203.0.113.9' },
    { format: 'auth', line: failed },
    { format: 'access', line: fixture('nginx-access.log').split('\n')[0] },
    { format: 'auditd', line: fixture('auditd.log').split('\n')[0] },
    { format: 'cef', line: fixture('cef.log').split('\n')[0] },
    { format: 'syslog', line: fixture('rfc5424.log').split('\n')[0] },
  ];
  const answer = await console.call('events.ingest', { events }, session);
  expect(answer.results.filter(({ status }) => status !== 'accepted')).toEqual([]);
  expect(answer.results[1]?.id).toBe(trail?.eventID);
  const { items } = await console.call('events.list', { limit: 50, q: '-format:gatehouse' }, session);
  expect(items.map(({ format }) => format).sort()).toEqual(
    ['api', ...events.slice(1).map((event) => 'format' in event && event.format)].sort(),
  );
  const [login] = (await console.call('events.list', { q: 'format:auth' }, session)).items;
  expect(login).toMatchObject({ time: '2026-11-21T13:58:00.000Z', actor: 'root', ip_address: '203.0.113.7' });
  expect(login).toMatchObject({ id: answer.results[4]?.id, event_type: 'login', success: false, source: 'web-1' });
});

it('adds nothing when a batch is sent again, and keeps lines that are truly repeated', async () => {
  const events = [
    { format: 'auth', line: failed },
    { format: 'auth', line: failed },
    { format: 'auth', line: `${failed}x` },
  ];
  const first = await console.call('events.ingest', { events }, session);
  expect(first).toMatchObject({ accepted: 3, duplicates: 0 });
  const again = await console.call('events.ingest', { events }, session);
  expect(again).toMatchObject({ accepted: 0, duplicates: 3 });
  expect(again.results.map(({ id }) => id)).toEqual(first.results.map(({ id }) => id));
});

it('answers once for a line that tells of several events', async () => {
  const line = failed.replace('Failed', 'message repeated 3 times: [ Failed').concat(']');
  const answer = await console.call('events.ingest', { events: [{ format: 'auth', line }] }, session);
  expect(answer).toMatchObject({ accepted: 1, results: [{ index: 0, status: 'accepted' }] });
  expect((await console.call('events.list', { q: 'format:auth' }, session)).items).toHaveLength(3);
});

it.each([
  [{ format: 'evtx' }, /^format: expected json, windows, cloudtrail, auth/],
  [{ format: 7 }, /^format: /],
  [{ format: 'json' }, /^event: expected the members of a json record/],
  [{ format: 'json', message: 'no time' }, /^event: no time/],
  [{ format: 'cloudtrail', eventTime: '2026-11-21T13:59:00Z' }, /^event: not a CloudTrail record/],
  [{ format: 'auth' }, /^line: expected the line/],
  [{ format: 'auth', line: 'what' }, /^event: no time at the start/],
  [{ format: 'auth', line: `${failed}\n${failed}` }, /^line: holds a line end/],
  [{ format: 'auth', line: failed, actor: 'mira' }, /^actor: unknown field/],
  [{ format: 'auth', line: failed, zone: 'Mars/Olympus' }, /^zone: expected a time zone/],
  [{ format: 'json', timestamp: '1969-01-01T00:00:00Z' }, /^time: 1969-.* before 1970/],
  [{ format: 'json', timestamp: '2026-11-21T13:59:00Z', user: 'half \ud800' }, /^event: /],
])('refuses %j alone, with the reason', async (bad, reason) => {
  const good = { format: 'auth', line: failed };
  const answer = await console.call('events.ingest', { events: [bad, good] }, session);
  expect(answer).toMatchObject({ accepted: 1, rejected: 1 });
  expect(answer.results[0]?.reason).toMatch(reason);
  const { items } = await console.call('rejections.list', {}, session);
  expect(items[0]?.reason).toMatch(reason);
});

it('reads lines without a zone in the one that is told', async () => {
  const events = [{ format: 'auth', line: failed, zone: 'Europe/Berlin' }];
  await console.call('events.ingest', { events }, session);
  const { items } = await console.call('events.list', { q: 'format:auth' }, session);
  expect(items[0]?.time).toBe('2026-11-21T12:58:00.000Z');
});

it("reads them in the console's zone where none is told, sent or imported", async () => {
  await using abroad = await createTestConsole({ settings: new Map([['events.time_zone', 'Asia/Tokyo']]) });
  const there = (await abroad.signIn()).session;
  await abroad.call('events.ingest', { events: [{ format: 'auth', line: failed }] }, there);
  const data = Buffer.from(`${failed.replace('web-1', 'web-2')}\n`);
  const preview = await abroad.call(
    'imports.preview',
    { name: 'auth.log', sample: data.toString('base64'), is_whole: true },
    there,
  );
  expect(preview.items[0]?.event?.time).toBe('2026-11-21T04:58:00.000Z');
  const { id } = await abroad.call('imports.start', { name: 'auth.log' }, there);
  await abroad.call('imports.append', { id, offset: 0, data: new Uint8Array(data) }, there);
  await abroad.call('imports.finish', { id }, there);
  const { items } = await abroad.call('events.list', { q: 'format:auth' }, there);
  expect(items.map(({ source, time }) => [source, time]).sort()).toEqual([
    ['web-1', '2026-11-21T04:58:00.000Z'],
    ['web-2', '2026-11-21T04:58:00.000Z'],
  ]);
  const unknown = createTestConsole({ settings: new Map([['events.time_zone', 'Mars/Olympus']]) });
  await expect(unknown).rejects.toThrow(/time_zone/);
});

it('signs and refuses records as it does events', async () => {
  const made = await console.call(
    'keys.create',
    { name: 'forwarder', scopes: ['events.write'], event_signing: 'required' },
    session,
  );
  const as: Credential = { kind: 'token', token: made.key, from: 'bearer' };
  const record = { format: 'auth', line: failed };
  const unsigned = await console.send('events.ingest', { events: [record] }, as);
  expect(unsigned).toMatchObject({ kind: 'problem', problem: { code: 'events/signature' } });
  const signature = signEvent(record, Buffer.from(made.hmac_secret ?? ''));
  const sent = { events: [{ ...record, signature }] };
  expect(await console.call('events.ingest', sent, as)).toMatchObject({ accepted: 1 });
  expect(await console.call('events.ingest', sent, as)).toMatchObject({ duplicates: 1 });
  const { items } = await console.call('events.list', { q: 'format:auth' }, session);
  expect(items[0]?.signed_by).toBe(made.id);
  const old = { format: 'auth', line: failed.replace('Nov 21', 'Nov 19') };
  const late = { ...old, signature: signEvent(old, Buffer.from(made.hmac_secret ?? '')) };
  expect((await console.call('events.ingest', { events: [late] }, as)).results[0]?.reason).toMatch(/^time: a signed/);
});

it('takes any record, and leaves what was sent as it was', () => {
  const formats = fc.constantFrom<string>(...recordFormats, ...lineFormats);
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), formats, fc.string(), (members, format, line) => {
      const sent = { ...members, format, line };
      const before = structuredClone(sent);
      const items = createDeclaredReader(now, undefined).read(sent);
      expect(items?.length).toBeGreaterThan(0);
      expect(sent).toEqual(before);
    }),
    { numRuns: 1_000 },
  );
});
