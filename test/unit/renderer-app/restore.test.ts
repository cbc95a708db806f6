// Restoring in the wizard: the file goes over whole and in order, every way it can break off is said, and no key is kept.

import { describe, expect, test } from 'vitest';
import { type BackupFile, createRestore } from '../../../src-renderer/features/setup/restore-store.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { fakeCall, refuse } from './fake-call.ts';

const mebibyte = 1024 * 1024;
const uploadId = '01a1fd4e-5d86-7c18-ac9e-000000000001';

const facts: Output<'setup.restore_inspect'> = {
  backup_id: uploadId,
  console_name: 'Nordkai Console',
  created_at: '2026-11-21T10:00:00.000Z',
  size_bytes: 1000,
  gatehouse_version: '0.1.0',
  encrypted: true,
  audit_entries: 12,
  signer: { verifier_key: 'vkey', fingerprint: 'ab12' },
  opens_with: ['backup_key', 'recovery_key'],
};

const result: Output<'setup.restore'> = {
  state: { phase: 'done', step: null, claimed_by_you: false },
  console_name: 'Nordkai Console',
  verification: { at: '2026-11-21T10:00:00.000Z', passed: true, detail: 'whole', audit_entries: 12, root_hash: 'ab' },
  recovery_key_works: true,
};

function file(bytes: Uint8Array<ArrayBuffer>, size = bytes.length): BackupFile {
  return {
    name: 'one.ghbackup',
    size,
    slice: (from, to) => ({ arrayBuffer: async () => bytes.slice(from, to).buffer }),
  };
}

function wizard(answers: Parameters<typeof fakeCall>[0]) {
  const taken: Uint8Array[] = [];
  const waits: number[] = [];
  let now = 0;
  const fake = fakeCall({
    'setup.restore_begin': () => ({ id: uploadId }),
    'setup.restore_chunk': ({ offset, data }) => {
      taken.push(data);
      return { received_bytes: offset + data.length };
    },
    'setup.restore_inspect': () => facts,
    ...answers,
  });
  const restore = createRestore({
    call: fake.call,
    now: () => now,
    wait: async (ms) => {
      waits.push(ms);
    },
  });
  return {
    ...restore,
    ...fake,
    taken,
    waits,
    state: () => restore.store.getState(),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('the backup', () => {
  test('goes over in pieces, in order and whole, and is then looked at', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const whole = new Uint8Array(2 * mebibyte + 5);
    for (let at = 0; at < whole.length; at += bytes.length) whole.set(bytes.subarray(0, whole.length - at), at);
    const it = wizard({});
    await it.sendFile(file(whole));
    expect(it.taken.map((piece) => piece.length)).toEqual([mebibyte, mebibyte, 5]);
    expect(Buffer.concat(it.taken).equals(Buffer.from(whole))).toBe(true);
    expect(it.asked[0]).toEqual({
      name: 'setup.restore_begin',
      input: { name: 'one.ghbackup', size_bytes: whole.length },
    });
    expect(it.asked.at(-1)).toEqual({ name: 'setup.restore_inspect', input: { upload_id: uploadId } });
    expect(it.state()).toMatchObject({ facts, isBusy: false, upload: undefined, problem: undefined });
  });

  test('waits as long as the console asks for and sends the same piece again', async () => {
    let isFull = true;
    const it = wizard({
      'setup.restore_chunk': ({ offset, data }) => {
        if (isFull) {
          isFull = false;
          return refuse('limits/rate', 'wait', 7);
        }
        return { received_bytes: offset + data.length };
      },
    });
    await it.sendFile(file(new Uint8Array(10)));
    expect(it.waits).toEqual([7_000]);
    expect(it.names().filter((name) => name === 'setup.restore_chunk')).toHaveLength(2);
    expect(it.state().facts).toEqual(facts);
  });

  test('a file that shrinks, an empty one and one that is no backup are said in words', async () => {
    const it = wizard({ 'setup.restore_inspect': () => refuse('backups/damaged', 'this is no backup of Gatehouse') });
    await it.sendFile(file(new Uint8Array(10), 20));
    expect(it.state().problem).toContain('could not be read to its end');
    await it.sendFile(file(new Uint8Array(0)));
    expect(it.state().problem).toBe('one.ghbackup is empty.');
    await it.sendFile(file(new Uint8Array(10)));
    expect(it.state()).toMatchObject({ problem: 'This is no backup of Gatehouse.', facts: undefined, isBusy: false });
  });

  test('cancelled, nothing more is sent and the first step is as new', async () => {
    const it = wizard({
      'setup.restore_chunk': ({ offset, data }) => {
        it.cancelUpload();
        return { received_bytes: offset + data.length };
      },
    });
    await it.sendFile(file(new Uint8Array(3 * mebibyte)));
    expect(it.names().filter((name) => name === 'setup.restore_chunk')).toHaveLength(1);
    expect(it.names()).not.toContain('setup.restore_inspect');
    expect(it.state()).toMatchObject({ step: 'file', upload: undefined, isBusy: false, problem: undefined });
  });

  test('one that lies where the console runs is read in place', async () => {
    const it = wizard({});
    await it.readPath('/mnt/nas/one.ghbackup');
    expect(it.asked).toEqual([{ name: 'setup.restore_inspect', input: { path: '/mnt/nas/one.ghbackup' } }]);
    expect(it.state().source).toEqual({ kind: 'path', path: '/mnt/nas/one.ghbackup' });
  });
});

describe('the restore', () => {
  test('sends what opens it and what guards it, and keeps neither', async () => {
    const it = wizard({ 'setup.restore': () => result });
    await it.readPath('/one');
    await it.run({ kind: 'recovery_key', text: 'GH-SECRET' }, 'passphrase', 'a new passphrase');
    expect(it.asked.at(-1)).toEqual({
      name: 'setup.restore',
      input: { path: '/one', recovery_key: 'GH-SECRET', protection: 'passphrase', new_passphrase: 'a new passphrase' },
    });
    expect(it.state()).toMatchObject({ step: 'result', result });
    expect(JSON.stringify(it.state())).not.toMatch(/GH-SECRET|a new passphrase/);
  });

  test('a wrong key leads back to the key, anything else to the step before, with what was wrong', async () => {
    let problem: () => never = () => refuse('backups/key', 'the recovery key does not open this backup');
    const it = wizard({ 'setup.restore': () => problem() });
    await it.readPath('/one');
    await it.run({ kind: 'passphrase', text: 'wrong' }, 'keychain', undefined);
    expect(it.state()).toMatchObject({
      step: 'key',
      problemAt: 'key',
      problem: 'The recovery key does not open this backup.',
    });
    problem = () => refuse('setup/keychain', 'no usable keychain', 20);
    await it.run({ kind: 'given' }, 'keychain', undefined);
    expect(it.state()).toMatchObject({ step: 'guard', problemAt: 'step', problem: 'No usable keychain.' });
    const asked = it.names().length;
    await it.run({ kind: 'given' }, 'keychain', undefined);
    expect(it.names()).toHaveLength(asked);
    it.pass(20_000);
    await it.run({ kind: 'given' }, 'keychain', undefined);
    expect(it.names()).toHaveLength(asked + 1);
  });

  test('without a backup there is nothing to run', async () => {
    const it = wizard({ 'setup.restore': () => result });
    await it.run({ kind: 'given' }, 'keychain', undefined);
    expect(it.names()).toEqual([]);
  });
});
