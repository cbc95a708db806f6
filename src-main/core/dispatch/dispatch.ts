// The one way in. Reads top to bottom: find · limit by origin · identify · limit by principal · authorise · parse · run · answer.
// Knows no feature; what it needs of access and audit is given to it.
import { contract, declarationOf, type OperationName } from '../../../src-shared/contract/contract.ts';
import type { Operation } from '../../../src-shared/contract/grammar.ts';
import { ProblemError, problemBody } from '../../../src-shared/contract/problems.ts';
import { originKey } from '../../base/addresses.ts';
import { uuidV7 } from '../../base/ids.ts';
import { defaultWorkspace } from '../feature.ts';
import { DamagedStore, type Host, type RateRule, type RateState } from '../ports.ts';
import type { ReadTx } from '../store/store.ts';
import type { Answer, Arrival, Credential, GrantedSession, Origin } from './arrival.ts';
import type { Call, Handlers } from './handler.ts';
import { parseInput } from './parse-input.ts';
import {
  type AnyHandler,
  createPerforming,
  type NewEntry,
  type PerformingParts,
  RecordedRefusal,
} from './performing.ts';
import { actorOf, type Principal } from './principal.ts';

/** A call that was refused before it could change anything: what the indicator for unauthorised access is fed with. */
export type RefusedCall = {
  /** An operation of the contract, or `stream`. */
  readonly operation: OperationName | 'stream';
  readonly code: string;
  readonly origin: Origin;
  readonly actor: string | null;
  readonly at: number;
  /** Set where a user or an API key was refused and nothing says so in the log yet. */
  readonly known?: {
    readonly actor: NewEntry['actor'];
    readonly sessionId: string | null;
    readonly traceId: string;
  };
};

export type DispatchParts = PerformingParts & {
  readonly host: Host;
  /** Of the features that stand now: before set-up only a few. */
  handlers(): Partial<Handlers<typeof contract>>;
  identify(tx: ReadTx, credential: Credential, now: number): Principal | ProblemError;
  identifyPending(tx: ReadTx, token: string, now: number): Principal | ProblemError;
  /** The holder of the set-up claim, which exists before there is a store. */
  identifySetup(credential: Credential): Principal | ProblemError;
  touch(principal: Principal, origin: Origin, now: number): void;
  refused(call: RefusedCall): void;
  rateRule(rate: Operation['rate']): RateRule;
  readonly stepUpMs: number;
};

