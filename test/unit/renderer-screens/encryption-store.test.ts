// The keys' store: reads again while a rotation runs, hands a recovery key on without keeping it, and lets no old answer win.

import { describe, expect, test } from 'vitest';
import { createEncryptionStore } from '../../../src-renderer/features/encryption/encryption-store.ts';
import { inOrder } from '../../../src-renderer/features/encryption/KeyTable.tsx';
import { usesWords } from '../../../src-renderer/features/encryption/key-words.ts';
import { isLastGroup, sheetText } from '../../../src-renderer/features/encryption/recovery-sheet.ts';
import type { EncryptionStatus, KeyVersion, RotationTask } from '../../../src-shared/contract/encryption.ts';
import { fakeCall, refuse } from '../renderer-app/fake-call.ts';

const recoveryKey = 'GH-5A7K-2MQ4-9XRT-0B3C-8WVN-6HJD-1PFE-4YSG-7ZK2-MAQ9-XT0R-B3C8-WV6N-HJ1D';

function task(changes: Partial<RotationTask>): RotationTask {
  return {
    id: '01a1fd4e-5d86-7c18-ac9e-000000000001',
    key: 'sealing',
    state: 'running',
    phase: 'sealing values anew',
    done: 0,
    total: 1000,
    unit: 'values',
    started_at: '2026-11-21T10:00:00.000Z',
    finished_at: null,
    error: null,
    ...changes,
  };
}

function status(of: RotationTask | null): EncryptionStatus {
  return {
    protection: 'keychain',
    protection_detail: 'Secret Service',
    recovery_key_issued_at: null,
    rotation_days: 90,
    keys: [],
    subject_keys: 0,
    task: of,
  };
}

function made(answers: Parameters<typeof fakeCall>[0]) {
  const fake = fakeCall(answers);
  let now = 0;
  const waiting: (() => void)[] = [];
  let announce: (() => void) | undefined;
  const store = createEncryptionStore({
    call: fake.call,
    subscribe(_topics, listener) {
      announce = () => listener({ topic: 'encryption.changed', ref: null, revision: 1 });
      return () => {
        announce = undefined;
      };
    },
    now: () => now,
    later(run) {
      waiting.push(run);
      return () => waiting.splice(waiting.indexOf(run), 1);
    },
  });
  return {
    store,
    ...fake,
    waiting,
    announce: () => announce?.(),
    async pass(ms: number) {
      now += ms;
      for (const run of waiting.splice(0)) run();
      await new Promise((resolve) => setTimeout(resolve));
    },
    settled: () => new Promise((resolve) => setTimeout(resolve)),
  };
}

describe('the keys', () => {
  test('are read each second while a rotation runs, with its rate, and no more when it is over', async () => {
    let done = 100;
    let state: RotationTask['state'] = 'running';
    const it = made({ 'encryption.status': () => status(task({ state, done })) });
    const stop = it.store.follow();
    await it.settled();
    expect(it.store.getState().rate).toBeUndefined();
    done = 300;
    await it.pass(2_000);
    expect(it.store.getState()).toMatchObject({ rate: 100, status: { task: { done: 300 } } });
    state = 'finished';
    await it.pass(1_000);
    expect(it.store.getState().rate).toBeUndefined();
    expect(it.waiting).toEqual([]);
    expect(it.names()).toHaveLength(3);
    stop();
  });

  test('are read again when they changed elsewhere, until nobody looks', async () => {
    const it = made({ 'encryption.status': () => status(null) });
    const stop = it.store.follow();
    await it.settled();
    it.announce();
    await it.settled();
    expect(it.names()).toHaveLength(2);
    stop();
    it.announce();
    await it.settled();
    expect(it.names()).toHaveLength(2);
  });

  test('a rotation shows at once, and its recovery key is handed on and not kept', async () => {
    const it = made({
      'encryption.rotate': () => ({ status: status(null), recovery_key: recoveryKey, next_step: 'put it there' }),
    });
    expect(await it.store.rotate({ key: 'master' })).toEqual({ recoveryKey, nextStep: 'put it there' });
    expect(it.store.getState().status).toEqual(status(null));
    expect(JSON.stringify(it.store.getState())).not.toContain(recoveryKey);
  });

  test('an answer that comes late does not undo a newer one', async () => {
    let answer: ((value: EncryptionStatus) => void) | undefined;
    const it = made({
      'encryption.status': () =>
        new Promise<EncryptionStatus>((resolve) => {
          answer = resolve;
        }),
      'encryption.task': () => status(task({ state: 'paused' })),
    });
    const loading = it.store.load();
    await it.store.steer('pause');
    answer?.(status(task({ state: 'running' })));
    await loading;
    expect(it.store.getState().status?.task?.state).toBe('paused');
  });

  test('what cannot be read is said, and what was read before stays', async () => {
    let isBroken = false;
    const it = made({
      'encryption.status': () => (isBroken ? refuse('console/busy', 'the store is copied') : status(null)),
    });
    await it.store.load();
    isBroken = true;
    await it.store.load();
    expect(it.store.getState()).toMatchObject({ problem: 'The store is copied.', status: status(null) });
    it.store.forget();
    expect(it.store.getState()).toEqual({ status: undefined, problem: undefined, rate: undefined });
  });
});

test('keys stand in the order of what wraps what, the current version before those on their way out', () => {
  const key = (name: KeyVersion['key'], version: number): KeyVersion => ({
    key: name,
    version,
    state: 'current',
    created_at: '2026-11-21T10:00:00.000Z',
    due_at: null,
    overdue: false,
    uses: null,
  });
  const keys = [
    key('signing', 1),
    key('sealing', 3),
    key('backup', 1),
    key('sealing', 4),
    key('master', 1),
    key('page', 2),
  ];
  expect(inOrder(keys).map((each) => `${each.key} ${each.version}`)).toEqual([
    'master 1',
    'page 2',
    'sealing 4',
    'sealing 3',
    'backup 1',
    'signing 1',
  ]);
  expect([usesWords('sealing', 1204), usesWords('backup', 1), usesWords('page', null)]).toEqual([
    '1,204 values',
    '1 backup',
    '',
  ]);
});

test('the sheet holds the key and what it opens; its last group is recognised however it is typed', () => {
  const sheet = sheetText({ recoveryKey, consoleName: 'Nordkai', issuedAt: '2026-11-21T10:00:00.000Z' });
  expect(sheet).toContain('Gatehouse recovery key of Nordkai');
  expect(sheet).toContain(recoveryKey);
  for (const typed of ['HJ1D', ' hj1d ', 'hjld', 'HJ-1D']) expect(isLastGroup(recoveryKey, typed), typed).toBe(true);
  for (const typed of ['', 'HJ1', 'WV6N', recoveryKey]) expect(isLastGroup(recoveryKey, typed), typed).toBe(false);
});
