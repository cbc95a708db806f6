// Importing files through dispatch: every format, the same file twice, a grown file, packed files, and the chunk protocol's refusals.
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import { UnpackError } from '../../../src-main/core/features/events/inflater.ts';
import { createUnpacker } from '../../../src-main/core/features/events/unpack.ts';
import type { ImportState } from '../../../src-shared/contract/events.ts';
import { createTestConsole, type TestConsole } from '../../support/console.ts';
import { evtxChunk, evtxFile, failedLogons } from '../../support/evtx-file.ts';
import { zipOf } from '../../support/zip-file.ts';

const logs = resolve(import.meta.dirname, '../../fixtures/logs');
let console: TestConsole;
let session: Credential;

beforeEach(async () => {
  const made = await createTestConsole();
  onTestFinished(() => made[Symbol.asyncDispose]());
  console = made;
  ({ session } = await console.signIn());
});

async function importBytes(bytes: Uint8Array, name = 'auth.log', chunk = 1_048_576): Promise<ImportState> {
  const { id } = await console.call('imports.start', { name, size_bytes: bytes.length }, session);
  for (let offset = 0; offset < bytes.length; offset += chunk) {
    const data = new Uint8Array(bytes.subarray(offset, offset + chunk));
    await console.call('imports.append', { id, offset, data }, session);
  }
  return console.call('imports.finish', { id }, session);
}

async function allEvents(): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: { id: string; source: string }[]; next_cursor: string | null } = await console.call(
      'events.list',
      { limit: 7, ...(cursor === null ? {} : { cursor }) },
      session,
    );
    ids.push(...page.items.filter(({ source }) => source !== 'gatehouse').map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return ids;
}

const auth = (index: number): string =>
  `Nov 21 13:${String(index % 60).padStart(2, '0')}:00 web-1 sshd[${2000 + index}]: Failed password for root from 203.0.113.${index % 250} port ${4000 + index} ssh2\n`;
const lines = (from: number, to: number): Uint8Array =>
  Buffer.from(Array.from({ length: to - from }, (_, index) => auth(from + index)).join(''));

const formats: Record<string, string> = {
  'apache-vhost-access.log': 'access',
  'auditd.log': 'auditd',
  'cef.log': 'cef',
  'cloudtrail.json': 'cloudtrail',
  'debian-auth.log': 'auth',
  'events.csv': 'csv',
  'gatehouse.ndjson': 'json',
  'nginx-access.log': 'access',
  'rfc5424.log': 'syslog',
  'rhel-secure.log': 'auth',
  'ubuntu-auth.log': 'auth',
  'windows-flat.ndjson': 'windows',
  'windows-nested.json': 'windows',
};

test('each format is told by its content; the same file again, under another name or in other chunks, adds nothing', async () => {
  expect(readdirSync(logs).sort()).toEqual(Object.keys(formats).sort());
  for (const [file, format] of Object.entries(formats)) {
    const bytes = readFileSync(join(logs, file));
    const first = await importBytes(bytes, file);
    expect(first, file).toMatchObject({ format, state: 'finished', duplicates: 0, bytes: bytes.length });
    expect(first.accepted, file).toBeGreaterThan(0);
    expect(first.records).toBe(first.accepted + first.rejected);
    const again = await importBytes(bytes, `renamed-${file}`, 37);
    expect(again, file).toMatchObject({
      records: first.records,
      accepted: 0,
      duplicates: first.accepted,
      rejected: first.rejected,
      alerts: 0,
    });
    const packed = await importBytes(gzipSync(bytes), `${file}.gz`, 101);
    expect(packed, file).toMatchObject({ format, accepted: 0, duplicates: first.accepted });
  }
});

test('a file that has grown adds only its new lines, and lines that are alike stay apart', async () => {
  expect(await importBytes(lines(0, 30))).toMatchObject({ accepted: 30, duplicates: 0 });
  expect(await importBytes(lines(0, 45))).toMatchObject({ accepted: 15, duplicates: 30 });
  const repeated = Buffer.concat([lines(0, 45), lines(44, 45), lines(44, 45)]);
  expect(await importBytes(repeated)).toMatchObject({ accepted: 2, duplicates: 45 });
  expect(new Set(await allEvents()).size).toBe(47);
});