export function createDispatch(parts: DispatchParts): (arrival: Arrival) => Promise<Answer> {
  const { host } = parts;
  const perform = createPerforming(parts);

  return async function dispatch(arrival) {
    let rate: RateState | undefined;
    let principal: Principal | undefined;
    try {
      const declared = find(arrival.operation);
      const now = host.clock.now();
      rate = await limit(
        arrival.via === 'https' ? `${declared.rate}/${originKey(arrival.origin.ip)}` : undefined,
        declared.rate,
        now,
      );
      principal = identify(declared, arrival, now);
      if (principal.kind === 'key') await limit(`key/${principal.keyId}`, 'general', now);
      authorise(declared, principal, now);
      const input = parseInput(declared, arrival.input);
      const answer = await run(arrival, declared, principal, input, now, rate);
      parts.touch(principal, arrival.origin, now);
      return answer;
    } catch (error) {
      return answerProblem(arrival, error, rate, principal);
    }
  };

  function find(name: string): Operation {
    if (!Object.hasOwn(contract, name)) throw new ProblemError('request/not-found', `there is no operation ${name}`);
    return declarationOf(name as OperationName);
  }

  async function limit(key: string | undefined, rate: Operation['rate'], now: number): Promise<RateState | undefined> {
    if (key === undefined) return undefined;
    const state = await host.limiter.take(key, parts.rateRule(rate), now);
    if (!state.allowed) throw new RateLimited(state);
    return state;
  }

  function identify(declared: Operation, arrival: Arrival, now: number): Principal {
    const anonymous: Principal = { kind: 'anonymous', workspace: defaultWorkspace };
    if (arrival.via === 'system') return { kind: 'system', workspace: defaultWorkspace, name: 'system' };
    if (declared.access.kind === 'open') {
      const holder = parts.identifySetup(arrival.credential);
      return holder instanceof ProblemError ? anonymous : holder;
    }
    if (declared.access.kind === 'setup') return given(parts.identifySetup(arrival.credential));
    const store = parts.store();
    if (store === undefined) throw parts.unavailable();
    return given(
      store.readAll((tx) => {
        if (declared.access.kind === 'pending') {
          const token = pendingToken(arrival);
          if (token !== undefined) return parts.identifyPending(tx, token, now);
        }
        return parts.identify(tx, arrival.credential, now);
      }),
    );
  }

  function authorise(declared: Operation, principal: Principal, now: number): void {
    if (principal.kind === 'system') return;
    if (principal.kind === 'user' && principal.locked && !lockedMay.has(declared)) {
      throw new ProblemError('access/locked', 'the console is locked; unlock it with password and second factor');
    }
    if (declared.access.kind === 'permission') {
      if (principal.kind !== 'user' && principal.kind !== 'key') throw forbidden(declared.access.permission);
      if (!principal.permissions.has(declared.access.permission)) throw forbidden(declared.access.permission);
    }
    if (declared.access.kind === 'session' && principal.kind !== 'user' && principal.kind !== 'key') {
      throw new ProblemError('access/unauthenticated', 'sign in first');
    }
    if (declared.stepUp && principal.kind === 'user') {
      const fresh = principal.steppedUpAt !== null && now - principal.steppedUpAt <= parts.stepUpMs;
      if (!fresh)
        throw new ProblemError('access/step-up', 'show your second factor again; it was last shown over 5 minutes ago');
    }
  }

  async function run(
    arrival: Arrival,
    declared: Operation,
    principal: Principal,
    input: unknown,
    now: number,
    rate: RateState | undefined,
  ): Promise<Answer> {
    const handler = parts.handlers()[arrival.operation] as AnyHandler | undefined;
    if (handler === undefined) {
      if (parts.store() === undefined) throw parts.unavailable();
      throw new Error(`operation ${arrival.operation} has no handler`);
    }
    let granted: GrantedSession | undefined;
    let ended = false;
    const call: Call = {
      principal,
      workspace: principal.workspace,
      origin: arrival.origin,
      via: arrival.via,
      now,
      traceId: arrival.traceId,
      entry: {},
      grant: (session) => {
        granted = session;
      },
      endSession: () => {
        ended = true;
      },
    };
    const performed = await perform(arrival, handler, call, input);
    return {
      kind: 'output',
      status: declared.success ?? 200,
      ...performed,
      rate,
      ...(granted === undefined ? {} : { granted }),
      ...(ended ? { ended: true as const } : {}),
    };
  }

  function asksWho(arrival: Arrival): boolean {
    return arrival.credential.kind === 'none' && find(arrival.operation).access.kind === 'session';
  }

  function answerProblem(
    arrival: Arrival,
    error: unknown,
    rate: RateState | undefined,
    principal: Principal | undefined,
  ): Answer {
    if (error instanceof RateLimited) {
      const seconds = Math.max(1, Math.ceil(error.state.retryAfterMs / 1000));
      const problem = new ProblemError('limits/rate', `Rate limit exceeded. Try again in ${seconds} seconds.`, {
        retry_after_seconds: seconds,
      });
      return { kind: 'problem', problem: problemBody(problem), rate: error.state };
    }
    const refusal = error instanceof RecordedRefusal ? error.problem : error;
    if (refusal instanceof ProblemError) {
      // Refused for who is asking: the detectors hear of it, whether or not an entry was written. A page that asks whether anybody
      // is signed in, and shows nothing of its own, is nobody who tries the door.
      if (watched.has(refusal.code) && !asksWho(arrival)) {
        parts.refused({
          operation: arrival.operation,
          code: refusal.code,
          origin: arrival.origin,
          actor: principal === undefined ? null : actorOf(principal).name,
          at: host.clock.now(),
          ...(error instanceof RecordedRefusal ? {} : knownBy(principal, arrival.traceId)),
        });
      }
      return { kind: 'problem', problem: problemBody(refusal), rate };
    }
    // SECURITY: what a bug says may hold anything; the caller gets a number to ask for, the log gets the error.
    const incident = uuidV7(host.clock.now(), host.random.bytes(10));
    host.log.error('internal error', {
      incident_id: incident,
      operation: arrival.operation,
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    const failure = storeFailure(error);
    const problem =
      failure !== undefined
        ? new ProblemError('console/store-failed', failure, { incident_id: incident })
        : new ProblemError('internal', `something went wrong; incident ${incident} is in the log`, {
            incident_id: incident,
          });
    return { kind: 'problem', problem: problemBody(problem), rate };
  }
}

class RateLimited extends Error {
  readonly state: RateState;

  constructor(state: RateState) {
    super('rate limited');
    this.state = state;
  }
}

const lockedMay: ReadonlySet<Operation> = new Set<Operation>([
  contract['auth.unlock'],
  contract['auth.logout'],
  contract['auth.session'],
]);

function knownBy(principal: Principal | undefined, traceId: string): Pick<RefusedCall, 'known'> {
  if (principal?.kind !== 'user' && principal?.kind !== 'key') return {};
  const sessionId = principal.kind === 'user' ? principal.sessionId : null;
  return { known: { actor: actorOf(principal), sessionId, traceId } };
}

/** Refusals that say something about who is asking (spec 05, unauthorised API access). */
const watched: ReadonlySet<string> = new Set([
  'access/unauthenticated',
  'access/forbidden',
  'access/cross-workspace',
  'secrets/granted',
  'events/signature',
]);

/** What the disk said, in words and with what to do; undefined for an error of another kind. */
function storeFailure(error: unknown): string | undefined {
  if (error instanceof DamagedStore) return 'the store is damaged: stop the console and put back your last good backup';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('SQLITE_')) return undefined;
  if (code === 'SQLITE_FULL') return 'the disk is full, so this was not taken; free some space, then send it again';
  if (code.startsWith('SQLITE_READONLY')) return 'the store can only be read; check the permissions of the data folder';
  return 'the store could not be written; check disk space and permissions';
}

function given(outcome: Principal | ProblemError): Principal {
  if (outcome instanceof ProblemError) throw outcome;
  return outcome;
}

function forbidden(permission: string): ProblemError {
  return new ProblemError('access/forbidden', `this needs the permission ${permission}`);
}

/** The temporary token stands in the body (spec 01) or, for simple clients, in the bearer header. */
function pendingToken(arrival: Arrival): string | undefined {
  const { input, credential } = arrival;
  if (typeof input === 'object' && input !== null && 'token' in input && typeof input.token === 'string')
    return input.token;
  if (credential.kind === 'token' && credential.token.startsWith('ghp_')) return credential.token;
  return undefined;
}
