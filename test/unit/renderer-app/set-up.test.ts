// The wizard: resumes where the console stands, follows when another window went on, keeps no secret longer than its step.

import { describe, expect, test } from 'vitest';
import { NetworkFailure } from '../../../src-renderer/api/failures.ts';
import { kitText } from '../../../src-renderer/features/setup/kit-file.ts';
import { takeSetUpToken } from '../../../src-renderer/features/setup/set-up-link.ts';
import {
  canGoBack,
  createSetUp,
  type FirstSource,
  shownStep,
  wizardSteps,
} from '../../../src-renderer/features/setup/set-up-store.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { type SetupStep, setupSteps } from '../../../src-shared/contract/setup.ts';
import { fakeCall, refuse } from './fake-call.ts';

type State = Output<'setup.state'>;

const at = (step: SetupStep | null): State => ({
  phase: step === null ? 'done' : 'in_progress',
  step,
  claimed_by_you: true,
});

const enrolment = { secret: 'JBSWY3DP', uri: 'otpauth://x', issuer: 'Gatehouse', account: 'a' };
const options = {
  data_folder: '/home/mira/.gatehouse',
  folder_fixed: true,
  free_bytes: 1000,
  keychain: { available: false, detail: 'none' },
  key_given_by: null,
  console_name: 'Nordkai',
};

function wizard(first: State, answers: Parameters<typeof fakeCall>[0]) {
  const fake = fakeCall(answers);
  const moved: State[] = [];
  const finished: FirstSource[] = [];
  const made = createSetUp(
    {
      call: fake.call,
      asCookie: true,
      moved: (state) => moved.push(state),
      finished: async (source) => void finished.push(source),
      now: () => 0,
    },
    first,
  );
  return {
    ...made,
    ...fake,
    moved,
    finished,
    state: () => made.store.getState(),
    step: () => shownStep(made.store.getState()),
  };
}

describe('the link', () => {
  /** As in a browser: the location follows what the history is told. */
  function page(address: string) {
    const url = new URL(address);
    const location = { pathname: url.pathname, hash: url.hash };
    const shown = { address: '' };
    const history = {
      replaceState(_: unknown, __: string, to?: string | URL | null) {
        shown.address = String(to);
        const next = new URL(String(to), address);
        location.pathname = next.pathname;
        location.hash = next.hash;
      },
    };
    return { location, history, shown };
  }
  const token = 'K1JnUGmOPT6ohqmhQc2OYjTW5_trbRGK0NJ5Oqksq-Y';

  test.each([`https://localhost:9443/setup#${token}`, `https://localhost:9443/#${token}`])(
    '%s gives its token and leaves the address bar',
    (address) => {
      const { location, history, shown } = page(address);
      expect(takeSetUpToken(location, history)).toBe(token);
      expect(shown.address).toBe('/');
    },
  );

  test('a token that was copied badly leaves the address bar too', () => {
    const { location, history, shown } = page('https://localhost:9443/setup#K1JnUGm');
    expect(takeSetUpToken(location, history)).toBeUndefined();
    expect(shown.address).toBe('/');
  });

  test('the address of a screen stays as it is', () => {
    const { location, history, shown } = page('https://localhost:9443/#/queue/ALR-20928?tab=events');
    expect(takeSetUpToken(location, history)).toBeUndefined();
    expect(shown.address).toBe('');
  });
});

describe('resuming', () => {
  test.each(setupSteps)('a page loaded at %s shows that step', (step) => {
    const { step: shown } = wizard(at(step), {});
    expect(shown()).toBe(step === 'keys' ? 'start' : step);
  });

  test('has a step of its own for each of the console, in the same order', () => {
    expect(wizardSteps.filter((step) => step !== 'start')).toEqual(setupSteps);
  });

  test('claiming by the link begins at Start, and resumes where another browser left', async () => {
    const fresh = wizard(
      { phase: 'unclaimed', step: 'keys', claimed_by_you: false },
      { 'setup.claim': () => ({ state: at('keys') }) },
    );
    await fresh.claim('t'.repeat(20));
    expect([fresh.step(), fresh.state().console.claimed_by_you]).toEqual(['start', true]);
    expect(fresh.asked[0]!.input).toEqual({ token: 't'.repeat(20), cookie: true });

    const half = wizard(
      { phase: 'in_progress', step: 'recovery', claimed_by_you: false },
      { 'setup.claim': () => ({ state: at('recovery') }) },
    );
    await half.claim('t'.repeat(20));
    expect(half.step()).toBe('recovery');
  });

  test('a refused link says so and stays unclaimed', async () => {
    const it = wizard(
      { phase: 'unclaimed', step: 'keys', claimed_by_you: false },
      { 'setup.claim': () => refuse('setup/link', 'this link was used') },
    );
    await it.claim('t'.repeat(20));
    expect(it.state()).toMatchObject({ problem: 'This link was used.', console: { claimed_by_you: false } });
  });

  test('follows when another window went on', async () => {
    const it = wizard(at('owner'), {
      'setup.owner': () => refuse('setup/order', 'the second factor comes first'),
      'setup.state': () => at('second_factor'),
    });
    await it.makeOwner('x');
    expect(it.step()).toBe('second_factor');
    expect(it.moved).toEqual([at('second_factor')]);
  });
});

