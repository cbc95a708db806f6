// Followed lines against an import of the whole file: the same events with the same ids, wherever reading begins.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecordReader } from '../../../src-main/engine/formats/record-reader.ts';
import { fileIdentity } from '../../../src-main/engine/record-id.ts';
import { isRotated } from '../../../src-main/shells/watch/follower.ts';
import { identityOf } from '../../../src-main/shells/watch/log-file.ts';
import { type LineFormat, readBlock } from '../../../src-main/shells/watch/records.ts';

const now = Date.UTC(2026, 10, 21, 14);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const lines: Readonly<Record<string, fc.Arbitrary<string>>> = {
  auth: fc.oneof(
    fc.nat(9).map((n) => `Nov 20 10:00:0${n} host sshd[1]: Failed password for root from 203.0.113.${n} port 22 ssh2`),
    fc.constant(
      'Nov 20 10:00:00 host sshd[1]: message repeated 3 times: [ Failed password for root from 203.0.113.1 port 22 ssh2]',
    ),
    fc.constantFrom('', 'garbage', '\r', 'é\ufffd'),
  ),
  json: fc.oneof(
    fc.nat(9).map((n) => `{"time":"2026-11-20T10:00:0${n}Z","message":"hello ${n}"}`),
    fc.constantFrom('{"time":"2026-11-20T10:00:00Z","message":"x"} ', '  {"time":"2026-11-20T10:00:00Z","user":"y"}\r'),
  ),
};

test.each(['auth', 'json'] as const)('%s: the ids of an import, from any line on', (format: LineFormat) => {
  fc.assert(
    fc.property(
      fc.array(lines[format] ?? fc.constant(''), { minLength: 1, maxLength: 20 }),
      fc.nat(20),
      (rows, cut) => {
        const text = rows.map((row) => `${row}\n`).join('');
        const identity = identityOf(bytesOf(text), false);
        const first = rows.find((row) => row.replaceAll('\r', '') !== '');
        if (identity === undefined || first === undefined) return;
        expect(identity).toEqual(fileIdentity(first));
        const reader = createRecordReader(format, { fileIdentity: identity, referenceTimeMs: now });
        const whole = [...reader.push(bytesOf(text)), ...reader.end()];
        const middle = bytesOf(
          rows
            .slice(0, cut)
            .map((row) => `${row}\n`)
            .join(''),
        ).length;
        const parts = [
          ...readBlock(
            format,
            { identity, offset: 0, bytes: bytesOf(text).subarray(0, middle) },
            { zone: undefined, now },
          ),
          ...readBlock(
            format,
            { identity, offset: middle, bytes: bytesOf(text).subarray(middle) },
            { zone: undefined, now },
          ),
        ];
        expect(parts.map((one) => (one.kind === 'event' ? one.event.id : one.reason))).toEqual(
          whole.map((one) => (one.kind === 'event' ? one.event.id : one.reason)),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('an object that is not closed harms its own line only', () => {
  const text = '{"time":"2026-11-20T10:00:00Z","a":\n{"time":"2026-11-20T10:00:01Z","message":"good"}\n';
  const found = readBlock(
    'json',
    { identity: fileIdentity('x'), offset: 10, bytes: bytesOf(text) },
    { zone: undefined, now },
  );
  expect(found.map(({ kind }) => kind)).toEqual(['rejected', 'event']);
});

test('whatever stands in a file, lines are events or rejected', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom('auth', 'json', 'access', 'syslog', 'auditd', 'cef', 'windows'),
      (bytes, format) => {
        for (const one of readBlock(
          format,
          { identity: fileIdentity('x'), offset: 5, bytes },
          { zone: undefined, now },
        )) {
          if (one.kind === 'rejected') expect(one.offset).toBeGreaterThanOrEqual(5);
          else
            expect(one.event).toMatchObject({
              id: expect.any(String),
              time: expect.any(String),
              source: expect.any(String),
            });
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('the first line is known when it is complete', () => {
  expect(identityOf(bytesOf(''), false)).toBeUndefined();
  expect(identityOf(bytesOf('\n\nfirst'), false)).toBeUndefined();
  expect(identityOf(bytesOf('\n\nfirst\r\nsecond'), false)).toEqual(fileIdentity('first'));
  expect(identityOf(bytesOf('first'), true)).toEqual(fileIdentity('first'));
  expect(identityOf(bytesOf('x'.repeat(70_000)).subarray(0, 65_536), false)).toEqual(fileIdentity('x'.repeat(65_536)));
});

test.each([
  ['auth.log.1', 'auth.log', true],
  ['auth.log.2.gz', 'auth.log', true],
  ['auth.log-20261121', 'auth.log', true],
  ['app-20261121.log', 'app.log', true],
  ['app-2026-11-21T10:00.log.gz', 'app.log', true],
  ['app-other.log', 'app.log', false],
  ['auth.log', 'auth.log', false],
  ['auth.log.1.gz.new', 'auth.log', false],
  ['auth.log.1.xz', 'auth.log', false],
  ['my-auth.log.1', 'auth.log', false],
])('%s beside %s: %s', (candidate, name, expected) => {
  expect(isRotated(candidate, name)).toBe(expected);
});