test('bad lines are counted and the first hundred named by line; the good ones are in', async () => {
  const good = { id: randomUUID(), time: '2026-11-21T13:00:00Z', source: 'crm', event_type: 'login', success: false };
  const rows = Array.from({ length: 150 }, (_, index) =>
    index % 2 === 0 ? { ...good, id: randomUUID() } : '{"broken',
  );
  const text = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
  const state = await importBytes(Buffer.from(text));
  expect(state).toMatchObject({ format: 'json', accepted: 75, rejected: 75 });
  expect(state.bad_lines).toHaveLength(75);
  expect(state.bad_lines[0]?.line).toBe(2);
});

test('alerts of a file are counted, and an entry names the import', async () => {
  const state = await importBytes(lines(0, 0 + 12));
  expect(state.alerts).toBe((await console.call('alerts.list', {}, session)).items.length);
  const { items } = await console.call('audit.entries', { event_type: 'events_import' }, session);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    action: 'imports.finish',
    success: true,
    actor: { kind: 'user', name: 'mira' },
    resource: { type: 'import', id: state.id },
    details: { name: 'auth.log', format: 'auth', state: 'finished', accepted: 12, rejected: 0 },
  });
});

test.each([
  ['random bytes', randomBytes(100_000), /holds binary data; nothing was taken in$/],
  [
    'UTF-16 without its mark',
    Buffer.from('Nov 21 13:00:00 web-1 sshd[1]: x\n'.repeat(50), 'utf16le'),
    /holds binary data/,
  ],
  ['prose', Buffer.from('dear diary,\nnothing happened\n'), /say which it is with format/],
  ['damaged gzip', Buffer.concat([gzipSync(lines(0, 9)).subarray(0, 60)]), /gzip data is damaged or cut off/],
])('refuses what is no log: %s', async (_what, bytes, detail) => {
  await expect(importBytes(bytes, 'junk')).rejects.toMatchObject({
    problem: { code: 'events/import-format', status: 422, detail: expect.stringMatching(detail) as string },
  });
  expect(await allEvents()).toEqual([]);
});

test('a small file that unpacks to very much is refused before it fills memory', async () => {
  const bomb = gzipSync(Buffer.concat([lines(0, 1_000), Buffer.alloc(80 * 1_048_576, 'a')]));
  expect(bomb.length).toBeLessThan(200_000);
  await expect(importBytes(bomb, 'bomb.gz')).rejects.toMatchObject({
    problem: {
      code: 'events/import-format',
      detail: expect.stringMatching(/unpacks to more than 200 times/) as string,
    },
  });
});

test('the files of a zip are read one by one, each in its own format; what is no log among them is named', async () => {
  const files = ['debian-auth.log', 'windows-flat.ndjson'].map(
    (name) => [name, readFileSync(join(logs, name))] as const,
  );
  const evtx = evtxFile([evtxChunk(failedLogons(4))]);
  const archive = zipOf([
    ...files.map(([name, bytes]) => ({ name: `logs/${name}`, bytes })),
    { name: 'logs/', bytes: Buffer.alloc(0) },
    { name: 'logo.png', bytes: Buffer.from([0x89, 0x50, 0, 0, 1, 2, 3]) },
    { name: 'dc01.evtx', bytes: evtx, descriptor: true },
    { name: 'more.log.gz', bytes: gzipSync(lines(0, 5)), stored: true },
  ]);
  const alone = await Promise.all(files.map(async ([name, bytes]) => (await importBytes(bytes, name)).accepted));
  const state = await importBytes(archive, 'logs.zip', 101);
  expect(state).toMatchObject({
    state: 'finished',
    format: 'auth',
    accepted: 9,
    duplicates: alone.reduce((sum, one) => sum + one, 0),
    bytes: archive.length,
  });
  expect(state.bad_lines.at(-1)).toEqual({ line: 0, reason: 'logo.png: is not a text log: it holds binary data' });
  expect(await importBytes(archive, 'logs.zip')).toMatchObject({ accepted: 0 });
});

