import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '../../../src-main/base/bytes.ts';
import type { Principal } from '../../../src-main/core/dispatch/principal.ts';
import {
  addressKey,
  type Filter,
  parseCursor,
  parseFilter,
  writeCursor,
} from '../../../src-main/core/features/alerts/filter.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';

const anybody: Principal = { kind: 'system', workspace: 'default', name: 'system' };

function problemOf(run: () => unknown): ProblemError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('cursors', () => {
  it('come back as they were written', () => {
    const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(
        fc.constantFrom('risk' as const, 'newest' as const),
        fc.record({ risk: fc.nat({ max: 100 }), raisedAt: count, number: count }),
        (sort, cursor) => {
          const text = writeCursor(sort, cursor);
          expect(parseCursor(text, sort)).toEqual(cursor);
          expect(text.length).toBeLessThanOrEqual(200);
        },
      ),
    );
  });

  it.each([
    ['empty', ''],
    ['not base64url', 'a+b/c='],
    ['base64url of no JSON', toBase64Url(utf8('not json'))],
    ['bytes that are no UTF-8', toBase64Url(new Uint8Array([0xff, 0xfe, 0x80]))],
    ['an object', toBase64Url(utf8('{"risk":1}'))],
    ['too few values', toBase64Url(utf8('["risk",1,2]'))],
    ['too many values', toBase64Url(utf8('["risk",1,2,3,4]'))],
    ['a text for a number', toBase64Url(utf8('["risk","1",2,3]'))],
    ['SQL for a number', toBase64Url(utf8('["risk",1,2,"1 OR 1=1"]'))],
    ['a negative number', toBase64Url(utf8('["risk",-1,2,3]'))],
    ['a fraction', toBase64Url(utf8('["risk",1.5,2,3]'))],
    ['beyond safe integers', toBase64Url(utf8('["risk",1,2,1e300]'))],
    ['null', toBase64Url(utf8('["risk",1,2,null]'))],
    ['nested deeply', toBase64Url(utf8(`${'['.repeat(60)}${']'.repeat(60)}`))],
    ['of the other order', writeCursor('newest', { risk: 1, raisedAt: 2, number: 3 })],
  ])('are refused when %s', (_name, text) => {
    const problem = problemOf(() => parseCursor(text, 'risk'));
    expect(problem.code).toBe('request/invalid');
    expect(problem.extras.fields?.map((field) => field.path)).toEqual(['cursor']);
  });

  it('never throw anything but a refusal', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          fc.json().map((text) => toBase64Url(utf8(text))),
        ),
        (text) => {
          try {
            parseCursor(text, 'risk');
          } catch (error) {
            expect(error).toBeInstanceOf(ProblemError);
          }
        },
      ),
    );
  });
});

describe('address filters', () => {
  function within(filter: Filter['ip'], address: string): boolean {
    const key = addressKey(address);
    if (filter?.kind !== 'range' || key === undefined) return false;
    return Buffer.compare(filter.low, key) <= 0 && Buffer.compare(key, filter.high) <= 0;
  }

  it('hold exactly the addresses of the range, as ipaddr.js sees it', () => {
    const four = fc.ipV4();
    const six = fc.ipV6();
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(four, fc.nat({ max: 32 })), fc.tuple(six, fc.nat({ max: 128 }))),
        fc.oneof(four, six),
        fc.boolean(),
        ([network, bits], other, own) => {
          const base = ipaddr.process(network);
          const width = base.kind() === ipaddr.parse(network).kind() ? bits : Math.min(bits, 32);
          const probe = ipaddr.process(own ? network : other);
          const expected = probe.kind() === base.kind() && probe.match(base, width);
          const { ip } = parseFilter({ ip: `${network}/${width}` }, anybody);
          expect(within(ip, probe.toString())).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('take one address in any spelling', () => {
    const { ip } = parseFilter({ ip: '2001:DB8:0::1' }, anybody);
    expect(within(ip, '2001:db8::1')).toBe(true);
    expect(within(ip, '2001:db8::2')).toBe(false);
    expect(within(parseFilter({ ip: '::ffff:10.0.0.1' }, anybody).ip, '10.0.0.1')).toBe(true);
  });

  it('look for what is no address as it is written', () => {
    expect(parseFilter({ ip: 'unknown' }, anybody).ip).toEqual({ kind: 'exact', value: 'unknown' });
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '/8', 'host/8', '2001:db8::/129', '10.0.0.0/8x'])(
    'refuse %s',
    (text) => {
      const problem = problemOf(() => parseFilter({ ip: text }, anybody));
      expect(problem.extras.fields?.map((field) => field.path)).toEqual(['ip']);
    },
  );
});

it('names all fields that cannot be read at once', () => {
  const problem = problemOf(() => parseFilter({ ip: '1.2.3.4/99', assignee: 'me' }, anybody));
  expect(problem.extras.fields?.map((field) => field.path)).toEqual(['ip', 'assignee']);
});

it('looks for four words apart and the rest as one piece, in lower case', () => {
  expect(parseFilter({ text: '  Failed LOGINS\tfor Alice from Bern ' }, anybody).words).toEqual([
    'failed',
    'logins',
    'for',
    'alice from bern',
  ]);
  expect(parseFilter({ text: '   ' }, anybody).words).toEqual([]);
});
