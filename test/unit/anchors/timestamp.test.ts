// Time stamps by OpenSSL's authority: taken, checked, kept; and refused where anything about them is not what was asked for.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAnchorLine } from '../../../src-main/adapters/anchors/anchor-request.ts';
import { createTimestampAnchor } from '../../../src-main/adapters/anchors/timestamp.ts';
import { sha256 } from '../../../src-main/base/hashes.ts';
import { nodeStamps } from '../../../src-main/base/stamp-primitives.ts';
import { type Anchor, AnchorFault } from '../../../src-main/core/features/audit/index.ts';
import { nobleStamps } from '../../../src-renderer/lib/stamp-primitives.ts';
import { type Certificate, readCertificate } from '../../../src-shared/evidence/stamps/certificate.ts';
import { certificateChain, timeStampingFault } from '../../../src-shared/evidence/stamps/certificate-chain.ts';
import {
  children,
  DerError,
  derTag,
  readDer,
  writeDer,
  writeInteger,
} from '../../../src-shared/evidence/stamps/der.ts';
import {
  readAuthorities,
  TimeStampError,
  timeStampRequest,
  verifyTimeStamp,
} from '../../../src-shared/evidence/stamps/time-stamp.ts';
import { temporaryFolder } from '../../support/stores.ts';
import {
  type AuthorityFiles,
  createTimeStampAuthority,
  makeAuthority,
  type TimeStampAuthority,
} from '../../support/time-stamp-authority.ts';
import { SampleLog } from '../evidence/sample-log.ts';

const notForThisAlone = 'the certificate of its signer is not one for time stamps alone';
const folder = temporaryFolder();
let authority: TimeStampAuthority;
let other: AuthorityFiles;
const log = new SampleLog(3);
const note = log.checkpoint();
const text = note.slice(0, note.indexOf('\n\n') + 1);
const digest = sha256(text);
const nonce = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 0xff);
const { signal } = new AbortController();
let reply: Buffer;