test.each([
  ['cut off', (zip: Buffer) => zip.subarray(0, 300), /cut off/],
  ['with a wrong checksum', (zip: Buffer) => spoil(zip, 14), /fails its checksum/],
  ['encrypted', (zip: Buffer) => spoil(zip, 6), /is encrypted/],
  ['packed in another way', (zip: Buffer) => spoil(zip, 8), /only deflate is/],
])('refuses a zip %s', async (_what, change, detail) => {
  const archive = zipOf([{ name: 'auth.log', bytes: Buffer.from(lines(0, 500)) }]);
  await expect(importBytes(change(Buffer.from(archive)), 'logs.zip')).rejects.toMatchObject({
    problem: { code: 'events/import-format', detail: expect.stringMatching(detail) as string },
  });
});

test('a zip in a zip that unpacks to very much is refused', async () => {
  const inner = zipOf([{ name: 'a.log', bytes: Buffer.concat([lines(0, 1_000), Buffer.alloc(80 * 1_048_576, 'a')]) }]);
  await expect(importBytes(zipOf([{ name: 'b.zip', bytes: inner }]), 'bomb.zip')).rejects.toMatchObject({
    problem: { detail: expect.stringMatching(/unpacks to more than 200 times/) as string },
  });
});

function spoil(zip: Buffer, at: number): Buffer {
  zip[at] = (zip[at] ?? 0) ^ 1;
  return zip;
}

test('takes any zip whose bytes were changed, or refuses it in a sentence', async () => {
  const good = zipOf([
    { name: 'a.log', bytes: Buffer.from('Nov 21 07:50:12 h app: x\n'.repeat(20)) },
    { name: 'b.log', bytes: Buffer.from('Nov 21 07:50:12 h app: y\n'), descriptor: true },
  ]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 3 }),
      fc.integer({ min: 1, max: good.length }),
      fc.integer({ min: 1, max: 200 }),
      async (changes, length, step) => {
        const changed = Buffer.from(good);
        for (const [at, byte] of changes) changed[at] = byte;
        const outcome = async (size: number): Promise<string> => {
          const unpacker = createUnpacker();
          let text = '';
          const take = async (pieces: ReturnType<typeof unpacker.push>): Promise<void> => {
            for await (const piece of pieces)
              text += piece.kind === 'file' ? `[${piece.name}]` : Buffer.from(piece.bytes).toString('latin1');
          };
          try {
            for (let from = 0; from < length; from += size)
              await take(unpacker.push(changed.subarray(from, Math.min(length, from + size))));
            await take(unpacker.end());
          } catch (error) {
            if (!(error instanceof UnpackError)) throw error;
            return error.message;
          } finally {
            unpacker.destroy();
          }
          return text;
        };
        // However it is cut, it ends the same way.
        expect(await outcome(step)).toBe(await outcome(length));
      },
    ),
    { numRuns: 300 },
  );
});

test('columns of a CSV file are called as the caller says', async () => {
  const input = { name: 'x.csv', format: 'csv' as const, columns: { time: 'Zeit', actor: 'Wer' } };
  const { id } = await console.call('imports.start', input, session);
  const data = new Uint8Array(Buffer.from('Zeit;Wer\n2026-11-21T13:00:00Z;alice\n'));
  await console.call('imports.append', { id, offset: 0, data }, session);
  expect(await console.call('imports.finish', { id }, session)).toMatchObject({ format: 'csv', accepted: 1 });
});

test('an empty file is imported as nothing', async () => {
  expect(await importBytes(new Uint8Array(0))).toMatchObject({ format: null, records: 0, state: 'finished' });
});

test('a chunk at the wrong place is refused with the right one, a chunk sent twice is taken once', async () => {
  const bytes = lines(0, 40);
  const half = 1_000;
  const { id } = await console.call('imports.start', { name: 'auth.log' }, session);
  const first = { id, offset: 0, data: new Uint8Array(bytes.subarray(0, half)) };
  expect(await console.call('imports.append', first, session)).toMatchObject({ bytes: half });
  expect(await console.call('imports.append', first, session)).toMatchObject({ bytes: half });
  const gap = { id, offset: half + 1, data: new Uint8Array(5) };
  await expect(console.call('imports.append', gap, session)).rejects.toMatchObject({
    problem: { code: 'events/import-offset', detail: `expected the chunk at byte ${half}, not ${half + 1}` },
  });
  const rest = { id, offset: half, data: new Uint8Array(bytes.subarray(half)) };
  expect(await console.call('imports.append', rest, session)).toMatchObject({ bytes: bytes.length });
  expect(await console.call('imports.finish', { id }, session)).toMatchObject({ accepted: 40, rejected: 0 });
});

