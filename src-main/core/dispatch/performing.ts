// What is done once somebody may do it: the handler runs, its entry is written with it, and a request that is sent twice is done once.
import type { AuditType } from '../../../src-shared/audit-types.ts';
import { contract, declarationOf } from '../../../src-shared/contract/contract.ts';
import type { Operation } from '../../../src-shared/contract/grammar.ts';
import { ProblemError } from '../../../src-shared/contract/problems.ts';
import { isRepeatable } from '../../../src-shared/http-request.ts';
import type { Idempotency, IdempotentRequest } from '../features/idempotency/index.ts';
import type { ReadTx, Store, WriteTx } from '../store/store.ts';
import type { Answer, Arrival, Origin } from './arrival.ts';
import type { Call, EntryDraft, EntrySubject, PreparedHandler, Refusal } from './handler.ts';
import { createKeptAnswers } from './kept-answers.ts';
import { actorOf } from './principal.ts';

export type NewEntry = {
  readonly type: AuditType;
  readonly action: string;
  readonly success: boolean;
  readonly actor: { kind: string; id: string | null; name: string };
  readonly resource: { type: string; id: string | null } | undefined;
  readonly origin: Origin;
  readonly sessionId: string | null;
  readonly traceId: string | null;
  readonly details: Record<string, unknown>;
  readonly dataAccessed: string | undefined;
  readonly at: number;
  /** Whom the entry is about: what it says of that person is kept sealed for that person alone, so that it can be erased. */
  readonly subject?: EntrySubject | undefined;
};

export type PerformingParts = {
  /** undefined until the console is set up and its store is open. */
  store(): Store | undefined;
  /** Why there is no store, for the answer. */
  unavailable(): ProblemError;
  /** Appends to the audit log and feeds the entry to the detectors. */
  record(tx: WriteTx, entry: NewEntry): void;
  readonly idempotency: () => Idempotency;
};

export type AnyHandler = AnyRead | AnyWrite | AnyTask | PreparedHandler<Operation, unknown>;
type AnyRead = (tx: ReadTx, call: Call, input: unknown) => unknown;
type AnyWrite = (tx: WriteTx, call: Call, input: unknown) => unknown;
type AnyTask = (call: Call, input: unknown) => Promise<unknown>;

type Performed = Pick<Extract<Answer, { kind: 'output' }>, 'output' | 'json'>;

/** A refusal whose traces are already committed. */
export class RecordedRefusal extends Error {
  readonly problem: ProblemError;

  constructor(problem: ProblemError) {
    super(problem.message);
    this.problem = problem;
  }
}

export type Performing = (arrival: Arrival, handler: AnyHandler, call: Call, input: unknown) => Promise<Performed>;

