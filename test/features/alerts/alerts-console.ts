// A console of nothing but alerts: the real feature and dispatch over a real encrypted store. Callers are named; entries are kept
// as dispatch hands them over, in the same transaction.

import { sha256Hex } from '../../../src-main/base/hashes.ts';
import { createDispatch } from '../../../src-main/core/dispatch/dispatch.ts';
import type { NewEntry } from '../../../src-main/core/dispatch/performing.ts';
import type { Principal } from '../../../src-main/core/dispatch/principal.ts';
import {
  createAlerts,
  type DetectorDescription,
  type StoredEventView,
} from '../../../src-main/core/features/alerts/index.ts';
import { keepEvidence } from '../../../src-main/core/features/events/index.ts';
import { eventsMigrations } from '../../../src-main/core/features/events/migrations.ts';
import type { SqlParameters } from '../../../src-main/core/ports.ts';
import type { ReadTx, Store, WriteTx } from '../../../src-main/core/store/store.ts';
import type { Finding } from '../../../src-main/engine/finding.ts';
import { contract, type Input, type OperationName, type Output } from '../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { builtInRoles, type RoleName, resolvePatterns } from '../../../src-shared/permissions.ts';
import type { ProblemBody } from '../../../src-shared/problem.ts';
import { createTestHost } from '../../support/host.ts';
import { createTestStore } from '../../support/stores.ts';

export const someId = '0197a000-0000-7000-8000-000000000001';

const described: DetectorDescription = {
  title: 'Multiple failed logins',
  description: 'Many failed logins for one account in a short time.',
  falsePositives: ['A script with an old password'],
  references: ['https://attack.mitre.org/techniques/T1110/'],
  runbook: ['Ask the owner of the account', 'Look at the address'],
};

/** Callers by token: `role:name`, `key:name`, each with an optional `@workspace`. */
function principalOf(token: string): Principal {
  const [who = '', workspace = 'default'] = token.split('@');
  const [role = '', name = ''] = who.split(':');
  if (role === 'key') {
    const permissions = resolvePatterns(['alerts.*']);
    return { kind: 'key', workspace, keyId: someId, name, eventSigning: 'none', permissions };
  }
  const { allow, deny } = builtInRoles[role as RoleName];
  return {
    kind: 'user',
    workspace,
    // Each name is a person of its own.
    userId: `0197a000-0000-7000-8000-${Buffer.from(name).toString('hex').slice(0, 12).padStart(12, '0')}`,
    username: name,
    role: role as RoleName,
    mfaEnabled: true,
    sessionId: someId,
    tokenHash: new Uint8Array(32),
    sessionCreatedAt: 0,
    steppedUpAt: null,
    locked: false,
    permissions: resolvePatterns(allow, deny),
  };
}

export type AlertsConsole = ReturnType<typeof createAlertsConsole>;

