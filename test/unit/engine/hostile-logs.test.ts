// Hostile log files, per parser: nothing hangs, grows or throws, and what is refused says why.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../../src-main/engine/formats/detect.ts';
import { formatNames } from '../../../src-shared/log-formats.ts';
import { events, fixture, read, rejections } from './reading.ts';

const good = 'Nov 21 07:50:12 h sshd[1]: Failed password for alice from 203.0.113.7 port 1 ssh2\n';
const mebibyte = 1_048_576;

describe('lines', () => {
  it('rejects a line over 1 MiB and reads on after it', () => {
    const results = read(`${'x'.repeat(3 * mebibyte)}\n${good}`, 'auth');
    expect(rejections(results)).toEqual(['1: longer than 1024 KiB']);
    expect(results[1]).toMatchObject({ kind: 'event', line: 2, offset: 3 * mebibyte + 1 });
  });

  it('takes a line of exactly 1 MiB, with LF and with CRLF', () => {
    const start = 'Nov 21 07:50:12 h app: ';
    const line = start + 'x'.repeat(mebibyte - start.length);
    expect(events(read(`${line}\r\n${line}\n${line}`, 'auth'))).toHaveLength(3);
    expect(rejections(read(`${line}y\r\n${line}y`, 'auth'))).toEqual([
      '1: longer than 1024 KiB',
      '2: longer than 1024 KiB',
    ]);
  });

  it('rejects lines with NUL bytes and reads on', () => {
    expect(rejections(read(`${'\0'.repeat(500)}\n${good}`, 'auth'))).toEqual([
      '1: holds NUL bytes, which text logs do not have',
    ]);
    expect(events(read(`${'\0'.repeat(500)}\n${good}`, 'auth'))).toHaveLength(1);
  });

  it('repairs bytes that are not UTF-8, and tells such lines apart by their bytes', () => {
    const line = (byte: number) =>
      new Uint8Array([
        ...new TextEncoder().encode('Nov 21 07:50:12 h sshd[1]: Invalid user '),
        byte,
        ...new TextEncoder().encode(' from 203.0.113.7 port 1\n'),
      ]);
    const [first] = events(read(line(0xff), 'auth'));
    const [second] = events(read(line(0xfe), 'auth'));
    expect(first?.actor).toBe('\uFFFD');
    expect(first?.id).not.toBe(second?.id);
  });

  it('takes CRLF, a byte order mark, empty lines and a missing last line end', () => {
    const results = read(`\uFEFF${good.trimEnd()}\r\n\r\n   \n${good.trimEnd()}`, 'auth');
    expect(rejections(results)).toEqual([]);
    expect(results.map(({ line }) => line)).toEqual([1, 4]);
  });
});

/** The head of a member and the log in it. */
const tarStart = Buffer.concat([Buffer.alloc(512), Buffer.from(good.repeat(20))]);
tarStart.write('auth.log', 0);
tarStart.write('ustar', 257);

describe('what is no log', () => {
  it.each([
    ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 1, 2, 3]), 'binary data'],
    ['xz', new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]), 'packed as xz'],
    ['bzip2', new Uint8Array([0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0, 4]), 'packed as bzip2'],
    ['the start of an EVTX file', new TextEncoder().encode('ElfFile\0\0\0\0'), 'inside its header'],
    ['a program', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), 'binary data'],
    ['a tar of logs', tarStart, 'binary data'],
    ['text and zeros in another encoding', new Uint8Array([...Buffer.from('é\n', 'latin1'), 0, 0]), 'binary data'],
    ['a letter', new TextEncoder().encode('Dear all,\nthis is no log.\n'), 'not recognised'],
  ])('refuses %s in one sentence', (_, bytes, words) => {
    const results = read(bytes);
    expect(results).toHaveLength(1);
    expect(rejections(results)[0]).toContain(words);
  });

  it('is no log with a hole of zeros, as a machine leaves it that lost its power: the line there is bad, the others are read', () => {
    const results = read(Buffer.concat([Buffer.from(good), Buffer.alloc(4096), Buffer.from(`${good}${good}`)]));
    expect(results).toHaveLength(3);
    expect(rejections(results)).toHaveLength(1);
  });

  it('has nothing to say about an empty file', () => {
    expect(read('')).toEqual([]);
  });
});

