// Set-up by operations: the whole wizard, left and resumed after a restart at every step, its link used once, its order kept.
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Credential } from '../../../src-main/core/dispatch/arrival.ts';
import type { SetupStep } from '../../../src-shared/contract/setup.ts';
import { adminPassword, createTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestHost } from '../../support/host.ts';
import { temporaryFolder } from '../../support/stores.ts';

type Wizard = { console: TestConsole; claim: Credential; folder: string; known: Map<string, string> };

function newFolder(): string {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function claimed(folder = newFolder(), run = 0): Promise<Wizard> {
  const console = await createTestConsole({
    bare: true,
    folder,
    host: createTestHost(Date.UTC(2026, 10, 21, 14, run), `setup ${run}`),
  });
  onTestFinished(() => console[Symbol.asyncDispose]());
  const { token } = await console.call('setup.claim', { token: console.core.issueSetupToken() });
  return { console, folder, claim: { kind: 'token', token: token ?? '', from: 'bearer' }, known: new Map() };
}

/** Each step as the wizard does it; what a later one needs is put in `known`. */
const steps: Record<SetupStep, (wizard: Wizard) => Promise<unknown>> = {
  keys: ({ console, claim }) =>
    console.call('setup.keys', { protection: 'environment', console_name: 'SOC desk' }, claim),
  owner: ({ console, claim }) => console.call('setup.owner', { username: 'mira', password: adminPassword }, claim),
  async second_factor({ console, claim, known }) {
    const { secret, issuer } = await console.call('setup.second_factor', {}, claim);
    expect(issuer).toContain('SOC desk');
    known.set('secret', secret);
    return console.call('setup.second_factor_verify', { code: console.code(secret) }, claim);
  },
  async recovery({ console, claim, known }) {
    const kit = await console.call('setup.recovery_kit', {}, claim);
    expect(kit.recovery_codes).toHaveLength(10);
    known.set('recovery', kit.recovery_codes[3] ?? '');
    return console.call('setup.recovery_confirm', { code: (kit.recovery_codes[0] ?? '').toUpperCase() }, claim);
  },
  async certificate({ console, claim }) {
    await console.call('setup.certificate', {}, claim);
    return console.call('setup.step_done', { step: 'certificate' }, claim);
  },
  source: ({ console, claim }) => console.call('setup.step_done', { step: 'source' }, claim),
  async finish({ console, claim, known }) {
    const { token } = await console.call('setup.finish', {}, claim);
    known.set('token', token ?? '');
  },
};
const order = Object.keys(steps) as SetupStep[];

test('the whole wizard, and what is open before, during and after it', async () => {
  const wizard = await claimed();
  const { console, claim, known } = wizard;
  expect(await console.call('setup.state', {})).toEqual({ phase: 'unclaimed', step: 'keys', claimed_by_you: false });
  expect(await console.call('setup.state', {}, claim)).toEqual({
    phase: 'in_progress',
    step: 'keys',
    claimed_by_you: true,
  });
  expect(await console.send('console.ready', {})).toMatchObject({
    problem: { code: 'console/not-set-up', status: 503 },
  });
  expect(await console.send('alerts.list', {}, claim)).toMatchObject({ problem: { code: 'console/not-set-up' } });
  for (const step of order) {
    expect((await console.call('setup.state', {}, claim)).step).toBe(step);
    await steps[step](wizard);
  }
  expect(await console.call('setup.state', {})).toEqual({ phase: 'done', step: null, claimed_by_you: false });
  expect(await console.call('console.ready', {})).toEqual({ status: 'ready' });
  const session: Credential = { kind: 'token', token: known.get('token') ?? '', from: 'bearer' };
  expect(await console.call('auth.session', {}, session)).toMatchObject({
    user: { username: 'mira', role: 'admin', mfa_enabled: true },
  });
  expect((await console.call('console.status', {}, session)).console_name).toBe('SOC desk');

  // The claim is over: nothing of set-up can be asked with it, and no new link works.
  expect(await console.send('setup.owner', { username: 'eve', password: adminPassword }, claim)).toMatchObject({
    problem: { code: 'access/unauthenticated' },
  });
  const late = console.core.issueSetupToken();
  expect(await console.send('setup.claim', { token: late })).toMatchObject({
    problem: { code: 'setup/done', status: 409 },
  });

  const { items } = await console.call('audit.entries', { limit: 500 }, session);
  const said = items.reverse().map(({ event_type, action, success }) => `${event_type} ${action} ${success}`);
  expect(said.filter((line) => line.includes('setup.'))).toEqual([
    'setup setup.keys true',
    'user_create setup.owner true',
    'mfa_enable setup.second_factor true',
    'mfa_verify setup.second_factor_verify true',
    'setup setup.recovery_kit true',
    'setup setup.recovery_confirm true',
    'setup setup.step_done true',
    'setup setup.step_done true',
    'setup setup.finish true',
  ]);
  expect(JSON.stringify(items)).not.toContain(known.get('secret'));
  expect(JSON.stringify(items)).not.toContain(known.get('recovery'));
  expect(JSON.stringify(items)).not.toContain(adminPassword);
});

test('the wizard goes on where it was left after a restart at every step', async () => {
  const folder = newFolder();
  const known = new Map<string, string>();
  for (const [index, step] of order.entries()) {
    const wizard = { ...(await claimed(folder, index)), known };
    const { console, claim } = wizard;
    expect(await console.call('setup.state', {}, claim)).toEqual({ phase: 'in_progress', step, claimed_by_you: true });
    await steps[step](wizard);
    await console[Symbol.asyncDispose]();
  }
  await using console = await createTestConsole({ folder, host: createTestHost(Date.UTC(2026, 10, 21, 15), 'last') });
  const first = await console.call('auth.login', { username: 'mira', password: adminPassword });
  if (!('mfa_required' in first)) throw new Error('expected to be asked for the code');
  const done = await console.call('auth.mfa_verify', {
    token: first.token,
    code: console.code(known.get('secret') ?? ''),
  });
  expect(done).toMatchObject({ user: { username: 'mira' } });
});

test('a step out of order, or a second time, is refused with the one that is next', async () => {
  const wizard = await claimed();
  const { console, claim } = wizard;
  for (const [done, step] of order.entries()) {
    console.host.advance(60_000);
    for (const [position, other] of order.entries()) {
      if (position === done) continue;
      const outcome = steps[other](wizard);
      // Before the keys there is nothing that could be asked.
      const code = done === 0 ? 'console/not-set-up' : 'setup/order';
      await expect(outcome, `${other} while ${step} is next`).rejects.toMatchObject({ problem: { code } });
    }
    expect((await console.call('setup.state', {}, claim)).step).toBe(step);
    await steps[step](wizard);
  }
});

test('a link works once, a new one voids the one before, and a claim without it gets nowhere', async () => {
  await using console = await createTestConsole({ bare: true });
  const first = console.core.issueSetupToken();
  const second = console.core.issueSetupToken();
  const claim = (token: string) => console.send('setup.claim', { token });
  expect(await claim(first)).toMatchObject({ problem: { code: 'setup/link', status: 401 } });
  expect(await claim('x'.repeat(43))).toMatchObject({ problem: { code: 'setup/link' } });
  expect(await claim(second)).toMatchObject({ kind: 'output' });
  expect(await claim(second)).toMatchObject({ problem: { code: 'setup/claimed', status: 409 } });
  expect(await console.send('setup.options', {})).toMatchObject({ problem: { code: 'access/unauthenticated' } });
  const guessed: Credential = { kind: 'token', token: `ghw_${'A'.repeat(43)}`, from: 'bearer' };
  expect(await console.send('setup.keys', { protection: 'environment' }, guessed)).toMatchObject({
    problem: { code: 'access/unauthenticated' },
  });
  expect(console.core.exists()).toBe(false);
});

test('a claim for a browser keeps its token out of the answer', async () => {
  await using console = await createTestConsole({ bare: true });
  const answer = await console.send('setup.claim', { token: console.core.issueSetupToken(), cookie: true });
  if (answer.kind === 'problem') throw new Error(answer.problem.detail);
  expect(answer.output).toEqual({ state: { phase: 'in_progress', step: 'keys', claimed_by_you: true } });
  expect(answer.granted).toMatchObject({ purpose: 'setup', token: expect.stringMatching(/^ghw_/) as string });
});

test('what can not be is refused before anything is made', async () => {
  const { console, claim } = await claimed();
  const keys = (input: object) => console.send('setup.keys', input, claim);
  expect(await keys({ protection: 'keychain' })).toMatchObject({ problem: { code: 'setup/keychain', status: 409 } });
  expect(await keys({ protection: 'passphrase' })).toMatchObject({ problem: { code: 'request/invalid' } });
  expect(await keys({ protection: 'passphrase', passphrase: 'short' })).toMatchObject({
    problem: { code: 'request/invalid' },
  });
  expect(await keys({ protection: 'key_file' })).toMatchObject({ problem: { code: 'request/invalid' } });
  expect(await keys({ protection: 'environment', data_folder: '/elsewhere' })).toMatchObject({
    problem: { code: 'request/invalid', detail: expect.stringContaining('GATEHOUSE_HOME') as string },
  });
  expect(console.core.exists()).toBe(false);
  await console.call('setup.keys', { protection: 'environment' }, claim);
  const owner = (username: string, password: string) => console.send('setup.owner', { username, password }, claim);
  expect(await owner('mira', 'password')).toMatchObject({ problem: { code: 'access/password-rules', status: 422 } });
  expect(await owner('mira', `Mira-${adminPassword}`)).toMatchObject({ problem: { code: 'access/password-rules' } });
  expect(await owner('mira of the desk', adminPassword)).toMatchObject({ problem: { code: 'request/invalid' } });
  expect((await console.call('setup.state', {}, claim)).step).toBe('owner');
});

test('keys asked for twice at once are made once, and open the console after a restart', async () => {
  const folder = newFolder();
  const { console, claim } = await claimed(folder);
  const answers = await Promise.all(
    [0, 1, 2].map(() => console.send('setup.keys', { protection: 'environment' }, claim)),
  );
  expect(answers.filter(({ kind }) => kind === 'output')).toHaveLength(1);
  for (const answer of answers) {
    if (answer.kind === 'problem') expect(answer.problem).toMatchObject({ code: 'setup/order', status: 409 });
  }
  await console.call('setup.owner', { username: 'mira', password: adminPassword }, claim);
  await console[Symbol.asyncDispose]();
  const again = await claimed(folder, 1);
  expect(await again.console.call('setup.state', {})).toMatchObject({ step: 'second_factor' });
});

test('a wrong code and a wrong recovery code are recorded, and the step stays', async () => {
  const wizard = await claimed();
  const { console, claim } = wizard;
  await steps.keys(wizard);
  await steps.owner(wizard);
  expect(await console.send('setup.second_factor_verify', { code: '000000' }, claim)).toMatchObject({
    problem: { code: 'access/mfa-not-started' },
  });
  const { secret } = await console.call('setup.second_factor', {}, claim);
  const wrong = console.code(secret) === '000000' ? '000001' : '000000';
  expect(await console.send('setup.second_factor_verify', { code: wrong }, claim)).toMatchObject({
    problem: { code: 'access/code', status: 401 },
  });
  await console.call('setup.second_factor_verify', { code: console.code(secret) }, claim);
  const first = await console.call('setup.recovery_kit', {}, claim);
  const second = await console.call('setup.recovery_kit', {}, claim);
  expect(second.recovery_key).not.toBe(first.recovery_key);
  expect(await console.send('setup.recovery_confirm', { code: first.recovery_codes[0] ?? '' }, claim)).toMatchObject({
    problem: { code: 'access/code' },
  });
  await console.call('setup.recovery_confirm', { code: second.recovery_codes[9] ?? '' }, claim);
  await steps.certificate(wizard);
  await steps.source(wizard);
  await steps.finish(wizard);
  const session: Credential = { kind: 'token', token: wizard.known.get('token') ?? '', from: 'bearer' };
  const { items } = await console.call('audit.entries', { success: false }, session);
  expect(items.map(({ action }) => action)).toEqual(['setup.recovery_confirm', 'setup.second_factor_verify']);
});
