import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AccessConsole, createAccessConsole, minute, password } from './access-console.ts';

let console: AccessConsole;
beforeEach(() => {
  console = createAccessConsole();
});
afterEach(() => console[Symbol.dispose]());

test('an admin without a factor must enrol first: secret, one right code, then session and recovery codes', async () => {
  await console.addUser('ada', 'admin');
  const login = await console.call('auth.login', { username: 'ada', password });
  expect(login).toEqual({ mfa_enrollment_required: true, token: expect.stringMatching(/^ghp_[A-Za-z0-9_-]{43}$/) });
  const token = 'token' in login ? login.token : undefined;
  const enrolment = await console.call('auth.mfa_enable', { token });
  expect(enrolment).toEqual({
    secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
    uri: `otpauth://totp/Gatehouse%20soc-desk:ada?secret=${enrolment.secret}&issuer=Gatehouse%20soc-desk`,
    issuer: 'Gatehouse soc-desk',
    account: 'ada',
  });
  expect((await console.refusal('auth.mfa_verify', { token, code: '000000' })).code).toBe('access/code');
  const answer = await console.call('auth.mfa_verify', { token, code: console.code(enrolment.secret) });
  expect(answer).toMatchObject({
    token: expect.stringMatching(/^ghs_/),
    user: { username: 'ada', role: 'admin', mfa_enabled: true },
  });
  const codes = 'user' in answer ? (answer.recovery_codes ?? []) : [];
  expect(codes).toHaveLength(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
  expect(console.lastEntry()).toMatchObject({ type: 'mfa_verify', success: true, details: { enrolled: 'totp' } });
  expect((await console.refusal('auth.mfa_enable', { token })).code).toBe('access/unauthenticated');
  const traces = console.traces();
  for (const secret of [enrolment.secret, ...codes, token ?? '']) expect(traces).not.toContain(secret);
});

test('an enrolment can be begun again; the secret shown before is void, and without one there is nothing to verify', async () => {
  await console.addUser('ada', 'admin');
  const token = await console.pendingToken('ada');
  expect((await console.refusal('auth.mfa_verify', { token, code: '123456' })).code).toBe('access/mfa-not-started');
  const first = await console.call('auth.mfa_enable', { token });
  const second = await console.call('auth.mfa_enable', { token });
  expect((await console.refusal('auth.mfa_verify', { token, code: console.code(first.secret) })).code).toBe(
    'access/code',
  );
  await console.call('auth.mfa_verify', { token, code: console.code(second.secret) });
});

test('the temporary token opens nothing else', async () => {
  await console.addUser('ada', 'admin');
  await console.addUserWithFactor('bert', 'admin');
  for (const [username, problem] of [
    ['ada', 'access/enrolment-required'],
    ['bert', 'access/unauthenticated'],
  ] as const) {
    const token = await console.pendingToken(username);
    expect((await console.refusal('auth.session', {}, { token })).code).toBe(problem);
    expect((await console.refusal('keys.list', {}, { token })).code).toBe(problem);
    expect((await console.refusal('auth.session', {}, { token, from: 'cookie' })).code).toBe('access/unauthenticated');
  }
});

test('whoever has a factor shows it, and can not enrol another with the temporary token', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const login = await console.call('auth.login', { username: 'ada', password });
  expect(login).toEqual({ mfa_required: true, token: expect.any(String), methods: ['totp', 'recovery_code'] });
  const token = 'token' in login ? login.token : undefined;
  expect((await console.refusal('auth.mfa_enable', { token })).code).toBe('access/mfa-already-on');
  const answer = await console.call('auth.mfa_verify', { token, code: console.code(secret) });
  expect(answer).toMatchObject({ user: { mfa_enabled: true } });
  expect(answer).not.toHaveProperty('recovery_codes');
});

test('the temporary token may also stand in the bearer header, and the code may be written with a space', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.pendingToken('ada');
  const code = console.code(secret);
  await console.call('auth.mfa_verify', { code: `${code.slice(0, 3)} ${code.slice(3)}` }, { token });
});

test.each([-1, 0, 1])('the code of step %i is accepted', async (step) => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  console.host.advance(2 * minute);
  const token = await console.pendingToken('ada');
  await console.call('auth.mfa_verify', { token, code: console.code(secret, step) });
});