beforeAll(async () => {
  authority = await createTimeStampAuthority(folder);
  other = makeAuthority(folder, 'other');
  reply = authority.reply(timeStampRequest(digest, nonce));
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function certificateOf(files: AuthorityFiles, name: 'ca' | 'between' | 'tsa'): Certificate {
  const [certificate] = readAuthorities(readFileSync(join(files.folder, `${name}.crt`), 'utf8'));
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}

function judge(
  response: Uint8Array,
  ca = authority.ca,
  of = digest,
  asked: Uint8Array | undefined = nonce,
  alike = true,
): string {
  const said = (alike ? [nodeStamps, nobleStamps] : [nodeStamps]).map((primitives) => {
    try {
      return verifyTimeStamp(primitives, response, of, readAuthorities(ca), asked).authority;
    } catch (error) {
      if (error instanceof TimeStampError) return error.message;
      throw error;
    }
  });
  // A page judges as the command line does.
  expect(said.at(-1)).toBe(said[0]);
  return said[0] ?? '';
}

function chain(...rest: Parameters<typeof certificateChain> extends [unknown, ...infer Rest] ? Rest : never) {
  const [inNode, inPage] = [nodeStamps, nobleStamps].map((primitives) => certificateChain(primitives, ...rest));
  expect(inPage).toEqual(inNode);
  return inNode;
}

function anchorOf(ca: string, patienceMs = 20_000): Anchor {
  return createTimestampAnchor({
    address: `${authority.address}/tsa`,
    authorities: readAuthorities(ca),
    everyMs: 3_600_000,
    random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
    line: createAnchorLine({ ca: undefined, timeoutMs: patienceMs }),
  });
}

const checkpoint = { origin: log.signer.key.name, size: 3, root: log.root(), note, proof: () => [] };

test('OpenSSL reads what we ask, and accepts what we accept', async () => {
  const { timeStamp } = await anchorOf(authority.ca).publish(checkpoint, undefined, signal);
  writeFileSync(join(folder, 'query.tsq'), timeStampRequest(digest, nonce));
  const query = execFileSync('openssl', ['ts', '-query', '-in', join(folder, 'query.tsq'), '-text'], { stdio: 'pipe' });
  expect(query.toString()).toContain('Nonce: 0x010203040506FF');
  expect(query.toString()).toContain('Certificate required: yes');
  writeFileSync(join(folder, 'r.tsr'), timeStamp ?? '');
  writeFileSync(join(folder, 'text'), text);
  const verdict = execFileSync(
    'openssl',
    ['ts', '-verify', '-in', join(folder, 'r.tsr'), '-data', join(folder, 'text'), '-CAfile', authority.caFile],
    { stdio: 'pipe' },
  );
  expect(verdict.toString()).toContain('Verification: OK');
  const stamp = verifyTimeStamp(nodeStamps, timeStamp ?? new Uint8Array(0), digest, readAuthorities(authority.ca));
  expect(stamp.authority).toBe('clock TSA');
  expect(Math.abs(stamp.at - Date.now())).toBeLessThan(10_000);
});

test.each([
  ['an RSA key and SHA-512', { key: 'rsa' }, 'sha512'],
  ['an RSA key and SHA-384', { key: 'rsa' }, 'sha384'],
  ['a CA between', { between: true }, 'sha256'],
] as const)('%s are accepted', (name, shape, signing) => {
  const files = makeAuthority(folder, name.replaceAll(' ', '-'), shape);
  expect(judge(files.reply(timeStampRequest(digest, nonce), signing), files.ca)).toMatch(/TSA$/);
});

test.each([
  ['a certificate for time stamps alone', { usage: 'critical,timeStamping' }, undefined],
  ['a certificate for other things too', { usage: 'critical,timeStamping,serverAuth' }, notForThisAlone],
  ['a certificate for servers', { usage: 'critical,serverAuth' }, notForThisAlone],
  ['a purpose that is not critical', { usage: 'timeStamping' }, notForThisAlone],
])('%s', (name, shape, fault) => {
  const files = makeAuthority(folder, name.replaceAll(' ', '-'), shape);
  expect(timeStampingFault(certificateOf(files, 'tsa'))).toBe(fault);
});

describe('the way to a trusted CA', () => {
  const day = 86_400_000;

  test('goes over what is valid at that time, and a CA that may issue', () => {
    const files = makeAuthority(folder, 'chains', { between: true });
    const [ca, between, leaf] = [
      certificateOf(files, 'ca'),
      certificateOf(files, 'between'),
      certificateOf(files, 'tsa'),
    ];
    const now = Date.now();
    expect(chain(leaf, [between], [ca], now)).toEqual([leaf, between, ca]);
    expect(chain(leaf, [], [leaf], now)).toEqual([leaf]);
    expect(chain(leaf, [], [ca], now)).toBeUndefined();
    expect(chain(leaf, [between], [ca], now + 31 * day)).toBeUndefined();
    expect(chain(leaf, [between], [ca], now - day)).toBeUndefined();
    expect(chain(leaf, [between], [certificateOf(other, 'ca')], now)).toBeUndefined();
    // A certificate for time stamps signs no certificates, whoever trusts it.
    expect(chain(certificateOf(other, 'tsa'), [leaf], [ca], now)).toBeUndefined();
  });

  test('is not sought for ever among certificates that all sign each other', () => {
    const files = makeAuthority(folder, 'tangle');
    const tangle = Array.from({ length: 10 }, (_, i) => {
      const made = execFileSync(
        'openssl',
        ['req', '-x509', '-key', 'ca.key', '-subj', '/CN=tangle CA', '-days', '9', '-set_serial', String(i + 1)],
        { cwd: files.folder, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      return readAuthorities(made.toString())[0] as Certificate;
    });
    const started = process.cpuUsage();
    expect(chain(certificateOf(files, 'tsa'), tangle, [certificateOf(other, 'ca')], Date.now())).toBeUndefined();
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
  });
});

test('an integer of thousands of digits is refused before it is read', () => {
  const long = writeDer(derTag.sequence, writeDer(derTag.sequence, writeInteger(new Uint8Array(200_000).fill(1))));
  const started = process.cpuUsage();
  expect(judge(long)).toBe('it can not be read: an integer that is too long');
  expect(process.cpuUsage(started).user).toBeLessThan(500_000);
});

describe('a time stamp', () => {
  test('for something else, for another request or of another CA is refused', () => {
    expect(judge(reply)).toBe('clock TSA');
    expect(judge(reply, authority.ca, sha256('other'))).toBe('it is for something else');
    expect(judge(reply, authority.ca, digest, Uint8Array.of(9))).toMatch(/does not answer this request/);
    expect(judge(reply, other.ca)).toMatch(/does not lead to a CA that you trust/);
    expect(judge(other.reply(timeStampRequest(digest, nonce)), authority.ca)).toMatch(/does not lead to a CA/);
  });

  test('is refused with any byte changed', () => {
    for (let at = 0; at < reply.length; at++) {
      const changed = Buffer.from(reply);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      // The page's arithmetic takes milliseconds a signature: each ninth byte there, every one here.
      const verdict = judge(changed, authority.ca, digest, nonce, at % 9 === 0);
      // Outside of that stand a status text, version numbers, and names of what the signed hash names already.
      if (verdict === 'clock TSA') expect(isSigned(at), `byte ${at}`).toBe(false);
    }
  }, 60_000);

  test('cut off anywhere, or with something behind it, is refused', () => {
    for (let length = 0; length < reply.length; length += 7) {
      expect(judge(reply.subarray(0, length))).toMatch(/can not be read/);
    }
    expect(judge(Buffer.concat([reply, Buffer.of(0)]))).toMatch(/bytes behind the end/);
    expect(judge(Buffer.alloc(300_000, 0x30))).toMatch(/too long/);
  });

  test('a refusal of the authority is said', () => {
    const refused = authority.reply(timeStampRequest(digest.subarray(0, 31), nonce));
    expect(judge(refused)).toMatch(/the authority refused \(status 2\)/);
  });

  test('any bytes at all are accepted or refused in words', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(judge(bytes)).not.toBe('clock TSA');
      }),
      { numRuns: 500 },
    );
    const place = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const changed = Buffer.from(reply);
          for (const [at, byte] of changes) changed[at % changed.length] = byte;
          expect(typeof judge(changed)).toBe('string');
        },
      ),
      { numRuns: 1_000 },
    );
  }, 60_000);
});

