// The key file in the hands of somebody who may write to the disk: nothing that is done to it gives other keys, and each refusal says why.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../../src-main/base/bytes.ts';
import {
  BadKeyFile,
  formatKeyFile,
  type KeyFile,
  parseKeyFile,
} from '../../../src-main/core/features/keys/key-file.ts';
import { makeKeyEntries, openKeyRing, WrongMasterKey } from '../../../src-main/core/features/keys/key-ring.ts';
import { createTestHost } from '../../support/host.ts';

const { random, clock } = createTestHost();
const master = new Uint8Array(32).fill(9);

function fileOf(instanceId: string): KeyFile {
  return {
    format: 'gatehouse-keys',
    version: 1,
    instance_id: instanceId,
    generation: 1,
    protection: 'environment',
    passphrase: null,
    recovery: null,
    keys: makeKeyEntries(master, instanceId, random, clock.now()),
  };
}

const own = fileOf('0198c0de-0000-7000-8000-000000000001');
const other = fileOf('0198c0de-0000-7000-8000-000000000002');

/** What the file's keys are, as far as can be seen from outside. */
function identityOf(text: string): string {
  const ring = openKeyRing(parseKeyFile(text), master, random);
  try {
    return `${toHex(ring.pageKey())} ${toHex(ring.signing.publicKey)}`;
  } finally {
    ring.destroy();
  }
}

function refusalOf(file: unknown): unknown {
  try {
    identityOf(JSON.stringify(file));
  } catch (error) {
    return error;
  }
  return undefined;
}

const identity = identityOf(formatKeyFile(own));

test('a wrapped key opens nothing in the place of another, nor in another console', () => {
  for (const from of [own, other]) {
    for (const [at, entry] of own.keys.entries()) {
      for (const [index, source] of from.keys.entries()) {
        if (from === own && at === index) continue;
        const keys = own.keys.with(at, { ...entry, wrapped: source.wrapped });
        expect(refusalOf({ ...own, keys })).toBeInstanceOf(WrongMasterKey);
      }
    }
  }
});

test('keys under another name, number or console are refused', () => {
  const [first, ...rest] = own.keys;
  expect(refusalOf({ ...own, instance_id: other.instance_id })).toBeInstanceOf(WrongMasterKey);
  expect(refusalOf({ ...own, keys: [{ ...first, version: 2 }, ...rest] })).toBeInstanceOf(WrongMasterKey);
  expect(refusalOf({ ...own, keys: [{ ...first, version: 256 }, ...rest] })).toBeInstanceOf(BadKeyFile);
  expect(refusalOf({ ...own, keys: rest })).toBeInstanceOf(BadKeyFile);
  expect(refusalOf({ ...own, keys: [first, first, first, first] })).toBeInstanceOf(BadKeyFile);
  expect(refusalOf({ ...own, keys: [...own.keys, first] })).toBeInstanceOf(BadKeyFile);
});

test('the costs of a passphrase stay within what a machine can give', () => {
  const passphrase = { salt: 'AAAAAAAAAAAAAAAAAAAAAA==', memory_kib: 65_536, time: 3, parallelism: 1, master: 'AAAA' };
  expect(() => parseKeyFile(JSON.stringify({ ...own, passphrase }))).not.toThrow();
  for (const cost of [{ memory_kib: 2 ** 31 }, { memory_kib: 0 }, { time: 1e9 }, { parallelism: 1000 }]) {
    expect(() => parseKeyFile(JSON.stringify({ ...own, passphrase: { ...passphrase, ...cost } }))).toThrow(BadKeyFile);
  }
});

test('any change of a byte leaves the same keys or gives a refusal of ours', () => {
  const text = formatKeyFile(own);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ unit: 'binary', maxLength: 3 }), fc.nat(3), (at, put, cut) => {
      const changed = text.slice(0, at) + put + text.slice(at + cut);
      try {
        expect(identityOf(changed)).toBe(identity);
      } catch (error) {
        if (!(error instanceof BadKeyFile) && !(error instanceof WrongMasterKey)) throw error;
      }
    }),
    { numRuns: 2_000, seed: 11 },
  );
});