test.each([-2, 2])('the code of step %i is refused', async (step) => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  console.host.advance(2 * minute);
  const token = await console.pendingToken('ada');
  expect((await console.refusal('auth.mfa_verify', { token, code: console.code(secret, step) })).code).toBe(
    'access/code',
  );
});

test('a used code is refused at sign-in, step-up and unlocking, and so is every older one', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const used = console.code(secret);
  const older = console.code(secret, -1);
  const session = await console.call('auth.mfa_verify', { token: await console.pendingToken('ada'), code: used });
  const token = 'user' in session ? session.token : undefined;
  if (token === undefined) throw new Error('expected a session');
  for (const code of [used, older]) {
    const again = await console.pendingToken('ada');
    expect((await console.refusal('auth.mfa_verify', { token: again, code })).code).toBe('access/code');
  }
  expect((await console.refusal('auth.step_up', { code: used }, { token })).code).toBe('access/code');
  await console.call('auth.lock', {}, { token });
  expect((await console.refusal('auth.unlock', { password, code: used }, { token })).code).toBe('access/code');
});

test('the temporary token dies after five minutes', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.pendingToken('ada');
  console.host.advance(5 * minute);
  const problem = await console.refusal('auth.mfa_verify', { token, code: console.code(secret) });
  expect(problem).toMatchObject({ status: 401, code: 'access/unauthenticated' });
});

test('the temporary token dies with the fifth wrong code: the sixth try is refused even with the right one', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.pendingToken('ada');
  const details: string[] = [];
  for (let tries = 0; tries < 5; tries += 1) {
    const problem = await console.refusal('auth.mfa_verify', { token, code: '000000' });
    expect(problem.code).toBe('access/code');
    details.push(problem.detail);
  }
  expect(details[0]).toContain('4 tries left');
  expect(details[3]).toContain('1 try left');
  expect(details[4]).toContain('sign in again');
  console.host.advance(2000);
  expect((await console.refusal('auth.mfa_verify', { token, code: console.code(secret) })).code).toBe(
    'access/unauthenticated',
  );
});

test('the temporary token is used up by the sign-in it finished', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const token = await console.pendingToken('ada');
  await console.call('auth.mfa_verify', { token, code: console.code(secret) });
  console.host.advance(30_000);
  const again = console.refusal('auth.mfa_verify', { token, code: console.code(secret) });
  expect((await again).code).toBe('access/unauthenticated');
});

test('codes tried at once with one temporary token are counted one after the other', async () => {
  await console.addUserWithFactor('ada', 'admin');
  const token = await console.pendingToken('ada');
  const tries = Array.from({ length: 9 }, () => console.refusal('auth.mfa_verify', { token, code: '000000' }));
  const codes = (await Promise.all(tries)).map((problem) => problem.code);
  expect(codes.filter((code) => code === 'access/code')).toHaveLength(5);
  expect(codes.filter((code) => code === 'access/unauthenticated')).toHaveLength(4);
});

test('wrong codes make the account back off, and the right password does not clear them', async () => {
  const { secret } = await console.addUserWithFactor('ada', 'admin');
  const first = await console.pendingToken('ada');
  for (let tries = 0; tries < 4; tries += 1) await console.refusal('auth.mfa_verify', { token: first, code: '000000' });
  const second = await console.pendingToken('ada');
  await console.refusal('auth.mfa_verify', { token: second, code: '000000' });
  expect((await console.refusal('auth.mfa_verify', { token: second, code: console.code(secret) })).code).toBe(
    'access/backing-off',
  );
  expect((await console.refusal('auth.login', { username: 'ada', password })).code).toBe('access/backing-off');
  console.host.advance(1000);
  await console.call('auth.mfa_verify', { token: second, code: console.code(secret) });
});