export function createPerforming(parts: PerformingParts): Performing {
  const keptAnswers = createKeptAnswers();
  /** Tasks under way that may be sent again meanwhile, by who sent them and their key. */
  const underWay = new Map<string, Promise<unknown>>();

  return async function perform(arrival, handler, call, input) {
    const declared = declarationOf(arrival.operation);
    const repeatable = repeatableRequest(arrival, declared, call, input);
    if (declared.effect === 'task') {
      const task = () => performTask(arrival, declared, handler as AnyTask, call, input);
      return { output: repeatable === undefined ? await task() : await once(repeatable, declared, call, task) };
    }
    const store = parts.store();
    if (store === undefined) throw parts.unavailable();
    if (declared.effect === 'read') {
      const read = (): unknown => store.read(call.workspace, (tx) => (handler as AnyRead)(tx, call, input));
      if (declared.steady !== true) return { output: read() };
      return keptAnswers.answer(
        store.version(),
        `${arrival.operation} ${call.workspace} ${JSON.stringify(input)}`,
        read,
      );
    }
    const prepared = typeof handler === 'object' ? await handler.before(call, input) : undefined;
    await store.writable();
    const outcome = store.write(call.workspace, (tx) => {
      const before = repeatable && parts.idempotency().recall(tx, repeatable);
      if (before !== undefined) return before.output;
      const result =
        typeof handler === 'object' ? handler.run(tx, call, input, prepared) : (handler as AnyWrite)(tx, call, input);
      record(tx, arrival, declared, call, !isRefusal(result));
      if (repeatable !== undefined && !isRefusal(result)) keep(tx, repeatable, declared, result);
      return result;
    });
    if (isRefusal(outcome)) throw new RecordedRefusal(outcome.refused);
    return { output: outcome };
  };

  async function performTask(
    arrival: Arrival,
    declared: Operation,
    handler: AnyTask,
    call: Call,
    input: unknown,
  ): Promise<unknown> {
    async function recordTask(success: boolean): Promise<void> {
      await parts.store()?.writable();
      parts.store()?.write(call.workspace, (tx) => record(tx, arrival, declared, call, success));
    }
    if (waitsForWrites(declared)) await parts.store()?.writable();
    const output = await handler(call, input).catch((error: unknown) => {
      // A task that got somewhere before it failed says so in the entry it drafted.
      if (call.entry.type != null) return recordTask(false).then(() => Promise.reject(error));
      throw error;
    });
    if (entryType(declared, call) !== null) await recordTask(true);
    return output;
  }

  /**
   * A task commits in slices of its own, so its answer is kept after it: where the process ends between the two, the same request does it
   * again. Sent again while it runs, it waits for it.
   */
  async function once(
    request: IdempotentRequest,
    declared: Operation,
    call: Call,
    task: () => Promise<unknown>,
  ): Promise<unknown> {
    const place = JSON.stringify([call.workspace, request.principal, request.key]);
    for (let other = underWay.get(place); other !== undefined; other = underWay.get(place)) await other;
    const run = async (): Promise<unknown> => {
      await parts.idempotency().prepare(request);
      const before = parts.store()?.read(call.workspace, (tx) => parts.idempotency().recall(tx, request));
      if (before !== undefined) return before.output;
      const output = await task();
      // None where the task locked the vault or put another store in the place of this one.
      const store: Store | undefined = parts.store();
      await store?.writable();
      store?.write(call.workspace, (tx) => keep(tx, request, declared, output));
      return output;
    };
    const running = run();
    underWay.set(
      place,
      running.catch(() => undefined),
    );
    try {
      return await running;
    } finally {
      underWay.delete(place);
    }
  }

  function keep(tx: WriteTx, request: IdempotentRequest, declared: Operation, output: unknown): void {
    // SECURITY: what is shown once must not stand in the store, sealed or not.
    parts.idempotency().keep(tx, request, output, declared.reveals === true);
  }

  function record(tx: WriteTx, arrival: Arrival, declared: Operation, call: Call, success: boolean): void {
    const draft: EntryDraft = call.entry;
    const type = entryType(declared, call);
    if (type === null) return;
    parts.record(tx, {
      type,
      action: arrival.operation,
      success,
      actor: draft.actor ?? actorOf(call.principal),
      resource: draft.resource,
      origin: arrival.origin,
      sessionId: call.principal.kind === 'user' ? call.principal.sessionId : null,
      traceId: arrival.traceId,
      details: draft.details ?? {},
      dataAccessed: draft.dataAccessed,
      at: call.now,
      subject: draft.subject,
    });
  }
}

/** A task that leaves an entry writes; all but locking the vault, which nothing may hold up, begin when writes go on. */
function waitsForWrites(declared: Operation): boolean {
  return typeof declared.audit === 'string' && declared !== contract['vault.lock'];
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value && value.refused instanceof ProblemError;
}

/** What the entry of this call is, or null when it leaves none. */
function entryType(declared: Operation, call: Call): AuditType | null {
  if (call.entry.type !== undefined) return call.entry.type;
  return typeof declared.audit === 'string' ? declared.audit : null;
}

/** Only who is identified can repeat: a kept answer must never reach somebody else. */
function repeatableRequest(
  { idempotencyKey: key, operation }: Arrival,
  declared: Operation,
  { principal, now }: Call,
  input: unknown,
): IdempotentRequest | undefined {
  if (key === undefined || !isRepeatable(declared)) return undefined;
  if (key === '' || key.length > 200)
    throw new ProblemError('request/malformed', 'Idempotency-Key: expected 1 to 200 characters');
  const who = principal.kind === 'user' ? principal.userId : principal.kind === 'key' ? principal.keyId : undefined;
  return who === undefined ? undefined : { principal: who, key, operation, input, now };
}
