// A console of nothing but the vault: the real feature, keys and dispatch over a real encrypted store. Callers are named; entries are kept
// as dispatch hands them over, in the same transaction.
import { createDispatch, type RefusedCall } from '../../../src-main/core/dispatch/dispatch.ts';
import type { NewEntry } from '../../../src-main/core/dispatch/performing.ts';
import type { Principal } from '../../../src-main/core/dispatch/principal.ts';
import { createIdempotency } from '../../../src-main/core/features/idempotency/index.ts';
import { createSubjectKeys } from '../../../src-main/core/features/keys/index.ts';
import { createSecrets } from '../../../src-main/core/features/secrets/index.ts';
import { type CallInput, contract, type OperationName, type Output } from '../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import {
  builtInRoles,
  type RoleName,
  resolvePatterns,
  resolveScopes,
  roleNames,
} from '../../../src-shared/permissions.ts';
import type { ProblemBody } from '../../../src-shared/problem.ts';
import { createTestHost } from '../../support/host.ts';
import { createTestSealer, createTestStore } from '../../support/stores.ts';

export const missingId = '0197a000-0000-7000-8000-000000000001';
const userNames = ['mira', 'ann', 'omar', 'vera', 'theo'];

/** Callers by token: `role:name`, or `key:id:scope,scope`, each with an optional `@workspace`. */
function principalOf(token: string, now: number): Principal {
  const [who = '', workspace = 'default'] = token.split('@');
  const [kind = '', name = '', scopes = ''] = who.split(':');
  if (kind === 'key') {
    return {
      kind: 'key',
      workspace,
      keyId: name,
      name: `${name}'s key`,
      eventSigning: 'none',
      permissions: resolveScopes(scopes.split(',')),
    };
  }
  const { allow, deny } = builtInRoles[kind as RoleName];
  return {
    kind: 'user',
    workspace,
    userId: `id-of-${name}`,
    username: name,
    role: kind as RoleName,
    mfaEnabled: true,
    sessionId: missingId,
    tokenHash: new Uint8Array(32),
    sessionCreatedAt: 0,
    steppedUpAt: name === 'theo' ? null : now,
    locked: false,
    permissions: resolvePatterns(allow, deny),
  };
}

export type SecretsConsole = ReturnType<typeof createSecretsConsole>;

export function createSecretsConsole() {
  const host = createTestHost();
  const sealer = createTestSealer(host.random);
  const keys = createSubjectKeys(sealer, { random: host.random, now: host.clock.now });
  let checkpoints = 0;
  const secrets = createSecrets({
    host,
    keys,
    findGrantee(_tx, kind, subject) {
      if (kind === 'role') return roleNames.find((role) => role === subject);
      if (kind === 'key') return subject.startsWith('k') ? subject : undefined;
      return userNames.find((name) => name === subject.toLowerCase());
    },
    checkpoint: () => {
      checkpoints += 1;
    },
  });
  const idempotency = createIdempotency(sealer, host);
  const store = createTestStore([keys.feature, secrets, idempotency.feature]);
  const entries: NewEntry[] = [];
  const refusedCalls: RefusedCall[] = [];
  const dispatch = createDispatch({
    host,
    store: () => store,
    unavailable: () => new ProblemError('console/not-set-up', 'not set up'),
    handlers: () => secrets.handlers,
    identify: (_tx, credential, now) =>
      credential.kind === 'token'
        ? principalOf(credential.token, now)
        : new ProblemError('access/unauthenticated', 'sign in'),
    identifyPending: () => new ProblemError('access/unauthenticated', 'sign in'),
    identifySetup: () => new ProblemError('access/unauthenticated', 'sign in'),
    touch: () => undefined,
    record: (tx, entry) => tx.afterCommit(() => entries.push(entry)),
    refused: (call) => refusedCalls.push(call),
    idempotency: () => idempotency,
    rateRule: () => ({ burst: 1_000_000, perMinute: 1_000_000 }),
    stepUpMs: 300_000,
  });

  async function ask(
    token: string,
    operation: OperationName,
    input: unknown,
    idempotencyKey?: string,
  ): Promise<unknown> {
    const answer = await dispatch({
      operation,
      via: 'https',
      origin: { ip: '198.51.100.9', userAgent: 'test/1' },
      credential: { kind: 'token', token, from: 'bearer' },
      input,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      traceId: 'trace',
    });
    return answer.kind === 'problem' ? answer.problem : contract[operation].output.parse(answer.output);
  }

  return {
    host,
    keys,
    store,
    entries,
    refusedCalls,
    checkpoints: () => checkpoints,
    lastEntry: () => entries.at(-1),
    /** The answer, checked against the contract; a problem fails the test. */
    async call<N extends OperationName>(
      token: string,
      operation: N,
      input: CallInput<N>,
      idempotencyKey?: string,
    ): Promise<Output<N>> {
      const answer = await ask(token, operation, input, idempotencyKey);
      if (isProblem(answer)) {
        const logged = String(host.logged.at(-1)?.fields?.error ?? '');
        throw new Error(`${operation} was refused: ${answer.code}: ${answer.detail} ${logged}`);
      }
      return answer as Output<N>;
    },
    /** The refusal; an answer fails the test. Takes any input, also what the contract forbids. */
    async refusal(token: string, operation: OperationName, input: unknown): Promise<ProblemBody> {
      const answer = await ask(token, operation, input);
      if (!isProblem(answer)) throw new Error(`${operation} was answered: ${JSON.stringify(answer)}`);
      return answer;
    },
    /** All that is stored, as text: every column of every table, bytes as Latin-1. */
    stored(): string {
      return store.readAll((tx) => {
        const tables = tx.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'");
        return tables
          .flatMap(({ name }) => tx.all(`SELECT * FROM "${name}"`))
          .flatMap((row) => Object.values(row))
          .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
          .join('\n');
      });
    },
    /** Everything that leaves traces outside the store, as text. */
    traces: () => JSON.stringify([entries, refusedCalls, host.logged, store.announced]),
    [Symbol.dispose]() {
      store[Symbol.dispose]();
    },
  };
}

function isProblem(answer: unknown): answer is ProblemBody {
  return typeof answer === 'object' && answer !== null && 'type' in answer && 'status' in answer && 'detail' in answer;
}