/** Whether a byte is of what is signed, or of the signature. */
function isSigned(at: number): boolean {
  const token = children(readDer(reply))[1];
  const data = token && children(children(token)[1] ?? token)[0];
  const parts = data === undefined ? [] : children(data);
  const [, , wrapped] = parts;
  const content = wrapped && children(children(wrapped)[1] ?? wrapped)[0]?.content;
  const signer = children(children(parts.at(-1) ?? readDer(reply))[0] ?? readDer(reply));
  const protectedParts = [content, signer.find(({ tag }) => tag === 0xa0)?.content, signer.at(-1)?.content];
  expect(protectedParts.map((part) => part !== undefined && part.length > 60)).toEqual([true, true, true]);
  return protectedParts.some((part) => {
    const from = (part?.byteOffset ?? 0) - reply.byteOffset;
    return at >= from && at < from + (part?.length ?? 0);
  });
}

test('any bytes at all are a certificate, or refused in words', () => {
  const raw = certificateOf(authority, 'tsa').raw;
  const changes = fc.array(fc.tuple(fc.nat({ max: raw.length - 1 }), fc.nat({ max: 255 })), { maxLength: 5 });
  fc.assert(
    fc.property(changes, fc.nat({ max: raw.length }), (bytes, length) => {
      const changed = Uint8Array.from(raw);
      for (const [at, byte] of bytes) changed[at] = byte;
      try {
        expect(typeof readCertificate(changed.subarray(0, length)).name).toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(DerError);
      }
    }),
    { numRuns: 1_000 },
  );
});

describe('the anchor', () => {
  test.each([
    ['an error', { kind: 'status', status: 503 }, 'status 503'],
    ['a page', { kind: 'status', status: 200, body: '<html>' }, 'can not be read'],
    ['nothing', { kind: 'status', status: 200, body: '' }, 'can not be read'],
    ['silence', { kind: 'silence' }, 'did not answer within 2 s'],
    ['megabytes', { kind: 'huge' }, 'too long'],
  ] as const)('takes %s for a failure', async (_what, fault, words) => {
    authority.fault(fault);
    const failure = await anchorOf(authority.ca, fault.kind === 'silence' ? 2_000 : undefined)
      .publish(checkpoint, undefined, signal)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AnchorFault);
    expect(String(failure)).toContain(words);
  });

  test('does not take a stamp of an authority that is not trusted, nor one that answers another request', async () => {
    await expect(anchorOf(other.ca).publish(checkpoint, undefined, signal)).rejects.toThrow('does not lead to a CA');
    authority.fault({ kind: 'status', status: 200, body: '' });
    const replay = createTimestampAnchor({
      address: authority.address,
      authorities: readAuthorities(authority.ca),
      everyMs: 0,
      random: { bytes: () => Uint8Array.of(7) },
      line: async () => ({ status: 200, headers: {}, body: reply }),
    });
    await expect(replay.publish(checkpoint, undefined, signal)).rejects.toThrow('does not answer this request');
  });
});
