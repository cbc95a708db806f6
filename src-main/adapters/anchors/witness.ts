// A witness that cosigns checkpoints (C2SP tlog-witness v1, POST add-checkpoint). It remembers the newest checkpoint that it saw of each
// log and signs only what continues it; a log that was rolled back or rewritten gets no signature from it any more.
import { acceptCosignature, parseWitnessKey } from '../../../src-shared/evidence/cosignature.ts';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import type { VerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { toBase64, utf8 } from '../../base/bytes.ts';
import { nodePrimitives } from '../../base/evidence-primitives.ts';
import {
  type Anchor,
  AnchorContradiction,
  type AnchoredCheckpoint,
  AnchorFault,
  type Held,
  type Receipt,
} from '../../core/features/audit/index.ts';
import { type AnchorAnswer, type AnchorLine, statusFault } from './anchor-request.ts';

export type WitnessParts = {
  /** Submission prefix; `/add-checkpoint` follows it. */
  readonly address: string;
  /** A vkey of type 4. */
  readonly key: string;
  readonly line: AnchorLine;
};

type Outcome =
  | { readonly kind: 'cosigned'; readonly lines: string }
  /** It holds a checkpoint of another size than the one that we said. */
  | { readonly kind: 'holds'; readonly size: number };

/** RFC 6962 proofs of trees that fit 2^63 leaves. */
const mostProofLines = 63;

/** @throws FormatError for a key that is none */
export function createWitnessAnchor({ address, key: keyText, line }: WitnessParts): Anchor {
  const key = parseWitnessKey(nodePrimitives, keyText);
  const url = new URL(`${address.replace(/\/+$/, '')}/add-checkpoint`);

  async function submit(checkpoint: AnchoredCheckpoint, oldSize: number, signal: AbortSignal): Promise<Outcome> {
    const proof = checkpoint.proof(oldSize);
    if (proof.length > mostProofLines) throw new Error(`a consistency proof of ${proof.length} hashes`);
    const lines = [`old ${oldSize}`, ...proof.map(toBase64), '', ''].join('\n');
    const answer = await line({
      method: 'POST',
      url,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: utf8(lines + checkpoint.note),
      signal,
    });
    return outcomeOf(url, key, checkpoint, oldSize, answer);
  }

  async function publish(
    checkpoint: AnchoredCheckpoint,
    memo: string | undefined,
    signal: AbortSignal,
  ): Promise<Receipt> {
    const expected = Math.min(Number(memo ?? 0), checkpoint.size);
    let outcome = await submit(checkpoint, expected, signal);
    // Somebody, perhaps we before a kill, brought it further than we know: once more from there.
    if (outcome.kind === 'holds' && outcome.size <= checkpoint.size)
      outcome = await submit(checkpoint, outcome.size, signal);
    if (outcome.kind === 'cosigned') return { cosignatures: outcome.lines, memo: String(checkpoint.size) };
    if (outcome.size <= checkpoint.size)
      throw new AnchorFault(`${key.name} changed its mind about the checkpoint that it holds; asked again later`);
    throw new AnchorContradiction(
      `the store's checkpoint is for #${checkpoint.size}, the witness ${key.name} holds one for #${outcome.size}: an older store was put back`,
      outcome.size,
    );
  }

  // The protocol has no way to read. A submission that says "you hold nothing" is answered with the size that is held.
  async function* held(_scope: unknown, latest: AnchoredCheckpoint, memo: string | undefined, signal: AbortSignal) {
    // Without a memo nothing was ever sent there by this store, and the first submission asks the same.
    if (memo === undefined) return;
    const outcome = await submit(latest, 0, signal);
    if (outcome.kind === 'cosigned') {
      throw new AnchorFault(`the witness ${key.name} had forgotten this log, of which it cosigned #${memo}`);
    }
    const found: Held = { size: outcome.size };
    yield found;
    // Of its own size it is asked whether what it holds leads to ours.
    if (outcome.size <= latest.size) await submit(latest, outcome.size, signal);
  }

  return { name: key.name, kind: 'witness', newestOnly: true, everyMs: 0, publish, held };
}

function outcomeOf(
  url: URL,
  key: VerifierKey,
  checkpoint: AnchoredCheckpoint,
  oldSize: number,
  answer: AnchorAnswer,
): Outcome {
  const { status, body } = answer;
  switch (status) {
    case 200:
      try {
        const { lines } = acceptCosignature(nodePrimitives, checkpoint.note, body.toString('utf8'), key);
        return { kind: 'cosigned', lines };
      } catch (cause) {
        if (!(cause instanceof FormatError)) throw cause;
        throw new AnchorFault(`${url.host} did not answer with a cosignature: ${cause.reason}`, { cause });
      }
    case 409: {
      const size = sizeOf(answer);
      if (size !== undefined && size !== oldSize) return { kind: 'holds', size };
      // Our size is right, or need not be said, and it refuses all the same: there it holds another root.
      if (oldSize > 0 && (size === oldSize || oldSize === checkpoint.size)) {
        const detail = `the witness ${key.name} holds a checkpoint for #${oldSize} with another root than this log's`;
        throw new AnchorContradiction(detail, oldSize);
      }
      throw statusFault(url, answer, 'without the size of the checkpoint that it holds');
    }
    case 422:
      throw new AnchorContradiction(
        `the witness ${key.name} holds a checkpoint for #${oldSize} that this log does not continue: its entries up to there are others`,
        oldSize,
      );
    case 404:
      throw statusFault(url, answer, `it does not know this log; give it the origin ${checkpoint.origin} and its key`);
    case 403:
      throw statusFault(url, answer, 'it does not know the key of this console');
    default:
      throw statusFault(url, answer);
  }
}

function sizeOf({ headers, body }: AnchorAnswer): number | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim();
  const match = /^(0|[1-9]\d{0,15})\n$/.exec(body.subarray(0, 20).toString('latin1'));
  const size = Number(match?.[1]);
  return type === 'text/x.tlog.size' && match !== null && Number.isSafeInteger(size) ? size : undefined;
}