describe('steps', () => {
  test('keeps what was typed when a step is refused, and shows which field', async () => {
    const it = wizard(at('owner'), {
      'setup.owner': () => refuse('access/password-rules', 'the password is too short'),
    });
    it.change({ username: 'mira' });
    await it.makeOwner('short');
    expect(it.state()).toMatchObject({ username: 'mira', problem: 'The password is too short.', isBusy: false });
  });

  test('takes the way to guard the key that works here', async () => {
    const without = wizard(at('keys'), {
      'setup.options': () => options,
      'setup.keys': () => ({ state: at('owner'), instance_id: 'i' }),
    });
    await without.loadOptions();
    expect(without.state().protection).toBe('passphrase');
    await without.makeKeys('tundra hinge ladder');
    expect(without.asked[1]!.input).toEqual({
      protection: 'passphrase',
      passphrase: 'tundra hinge ladder',
      console_name: 'Nordkai',
    });
    const given = wizard(at('keys'), { 'setup.options': () => ({ ...options, key_given_by: 'environment' as const }) });
    await given.loadOptions();
    expect(given.state().protection).toBe('environment');
  });

  test('asks for the second factor once although the page asks twice', async () => {
    let answer: () => void = () => undefined;
    const it = wizard(at('second_factor'), {
      'setup.second_factor': () => new Promise((resolve) => (answer = () => resolve(enrolment))),
    });
    const both = [it.loadSecondFactor(), it.loadSecondFactor()];
    answer();
    await Promise.all(both);
    expect(it.asked).toHaveLength(1);
    expect(it.state().enrolment).toEqual(enrolment);
  });

  test('drops the factor’s key with its step', async () => {
    const it = wizard(at('second_factor'), {
      'setup.second_factor': () => enrolment,
      'setup.second_factor_verify': () => ({ state: at('recovery') }),
    });
    await it.loadSecondFactor();
    await it.verifySecondFactor('123456');
    expect(JSON.stringify(it.state())).not.toContain(enrolment.secret);
  });

  test('a step that could not be read can be asked again', async () => {
    let isUp = false;
    const it = wizard(at('second_factor'), {
      'setup.second_factor': () => {
        if (!isUp) throw new NetworkFailure('down');
        return enrolment;
      },
    });
    await it.loadSecondFactor();
    expect(it.state()).toMatchObject({ problem: 'down', enrolment: undefined });
    isUp = true;
    it.state().retry?.();
    await expect.poll(() => it.state().enrolment).toEqual(enrolment);
    expect(it.state().problem).toBeUndefined();
  });

  test('goes back only where nothing would have to be undone', () => {
    const allowed = wizardSteps.filter((step) =>
      canGoBack({ console: at(step === 'start' ? 'keys' : step), shown: step }),
    );
    expect(allowed).toEqual(['keys', 'source', 'finish']);
  });

  test('looking back at the certificate passes nothing twice', async () => {
    const it = wizard(at('finish'), {});
    it.back();
    it.back();
    expect(it.step()).toBe('certificate');
    await it.passStep('certificate');
    expect(it.step()).toBe('source');
    await it.passStep('source');
    expect(it.step()).toBe('finish');
    expect(it.asked).toEqual([]);
  });

  test('finishing hands on the chosen source', async () => {
    const it = wizard(at('finish'), { 'setup.finish': () => ({ ok: true }) });
    it.change({ firstSource: 'api' });
    await it.finish();
    expect(it.asked).toEqual([{ name: 'setup.finish', input: { cookie: true } }]);
    expect(it.finished).toEqual(['api']);
  });
});

test('the kit’s file names each thing and what it is for', () => {
  const kit = {
    recovery_codes: ['46k6h-a3yv8', 'e0vcv-y1z73'],
    recovery_key: 'GH-AEWT-HS0D',
    verifier_key: 'gatehouse/x+dad616d3+AbDr',
    console_name: 'Nordkai',
    created_at: '2026-11-21T08:00:00.000Z',
  };
  const text = kitText(kit, 'mira');
  for (const part of [...kit.recovery_codes, kit.recovery_key, kit.verifier_key, 'Nordkai', 'mira']) {
    expect(text).toContain(part);
  }
  expect(text.split('\n').every((line) => line.length <= 120)).toBe(true);
});