export function createAlertsConsole() {
  const host = createTestHost();
  const stored = new Map<string, StoredEventView>();
  const description: { current: DetectorDescription | undefined } = { current: described };
  const alerts = createAlerts({
    host,
    store: () => watched,
    version: '1.2.3',
    describeDetector: () => description.current,
    keepEvidence: (tx, event, now) => {
      stored.set(event.id, { ...event, time: new Date(event.timeMs).toISOString() });
      return keepEvidence(tx, event, now);
    },
    appendEntry: (_tx, entry) => void entries.push(entry),
    findEvents: (_tx, ids) => ids.flatMap((id) => stored.get(id) ?? []),
  });
  const store = createTestStore([
    alerts.feature,
    // The tables that events are kept in; nothing of the feature runs.
    { name: 'events', migrations: eventsMigrations, scopedTables: ['event', 'import'], handlers: {} },
  ]);
  const statements = new Map<string, SqlParameters>();
  const watched: Store = {
    ...store,
    read: (workspace, run) => store.read(workspace, (tx) => run(watchRead(tx, statements))),
    write: (workspace, run) => store.write(workspace, (tx) => run(watchWrite(tx, statements))),
  };
  const entries: NewEntry[] = [];
  const dispatch = createDispatch({
    host,
    store: () => watched,
    unavailable: () => new ProblemError('console/not-set-up', 'not set up'),
    handlers: () => alerts.feature.handlers,
    identify: (_tx, credential) =>
      credential.kind === 'token'
        ? principalOf(credential.token)
        : new ProblemError('access/unauthenticated', 'sign in'),
    identifyPending: () => new ProblemError('access/unauthenticated', 'sign in'),
    identifySetup: () => new ProblemError('access/unauthenticated', 'sign in'),
    touch: () => undefined,
    record: (_tx, entry) => void entries.push(entry),
    refused: () => undefined,
    idempotency: () => {
      throw new Error('no call here carries an idempotency key');
    },
    rateRule: () => ({ burst: 1_000_000, perMinute: 1_000_000 }),
    stepUpMs: 300_000,
  });

  async function ask(token: string, operation: OperationName, input: unknown): Promise<unknown> {
    const answer = await dispatch({
      operation,
      via: 'https',
      origin: { ip: '198.51.100.9', userAgent: 'test' },
      credential: { kind: 'token', token, from: 'bearer' },
      input,
      traceId: 'trace',
    });
    return answer.kind === 'problem' ? answer.problem : contract[operation].output.parse(answer.output);
  }

  return {
    alerts,
    entries,
    host,
    store,
    stored,
    /** Every statement that ran, with its last parameters. */
    statements,
    describe: description,
    /** The answer, checked against the contract; a problem fails the test. */
    async call<N extends OperationName>(token: string, operation: N, input: Input<N>): Promise<Output<N>> {
      const answer = await ask(token, operation, input);
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
    raise(part: Partial<Finding> = {}, workspace = 'default') {
      const made = finding(part);
      for (const id of made.eventIds) {
        stored.set(id, { id, time: new Date(made.lastAtMs).toISOString(), actor: 'alice' });
      }
      return watched.write(workspace, (tx) => alerts.raise(tx, made, hashesOf(made), host.clock.now()));
    },
    [Symbol.dispose]() {
      store[Symbol.dispose]();
    },
  };
}

function watchRead(tx: ReadTx, statements: Map<string, SqlParameters>): ReadTx {
  return {
    ...tx,
    get<T>(sql: string, parameters: SqlParameters = {}) {
      statements.set(sql, parameters);
      return tx.get<T>(sql, parameters);
    },
    all<T>(sql: string, parameters: SqlParameters = {}) {
      statements.set(sql, parameters);
      return tx.all<T>(sql, parameters);
    },
  };
}

function watchWrite(tx: WriteTx, statements: Map<string, SqlParameters>): WriteTx {
  return {
    ...tx,
    ...watchRead(tx, statements),
    run(sql, parameters = {}) {
      statements.set(sql, parameters);
      return tx.run(sql, parameters);
    },
  };
}

function isProblem(answer: unknown): answer is ProblemBody {
  return typeof answer === 'object' && answer !== null && 'type' in answer && 'status' in answer && 'detail' in answer;
}

export function hashesOf(made: Finding): ReadonlyMap<string, string> {
  return new Map(made.eventIds.map((id) => [id, sha256Hex(id)]));
}

let made = 0;

/** Findings differ in their dedup key unless one is given. */
export function finding(part: Partial<Finding> = {}): Finding {
  made += 1;
  return {
    ruleId: 'failed-logins',
    ruleVersion: 'a1b2c3',
    parameters: { threshold: 10, window: '5m' },
    level: 'high',
    risk: 70,
    riskDerivation: [{ label: 'severity high', points: 70 }],
    title: 'Failed logins for alice',
    sentence: '11 failed logins for alice from 203.0.113.7 in 4 min 12 s (limit 10 in 5 min)',
    group: {},
    entities: [
      { kind: 'user', value: 'alice' },
      { kind: 'ip', value: '203.0.113.7' },
    ],
    techniques: ['T1110'],
    state: 'opened',
    count: 11,
    newEvents: 1,
    value: 11,
    firstAtMs: Date.UTC(2026, 10, 21, 13, 50),
    lastAtMs: Date.UTC(2026, 10, 21, 13, 54),
    eventIds: [eventId(made)],
    dedupKey: `key-${made}`,
    dedupWindowMs: 3_600_000,
    ...part,
  };
}

export function eventId(number: number): string {
  return `0197a000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}