describe('auth', () => {
  it('is not misled by a user name that looks like the rest of the line', () => {
    const name = 'root from 10.0.0.1 port 22 ssh2';
    const [event] = events(
      read(
        `Nov 21 07:50:12 h sshd[1]: Failed password for invalid user ${name} from 203.0.113.7 port 1 ssh2\n`,
        'auth',
      ),
    );
    expect(event).toMatchObject({ actor: name, ip_address: '203.0.113.7', success: false });
  });

  it('does not make a login of a user name that says Accepted', () => {
    const [event] = events(
      read('Nov 21 07:50:12 h sshd[1]: Invalid user Accepted password for root from 203.0.113.7 port 1\n', 'auth'),
    );
    expect(event?.success).toBeUndefined();
  });

  it('limits what "message repeated" can stand for', () => {
    const line =
      'Nov 21 07:50:12 h sshd[1]: message repeated 999999999 times: [ Failed password for root from 203.0.113.7 port 1 ssh2]\n';
    expect(events(read(line, 'auth'))).toHaveLength(1000);
  });

  it('refuses times that do not exist', () => {
    expect(
      rejections(read('Feb 30 07:50:12 h a: x\nNov 21 24:00:00 h a: x\n2026-13-01T00:00:00Z h a: x\n', 'auth')),
    ).toHaveLength(3);
  });
});

describe('access', () => {
  it('is linear in lines made of quotes and backslashes', () => {
    const tail = `"${'\\"'.repeat(200_000)}`;
    // A reader that went back for each quote would not come to the end within the test's time.
    expect(read(`198.51.100.1 - - [21/Nov/2026:07:50:12 +0000] ${tail}\n`.repeat(2), 'access')).toHaveLength(2);
    expect(rejections(read(`${'- '.repeat(400_000)}\n`, 'access'))).toHaveLength(1);
  });

  it('keeps bad percent sequences and thousands of parameters in bounds', () => {
    const query = `a=%zz&b=%ff&${'p=1&'.repeat(3000)}`;
    const [event] = events(
      read(`198.51.100.1 - - [21/Nov/2026:07:50:12 +0000] "GET /?${query} HTTP/1.1" 200 1\n`, 'access'),
    );
    expect(event?.details.parameters).toMatchObject({ a: '%zz', b: '\uFFFD' });
    expect(Object.keys(event?.details.parameters ?? {}).length).toBeLessThanOrEqual(101);
  });
});

describe('JSON', () => {
  it('refuses deep nesting and too many values', () => {
    const deep = `{"time":"2026-11-21T07:50:12Z","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const wide = `{"time":"2026-11-21T07:50:12Z","a":[${'0,'.repeat(20_000)}0]}`;
    expect(rejections(read(`${deep}\n${wide}\n`, 'json'))).toEqual([
      '1: nested deeper than 32 levels',
      '2: more than 20000 values',
    ]);
  });

  it('does not let a record reach prototypes', () => {
    const record =
      '{"time":"2026-11-21T07:50:12Z","__proto__":{"actor":"eve"},"details":{"__proto__":{"x":1},"constructor":"c"}}';
    const [event] = events(read(record, 'json'));
    expect(event?.actor).toBeUndefined();
    expect(Object.getPrototypeOf(event?.details)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('says what is missing', () => {
    expect(rejections(read('{"a":1}\n{"time":"soon"}\n', 'json')).every((reason) => reason.includes('no time'))).toBe(
      true,
    );
  });

  it('rejects an element that never ends, once', () => {
    expect(rejections(read(`[{"time":"2026-11-21T07:50:12Z"}, {"a": "${'x'.repeat(2 * mebibyte)}`, 'json'))).toEqual([
      '1: longer than 1024 KiB',
    ]);
  });
});

it.each(formatNames)('%s takes any bytes without throwing, and however they are cut', (format) => {
  const files = ['debian-auth.log', 'nginx-access.log', 'gatehouse.ndjson', 'windows-nested.json', 'rfc5424.log'].map(
    fixture,
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc
      .string({ unit: fc.constantFrom(...'{}[]",:\\\n\r <>1- aNov21'), maxLength: 300 })
      .map((text) => new TextEncoder().encode(text)),
    fc.constantFrom(...files).chain((file) =>
      fc.tuple(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 })).map(([at, byte]) => {
        const copy = file.slice();
        copy[at] = byte;
        return copy;
      }),
    ),
  );
  fc.assert(
    fc.property(bytes, fc.array(fc.nat({ max: 3000 }), { maxLength: 6 }), (data, cuts) => {
      const whole = read(data, format);
      const sorted = cuts.filter((cut) => cut <= data.length).sort((a, b) => a - b);
      expect(read(data, format, {}, sorted)).toEqual(whole);
      expect(read(data, 'auto', {}, sorted)).toEqual(read(data, 'auto'));
    }),
    { numRuns: 200 },
  );
  expect(() => detectFormat(new Uint8Array(70_000).fill(0x7b))).not.toThrow();
});

it('gives a record the same id when the file is read again or has grown, and repeated lines their own', () => {
  const once = events(read(good + good, 'auth')).map(({ id }) => id);
  const grown = events(read(good + good + good, 'auth')).map(({ id }) => id);
  expect(grown.slice(0, 2)).toEqual(once);
  expect(new Set(grown).size).toBe(3);
  expect(grown.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
});