test('chunks sent at once are taken one at a time', async () => {
  const bytes = lines(0, 400);
  const { id } = await console.call('imports.start', { name: 'auth.log' }, session);
  const both = [0, 1].map(() =>
    console.send('imports.append', { id, offset: 0, data: new Uint8Array(bytes) }, session),
  );
  const outcomes = (await Promise.all(both)).map((answer) => answer.kind === 'output' || answer.problem.code);
  expect(outcomes.sort()).toEqual(['events/import-offset', true]);
  expect(await console.call('imports.finish', { id }, session)).toMatchObject({ accepted: 400 });
});

test('an import that nobody knows, that is over, or that was left for half an hour', async () => {
  const missing = { problem: { code: 'events/import-not-found', status: 404 } };
  const data = new Uint8Array(lines(0, 5));
  await expect(console.call('imports.finish', { id: randomUUID() }, session)).rejects.toMatchObject(missing);
  const done = await importBytes(lines(0, 5));
  await expect(console.call('imports.append', { id: done.id, offset: 0, data }, session)).rejects.toMatchObject(
    missing,
  );
  const { id } = await console.call('imports.start', { name: 'left.log' }, session);
  console.host.advance(29 * 60_000);
  await console.call('imports.append', { id, offset: 0, data }, session);
  console.host.advance(29 * 60_000);
  expect(await console.call('imports.finish', { id }, session)).toMatchObject({ duplicates: 5 });
  const left = await console.call('imports.start', { name: 'left.log' }, session);
  await console.call('auth.session', {}, session);
  console.host.advance(29 * 60_000);
  await console.call('auth.session', {}, session);
  console.host.advance(2 * 60_000);
  await console.call('imports.start', { name: 'other.log' }, session);
  await expect(console.call('imports.finish', { id: left.id }, session)).rejects.toMatchObject(missing);
});

test('a cancelled import keeps what was taken in and says so in its entry', async () => {
  const { id } = await console.call('imports.start', { name: 'auth.log', format: 'auth' }, session);
  const data = new Uint8Array(Buffer.concat([lines(0, 1_500)]));
  const { accepted } = await console.call('imports.append', { id, offset: 0, data }, session);
  expect(accepted).toBeGreaterThan(0);
  await console.call('imports.cancel', { id }, session);
  expect(await allEvents()).toHaveLength(accepted);
  const { items } = await console.call('audit.entries', { event_type: 'events_import' }, session);
  expect(items[0]).toMatchObject({ action: 'imports.cancel', details: { state: 'cancelled', accepted } });
});

test('at most sixteen imports run at once', async () => {
  for (let n = 0; n < 16; n++) await console.call('imports.start', { name: `${n}.log` }, session);
  await expect(console.call('imports.start', { name: 'more.log' }, session)).rejects.toMatchObject({
    problem: { detail: '16 imports are running already; finish or cancel one' },
  });
});

test('a zone that is none is refused, a right one moves the times', async () => {
  await expect(console.call('imports.start', { name: 'a.log', zone: 'Mars/Olympus' }, session)).rejects.toMatchObject({
    problem: { code: 'request/invalid', detail: expect.stringContaining('Mars/Olympus') as string },
  });
  const { id } = await console.call('imports.start', { name: 'a.log', zone: '+02:00' }, session);
  await console.call('imports.append', { id, offset: 0, data: new Uint8Array(lines(0, 1)) }, session);
  await console.call('imports.finish', { id }, session);
  const { items } = await console.call('events.list', { actor: 'root' }, session);
  expect(items[0]?.time).toBe('2026-11-21T11:00:00.000Z');
});
