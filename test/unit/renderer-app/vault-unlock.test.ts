// The locked vault from outside: unlocking with what was typed, waiting when told to, and noticing that somebody else unlocked it.

import { describe, expect, test } from 'vitest';
import { NetworkFailure } from '../../../src-renderer/api/failures.ts';
import { createVaultUnlock } from '../../../src-renderer/features/sign-in/vault-unlock-store.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { fakeCall, refuse } from './fake-call.ts';

const locked: Output<'setup.state'> = { phase: 'locked', step: null, claimed_by_you: false, unlock_with: 'passphrase' };

function vault(answers: Parameters<typeof fakeCall>[0]) {
  const fake = fakeCall(answers);
  let now = 0;
  let unlocked = 0;
  let look: (() => void) | undefined;
  const made = createVaultUnlock({
    call: fake.call,
    unlocked: () => {
      unlocked += 1;
    },
    now: () => now,
    every(_ms, run) {
      look = run;
      return () => {
        look = undefined;
      };
    },
  });
  return {
    ...made,
    ...fake,
    state: () => made.store.getState(),
    pass: (ms: number) => {
      now += ms;
    },
    async look() {
      look?.();
      await new Promise((resolve) => setTimeout(resolve));
    },
    unlocked: () => unlocked,
  };
}

describe('a locked vault', () => {
  test('opens with what was typed, which is sent and not kept', async () => {
    const it = vault({ 'vault.unlock': () => ({ ok: true }) });
    await it.unlock({ passphrase: 'four words of my own' });
    expect(it.asked).toEqual([{ name: 'vault.unlock', input: { passphrase: 'four words of my own' } }]);
    expect(it.unlocked()).toBe(1);
    expect(JSON.stringify(it.state())).not.toContain('four words');
  });

  test('says what was wrong and asks nothing more before the time is over', async () => {
    const it = vault({ 'vault.unlock': () => refuse('encryption/wrong-key', 'that does not open the vault', 30) });
    await it.unlock({ passphrase: 'no' });
    expect(it.state()).toMatchObject({ problem: 'That does not open the vault.', retryAt: 30_000, isBusy: false });
    await it.unlock({ passphrase: 'no again' });
    expect(it.asked).toHaveLength(1);
    it.pass(30_000);
    await it.unlock({ passphrase: 'no again' });
    expect(it.asked).toHaveLength(2);
    expect(it.unlocked()).toBe(0);
  });

  test('counts as opened when somebody else was first', async () => {
    const it = vault({ 'vault.unlock': () => refuse('encryption/not-locked') });
    await it.unlock({ recovery_key: 'GH' });
    expect(it.unlocked()).toBe(1);
    expect(it.state().problem).toBeUndefined();
  });

  test('is looked at again and again, and goes on when it was unlocked elsewhere', async () => {
    let phase: Output<'setup.state'> = locked;
    const it = vault({ 'setup.state': () => phase });
    const stop = it.watch();
    await it.look();
    expect(it.unlocked()).toBe(0);
    phase = { phase: 'done', step: null, claimed_by_you: false };
    await it.look();
    expect(it.unlocked()).toBe(1);
    stop();
    await it.look();
    expect(it.unlocked()).toBe(1);
  });

  test('a service that does not answer is said, and its return too', async () => {
    let isUp = false;
    const it = vault({
      'setup.state': () => {
        if (!isUp) throw new NetworkFailure('The service does not answer.');
        return locked;
      },
    });
    it.watch();
    await it.look();
    expect(it.state().answers).toBe(false);
    isUp = true;
    await it.look();
    expect(it.state().answers).toBe(true);
  });
});