test('a recovery code stands in for the factor exactly once, however it is typed, and has an entry of its own', async () => {
  const { id, recoveryCodes } = await console.addUserWithFactor('ada', 'admin');
  const [code = ''] = recoveryCodes;
  const typed = code.replace('-', ' ').toUpperCase();
  await console.call('auth.mfa_verify', { token: await console.pendingToken('ada'), code: typed });
  expect(console.lastEntry()).toMatchObject({
    type: 'recovery_code_used',
    success: true,
    actor: { id },
    details: { factor: 'recovery_code', recovery_codes_left: 9 },
  });
  const token = await console.pendingToken('ada');
  expect((await console.refusal('auth.mfa_verify', { token, code })).code).toBe('access/code');
  expect(console.traces()).not.toContain(code);
});

test('new recovery codes void the old ones, and asking whether one is right spends nothing', async () => {
  const { id, recoveryCodes } = await console.addUserWithFactor('ada', 'admin');
  const fresh = console.write((tx) => console.access.issueRecoveryCodes(tx, id, console.host.clock.now()));
  const has = (code: string) => console.store.readAll((tx) => console.access.hasRecoveryCode(tx, id, code));
  expect(recoveryCodes.map(has)).toEqual(Array(10).fill(false));
  expect([...fresh, ...fresh].map(has)).toEqual(Array(20).fill(true));
  expect(has('not-a-code')).toBe(false);
});

test("another user's recovery code is worth nothing", async () => {
  await console.addUserWithFactor('ada', 'admin');
  const { recoveryCodes } = await console.addUserWithFactor('bert', 'admin');
  const token = await console.pendingToken('ada');
  expect((await console.refusal('auth.mfa_verify', { token, code: recoveryCodes[0] ?? '' })).code).toBe('access/code');
});

test('a sealed secret that was moved to another user opens nothing', async () => {
  const ada = await console.addUserWithFactor('ada', 'admin');
  const bert = await console.addUserWithFactor('bert', 'admin');
  const token = await console.pendingToken('ada');
  console.write((tx) =>
    tx.run(
      `UPDATE access_totp SET sealed_secret = (SELECT sealed_secret FROM access_totp WHERE user_id = :bert) WHERE user_id = :ada`,
      { ada: ada.id, bert: bert.id },
    ),
  );
  expect((await console.refusal('auth.mfa_verify', { token, code: console.code(bert.secret) })).code).toBe('internal');
});

test('a user whose role needs no factor enrols one from the session, which then counts as stepped up', async () => {
  const id = await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  expect((await console.refusal('auth.step_up', { code: '123456' }, { token })).code).toBe('access/enrolment-required');
  const { secret } = await console.call('auth.mfa_enable', {}, { token });
  expect((await console.refusal('auth.mfa_verify', { code: '000000' }, { token })).code).toBe('access/code');
  const answer = await console.call('auth.mfa_verify', { code: console.code(secret) }, { token });
  expect(answer).toEqual({
    user: { id, username: 'vera', role: 'viewer', mfa_enabled: true },
    recovery_codes: expect.any(Array),
  });
  expect((await console.call('auth.session', {}, { token })).stepped_up_until).not.toBeNull();
  expect((await console.refusal('auth.mfa_enable', {}, { token })).code).toBe('access/mfa-already-on');
});

test('where all must have a factor, nobody gets a session without', async () => {
  using strict = createAccessConsole({ mfaRequired: 'all' });
  await strict.addUser('vera', 'viewer');
  expect(await strict.call('auth.login', { username: 'vera', password })).toHaveProperty('mfa_enrollment_required');
});

test('a session from before its user became an admin must enrol before anything else', async () => {
  const id = await console.addUser('vera', 'viewer');
  const token = await console.signIn('vera');
  console.write((tx) =>
    tx.run("UPDATE access_member SET role = 'admin' WHERE workspace = :workspace AND user_id = :id", { id }),
  );
  expect((await console.refusal('auth.session', {}, { token })).code).toBe('access/enrolment-required');
});

test('after a step back of the clock behind a used step codes are refused, and a recovery code still works', async () => {
  const { secret, recoveryCodes } = await console.addUserWithFactor('ada', 'admin');
  console.host.advance(-10 * minute);
  const token = await console.pendingToken('ada');
  expect((await console.refusal('auth.mfa_verify', { token, code: console.code(secret) })).code).toBe('access/code');
  await console.call('auth.mfa_verify', { token, code: recoveryCodes[0] ?? '' });
});
