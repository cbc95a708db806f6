// A console of nothing but access: the real feature and dispatch over a real encrypted store, with real password hashes. Audit entries
// are kept as dispatch hands them over, those of transactions that were rolled back are not.
import { generateSync } from 'otplib';
import type { Arrival, Credential, GrantedSession } from '../../../src-main/core/dispatch/arrival.ts';
import { createDispatch, type RefusedCall } from '../../../src-main/core/dispatch/dispatch.ts';
import type { NewEntry } from '../../../src-main/core/dispatch/performing.ts';
import { type AccessSettings, createAccess } from '../../../src-main/core/features/access/index.ts';
import type { WriteTx } from '../../../src-main/core/store/store.ts';
import type { Input, OperationName, Output } from '../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import type { RoleName } from '../../../src-shared/permissions.ts';
import type { ProblemBody } from '../../../src-shared/problem.ts';
import { createTestHost } from '../../support/host.ts';
import { createTestSealer, createTestStore } from '../../support/stores.ts';

export const minute = 60_000;
export const password = 'Otter-Canal-7391';

const settings: AccessSettings = {
  idleMs: 30 * minute,
  absoluteMs: 12 * 60 * minute,
  maxSessionsPerUser: 5,
  mfaRequired: 'admins',
  idleLockMinutes: 10,
  stepUpMs: 5 * minute,
  pendingMs: 5 * minute,
  pendingTries: 5,
};

export type Asked = Partial<Pick<Arrival, 'via' | 'origin'>> & {
  readonly token?: string;
  readonly from?: Extract<Credential, { kind: 'token' }>['from'];
};

export type Said =
  | { readonly kind: 'problem'; readonly problem: ProblemBody }
  | { readonly kind: 'output'; readonly output: unknown; readonly granted?: GrantedSession; readonly ended?: true };

export type AccessConsole = ReturnType<typeof createAccessConsole>;

export function createAccessConsole(overrides: Partial<AccessSettings> = {}) {
  const real = createTestHost();
  /** What the hasher was asked, one word each. */
  const hashing: ('hash' | 'verify')[] = [];
  /** What happens in the console while a password is being verified. */
  const meanwhile = { run: (): void => undefined };
  const host = {
    ...real,
    hasher: {
      hash(text: string) {
        hashing.push('hash');
        return real.hasher.hash(text);
      },
      verify(stored: string, text: string) {
        hashing.push('verify');
        meanwhile.run();
        return real.hasher.verify(stored, text);
      },
    },
  };
  const access = createAccess({
    host,
    sealer: createTestSealer(host.random),
    consoleName: () => 'soc-desk',
    settings: { ...settings, ...overrides },
    read: (run) => store.readAll(run),
  });
  const store = createTestStore([access.feature]);
  const entries: NewEntry[] = [];
  const refusedCalls: RefusedCall[] = [];
  const endedSessions: string[] = [];
  access.onSessionEnded((id) => endedSessions.push(id));
  const dispatch = createDispatch({
    host,
    store: () => store,
    unavailable: () => new ProblemError('console/not-set-up', 'not set up'),
    handlers: () => access.feature.handlers,
    identify: access.identify,
    identifyPending: access.identifyPending,
    identifySetup: () => new ProblemError('access/unauthenticated', 'no set-up here'),
    touch: access.touch,
    record: (tx, entry) => tx.afterCommit(() => entries.push(entry)),
    refused: (call) => refusedCalls.push(call),
    idempotency: () => {
      throw new Error('no call here carries an idempotency key');
    },
    rateRule: () => ({ burst: 1_000_000, perMinute: 1_000_000 }),
    stepUpMs: settings.stepUpMs,
  });

  async function say<N extends OperationName>(name: N, input: Input<N>, asked: Asked = {}): Promise<Said> {
    const answer = await dispatch({
      operation: name,
      via: asked.via ?? 'https',
      origin: asked.origin ?? { ip: '192.0.2.7', userAgent: 'test/1' },
      credential:
        asked.token === undefined
          ? { kind: 'none' }
          : { kind: 'token', token: asked.token, from: asked.from ?? 'bearer' },
      input,
      traceId: 'trace',
    });
    if (answer.kind === 'problem') return { kind: 'problem', problem: answer.problem };
    const { output, granted, ended } = answer;
    return {
      kind: 'output',
      output,
      ...(granted === undefined ? {} : { granted }),
      ...(ended === undefined ? {} : { ended }),
    };
  }

  /** The output of a call that must succeed. */
  async function call<N extends OperationName>(name: N, input: Input<N>, asked?: Asked): Promise<Output<N>> {
    const said = await say(name, input, asked);
    if (said.kind === 'problem') throw new Error(`${name} was refused: ${said.problem.code}: ${said.problem.detail}`);
    return said.output as Output<N>;
  }

  /** The problem of a call that must be refused. */
  async function refusal<N extends OperationName>(name: N, input: Input<N>, asked?: Asked): Promise<ProblemBody> {
    const said = await say(name, input, asked);
    if (said.kind === 'output') throw new Error(`${name} was not refused`);
    return said.problem;
  }

  function write<T>(run: (tx: WriteTx) => T, workspace = 'default'): T {
    return store.write(workspace, run);
  }

  async function addUser(username: string, role: RoleName, text = password): Promise<string> {
    const passwordHash = await real.hasher.hash(text);
    return write((tx) => access.createUser(tx, { username, passwordHash, role, now: host.clock.now() })).id;
  }

  /** A user with an active authenticator; gives its secret and recovery codes. The clock moves on, so that the next code is fresh. */
  async function addUserWithFactor(username: string, role: RoleName) {
    const id = await addUser(username, role);
    const { secret } = write((tx) => access.beginTotp(tx, id, host.clock.now()));
    const activated = write((tx) => access.verifyTotpEnrolment(tx, id, code(secret), host.clock.now()));
    if (!activated) throw new Error('the enrolment was not activated');
    const recoveryCodes = write((tx) => access.issueRecoveryCodes(tx, id, host.clock.now()));
    host.advance(30_000);
    return { id, secret, recoveryCodes };
  }

  /** What the user's authenticator shows now, or `steps` of 30 seconds away. */
  function code(secret: string, steps = 0): string {
    return generateSync({ secret, epoch: Math.floor(host.clock.now() / 1000) + steps * 30 });
  }

  /** Signs in with the password alone. */
  async function signIn(username: string, text = password): Promise<string> {
    const answer = await call('auth.login', { username, password: text });
    if (!('user' in answer) || answer.token === undefined) throw new Error('expected a session');
    return answer.token;
  }

  async function pendingToken(username: string): Promise<string> {
    const answer = await call('auth.login', { username, password });
    if ('user' in answer) throw new Error('expected a temporary token');
    return answer.token;
  }

  async function signInWithCode(username: string, secret: string): Promise<string> {
    const answer = await call('auth.mfa_verify', { token: await pendingToken(username), code: code(secret) });
    host.advance(30_000);
    if (!('user' in answer) || answer.token === undefined) throw new Error('expected a session');
    return answer.token;
  }

  return {
    host,
    access,
    store,
    entries,
    refusedCalls,
    endedSessions,
    hashing,
    meanwhile,
    say,
    call,
    refusal,
    write,
    addUser,
    addUserWithFactor,
    code,
    signIn,
    pendingToken,
    signInWithCode,
    lastEntry: () => entries.at(-1),
    /** Everything that leaves traces, as text: entries, log, announcements. */
    traces: () => JSON.stringify([entries, refusedCalls, host.logged, store.announced]),
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}
