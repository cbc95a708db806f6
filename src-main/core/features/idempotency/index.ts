// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same request sent twice is done once and answered alike, for 24 hours.
// The answer is kept with the change, sealed as all that may be about people; the digest of the request too, because a request may hold a
// secret that could be guessed from it. An answer that is shown once is kept in memory alone: in the store stands only that it was given.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { canonicalize } from '../../../../src-shared/evidence/canonical-json.ts';
import { equalBytes, utf8 } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/hashes.ts';
import type { Feature, SealedColumn, Sealer } from '../../feature.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { findAnswer, keepAnswer } from './answers-table.ts';
import { idempotencyMigrations } from './migrations.ts';

const keptMs = 24 * 3_600_000;
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
  /**
   * The answer that was given before, if any.
   * @throws ProblemError request/idempotency-reused when the request differs, request/idempotency-done when the answer was shown once and
   * the console was started since
   */
  recall(tx: ReadTx, request: IdempotentRequest): { output: unknown } | undefined;
  /** @param shownOnce the store must not have the answer */
  keep(tx: WriteTx, request: IdempotentRequest, output: unknown, shownOnce: boolean): void;
};

export function createIdempotency(sealer: Sealer): Idempotency {
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
    recall(tx, request) {
      const kept = findAnswer(tx, request.principal, request.key, request.now - keptMs);
      if (kept === undefined) return undefined;
      if (!equalBytes(sealer.open(kept.request, contextOf('request', request)), digestOf(request))) {
        throw new ProblemError(
          'request/idempotency-reused',
          'this Idempotency-Key was used for another request; use a new one',
        );
      }
      const stored = textOf(kept.answer, request);
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
      keepAnswer(tx, {
        principal: request.principal,
        key: request.key,
        request: sealer.seal(digestOf(request), contextOf('request', request)),
        answer: sealer.seal(utf8(shownOnce ? withheld : text), contextOf('answer', request)),
        at: request.now,
        forgetBefore: request.now - keptMs,
      });
    },
  };

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

function digestOf({ operation, input }: IdempotentRequest): Uint8Array {
  const plain = JSON.stringify(input, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(sha256(value)).toString('hex') : value,
  );
  return sha256(canonicalize({ operation, input: JSON.parse(plain) }));
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
