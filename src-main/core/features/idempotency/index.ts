// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same request sent twice is done once and answered alike, for 24 hours.
// The answer is kept with the change, sealed as all that may be about people; the digest of the request too, because a request may hold a
// secret that could be guessed from it. An answer that is shown once is kept in memory alone: in the store stands only that it was given.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { canonicalize } from '../../../../src-shared/evidence/canonical-json.ts';
import { concatBytes, equalBytes, utf8 } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/hashes.ts';
import type { Feature, SealedColumn, Sealer } from '../../feature.ts';
import { createPace } from '../../pace.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { findAnswer, forgetOldest, keepAnswer, keptBytes } from './answers-table.ts';
import { idempotencyMigrations } from './migrations.ts';

const keptMs = 24 * 3_600_000;
/** Of one client; beyond it the oldest go first, and such a request is done again. Batches of events, whose answers are long, do no harm then. */
const mostKeptBytes = 16 * 1_048_576;
const mostInMemory = 1_000;
/** In place of an answer; no JSON begins so. */
const withheld = 'withheld';

export type IdempotentRequest = {
  /** Who asks: keys are scoped per client. */
  readonly principal: string;
  readonly key: string;
  readonly operation: string;
  readonly input: unknown;
  readonly now: number;
};

export type Idempotency = {
  readonly feature: Feature;
  /** Before the other two, where the request may be large: works out what it is known by, with pauses. */
  prepare(request: IdempotentRequest): Promise<void>;
  /**
   * The answer that was given before, if any.
   * @throws ProblemError request/idempotency-reused when the request differs, request/idempotency-done when the answer was shown once and
   * the console was started since
   */
  recall(tx: ReadTx, request: IdempotentRequest): { output: unknown } | undefined;
  /** @param shownOnce the store must not have the answer */
  keep(tx: WriteTx, request: IdempotentRequest, output: unknown, shownOnce: boolean): void;
};

export function createIdempotency(sealer: Sealer, host: Pick<Host, 'stopwatch' | 'timers'>): Idempotency {
  const digests = new WeakMap<IdempotentRequest, Uint8Array>();
  /** Bytes of answers by client, never too few: what was forgotten for its age is still counted, until it is counted anew. */
  const kept = new Map<string, number>();
  /** Answers that are shown once, sealed, so that no picture of the memory shows them. The oldest go first. */
  const inMemory = new Map<string, Uint8Array>();
  return {
    feature: {
      name: 'idempotency',
      migrations: idempotencyMigrations,
      scopedTables: ['idempotency'],
      sealed: [sealedColumn('request'), sealedColumn('answer')],
      handlers: {},
    },
    async prepare(request) {
      const pace = createPace(host);
      const digester = createDigester(request);
      for (const event of eventsOf(request)) {
        const turn = pace.step();
        if (turn !== undefined) await turn;
        digester.add(event);
      }
      digests.set(request, digester.digest());
    },
    recall(tx, request) {
      const found = findAnswer(tx, request.principal, request.key, request.now - keptMs);
      if (found === undefined) return undefined;
      if (!equalBytes(sealer.open(found.request, contextOf('request', request)), digestOf(request))) {
        throw new ProblemError(
          'request/idempotency-reused',
          'this Idempotency-Key was used for another request; use a new one',
        );
      }
      const stored = textOf(found.answer, request);
      const answer = stored === withheld ? remembered(request) : stored;
      if (answer === undefined) {
        throw new ProblemError(
          'request/idempotency-done',
          'this was done before, and what it answered is shown once; if that was lost, take back what was made and send it with a new Idempotency-Key',
        );
      }
      return { output: answer === '' ? undefined : (JSON.parse(answer) as unknown) };
    },
    keep(tx, request, output, shownOnce) {
      const text = JSON.stringify(output) ?? '';
      if (shownOnce) remember(request, text);
      const answer = sealer.seal(utf8(shownOnce ? withheld : text), contextOf('answer', request));
      keepAnswer(tx, {
        principal: request.principal,
        key: request.key,
        request: sealer.seal(digestOf(request), contextOf('request', request)),
        answer,
        at: request.now,
        forgetBefore: request.now - keptMs,
      });
      bound(tx, request.principal, answer.length);
    },
  };

  function bound(tx: WriteTx, principal: string, added: number): void {
    const place = `${tx.workspace} ${principal}`;
    const before = kept.get(place);
    const bytes = before === undefined ? keptBytes(tx, principal) : before + added;
    // Some more than must be, so that not each answer after it does it again.
    kept.set(place, bytes <= mostKeptBytes ? bytes : forgetOldest(tx, principal, (mostKeptBytes * 3) / 4));
  }

  function digestOf(request: IdempotentRequest): Uint8Array {
    const known = digests.get(request);
    if (known !== undefined) return known;
    const digester = createDigester(request);
    for (const event of eventsOf(request)) digester.add(event);
    const digest = digester.digest();
    digests.set(request, digest);
    return digest;
  }

  function textOf(sealed: Uint8Array, request: IdempotentRequest): string {
    return Buffer.from(sealer.open(sealed, contextOf('answer', request))).toString('utf8');
  }

  function remember(request: IdempotentRequest, text: string): void {
    inMemory.set(contextOf('answer', request), sealer.seal(utf8(text), contextOf('answer', request)));
    for (const oldest of inMemory.keys()) {
      if (inMemory.size <= mostInMemory) break;
      inMemory.delete(oldest);
    }
  }

  function remembered(request: IdempotentRequest): string | undefined {
    const sealed = inMemory.get(contextOf('answer', request));
    try {
      return sealed === undefined ? undefined : textOf(sealed, request);
    } catch {
      // The key that sealed it was rotated away since.
      inMemory.delete(contextOf('answer', request));
      return undefined;
    }
  }
}

/** The events of a batch, which may be megabytes; nothing for any other request. */
function eventsOf({ input }: IdempotentRequest): readonly unknown[] {
  return typeof input === 'object' && input !== null && 'events' in input && Array.isArray(input.events)
    ? (input.events as readonly unknown[])
    : [];
}

/** A request is its operation and input; events are hashed one by one. */
function createDigester(request: IdempotentRequest): { add(event: unknown): void; digest(): Uint8Array } {
  const { operation, input } = request;
  const hashes: Uint8Array[] = [];
  return {
    add: (event) => void hashes.push(sha256(canonicalForm(event))),
    digest() {
      const rest = hashes.length === 0 ? input : { ...(input as object), events: hashes.length };
      return sha256(concatBytes(sha256(canonicalForm({ operation, input: rest })), ...hashes));
    },
  };
}

function canonicalForm(value: unknown): string {
  const plain = JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? Buffer.from(sha256(inner)).toString('hex') : inner,
  );
  return canonicalize(JSON.parse(plain), { integers: 'any' });
}

function contextOf(column: 'request' | 'answer', { principal, key }: { principal: string; key: string }): string {
  return `idempotency/${column}/${principal}/${key}`;
}

function sealedColumn(column: 'request' | 'answer'): SealedColumn {
  return {
    table: 'idempotency',
    key: ['workspace', 'principal', 'key'],
    column,
    context: (row) => contextOf(column, { principal: String(row.principal), key: String(row.key) }),
  };
}
