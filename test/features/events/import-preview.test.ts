// The first lines of a file as an import would read them: what the preview says is what the import then does, and nothing is taken in.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { createTestConsole, Refusal, type TestConsole } from '../../support/console.ts';
import { zipOf } from '../../support/zip-file.ts';

async function open() {
  const console = await createTestConsole({ settings: new Map([['rate_limit.requests_per_minute', 1_000_000]]) });
  const { session } = await console.signIn();
  return { console, session, [Symbol.asyncDispose]: () => console[Symbol.asyncDispose]() };
}

type Choices = Partial<CallInput<'imports.preview'>>;

function asked(text: string | Uint8Array, choices: Choices = {}): CallInput<'imports.preview'> {
  return { name: 'x.log', sample: Buffer.from(text).toString('base64'), is_whole: true, ...choices };
}

const auth = `Nov 20 10:00:00 web-1 sshd[1]: Failed password for root from 203.0.113.7 port 22 ssh2
this is no such line
Nov 20 10:00:02 web-1 sshd[1]: Accepted publickey for alice from 192.0.2.4 port 22 ssh2
`;

it('says what each line would become, and which lines would be refused and why', async () => {
  await using opened = await open();
  const { console, session } = opened;
  const found = await console.call('imports.preview', asked(auth), session);
  expect(found).toMatchObject({ detected: 'auth', format: 'auth', reason: null, records: 3, rejected: 1 });
  expect(found.items.map(({ line, event }) => [line, event?.actor, event?.success])).toEqual([
    [1, 'root', false],
    [2, undefined, undefined],
    [3, 'alice', true],
  ]);
  expect(found.bad_lines).toMatchObject([{ line: 2, raw: 'this is no such line', event: null }]);
  const zoned = await console.call('imports.preview', asked(auth, { zone: 'Europe/Berlin' }), session);
  const hour = (preview: typeof found) => preview.items[0]?.event?.time.slice(11, 13);
  expect([hour(found), hour(zoned)]).toEqual(['10', '09']);
  expect(await console.call('events.list', { q: 'root' }, session)).toMatchObject({ items: [] });
});

it('reads as it is told, also what it would not have known', async () => {
  await using opened = await open();
  const { console, session } = opened;
  const csv = '2026-11-20T10:00:00Z;nobody\n';
  const unknown = await console.call('imports.preview', asked('a b c\nd e f\n'), session);
  expect(unknown).toMatchObject({
    detected: null,
    format: null,
    items: [],
    reason: expect.stringContaining('say which'),
  });
  const binary = await console.call('imports.preview', asked(new Uint8Array([0, 1, 2, 3, 0, 0])), session);
  expect(binary.reason).toContain('binary');
  const told = await console.call(
    'imports.preview',
    asked(csv.replace(';', ','), { format: 'csv', columns: { time: '1', actor: '2' } }),
    session,
  );
  expect(told.items).toMatchObject([{ event: { actor: 'nobody' } }]);
  const wrong = await console.call('imports.preview', asked(auth, { format: 'json' }), session);
  expect(wrong).toMatchObject({ detected: 'auth', format: 'json', rejected: wrong.records });
  await expect(console.call('imports.preview', asked(auth, { zone: 'Nowhere/Else' }), session)).rejects.toThrow(
    'is not a time zone',
  );
});

it('looks into what is packed, also when only its begin is there', async () => {
  await using opened = await open();
  const { console, session } = opened;
  const long = Array.from({ length: 20_000 }, (_, n) => auth.replaceAll('port 22', `port ${n}`)).join('');
  const packed = gzipSync(Buffer.from(long));
  const begin = await console.call('imports.preview', asked(packed.subarray(0, 100_000), { is_whole: false }), session);
  expect(begin).toMatchObject({ format: 'auth', items: expect.objectContaining({ length: 20 }) });
  const zip = zipOf([{ name: 'logs/auth.log', bytes: Buffer.from(auth) }]);
  expect(await console.call('imports.preview', asked(zip), session)).toMatchObject({
    format: 'auth',
    inner: 'logs/auth.log',
    records: 3,
  });
  await expect(console.call('imports.preview', asked(zip.subarray(0, 20)), session)).rejects.toThrow('cut off');
});

it('agrees with the import about every line, whatever the lines are', async () => {
  await using opened = await open();
  const { console, session } = opened;
  const line = fc.constantFrom(
    'Nov 20 10:00:00 web-1 sshd[1]: Failed password for root from 203.0.113.7 port 22 ssh2',
    'nonsense',
    '<34>1 2026-11-20T10:00:00Z host app - - - hello',
    '{"a": 1}',
    '',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), fc.nat(1_000_000), async (lines, salt) => {
      const text = `Nov 20 10:00:00 web-1 sshd[${salt}]: Accepted publickey for al from 192.0.2.4 port 2 ssh2\n${lines.join('\n')}\n`;
      const seen = await console.call('imports.preview', asked(text, { format: 'auth' }), session);
      const { id } = await console.call('imports.start', { name: 'x.log', format: 'auth' }, session);
      await console.call('imports.append', { id, offset: 0, data: new Uint8Array(Buffer.from(text)) }, session);
      const done = await console.call('imports.finish', { id }, session);
      expect([seen.records, seen.rejected]).toEqual([done.records, done.rejected]);
      expect(seen.bad_lines.map(({ line: at, reason }) => ({ line: at, reason }))).toEqual(done.bad_lines);
    }),
    { numRuns: 25 },
  );
});

it('answers any bytes with a preview or a refusal', async () => {
  await using opened = await open();
  const zip = zipOf([{ name: 'a.log', bytes: Buffer.from(auth) }]);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(zip.length - 1), fc.nat(255)).map(([at, value]) => new Uint8Array(zip.with(at, value))),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (sample, is_whole) => {
      expect(await outcome(opened.console, opened.session, asked(sample, { is_whole }))).toMatch(
        /^(?:fine|events\/import-format)$/,
      );
    }),
    { numRuns: 200 },
  );
});

async function outcome(
  console: TestConsole,
  session: Parameters<TestConsole['call']>[2],
  input: CallInput<'imports.preview'>,
): Promise<string> {
  return console.call('imports.preview', input, session).then(
    () => 'fine',
    (error: unknown) => (error instanceof Refusal ? error.problem.code : String(error)),
  );
}
