// The edge to the places that keep checkpoints where this console can't rewrite them. Each adapter speaks one protocol; which
// checkpoint goes where and when, and what a contradiction means, is decided in the core.

export const anchorKinds = ['file', 'webhook', 's3', 'witness', 'timestamp'] as const;
export type AnchorKind = (typeof anchorKinds)[number];

export type AnchoredCheckpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note, byte for byte what the store keeps. */
  readonly note: string;
  /**
   * RFC 6962 consistency proof from an earlier size of this log; none for the empty one.
   * @throws RangeError for a size beyond the checkpoint's.
   */
  proof(fromSize: number): readonly Uint8Array[];
};

export type Receipt = {
  /** Signature lines of witnesses, to be appended to the note. */
  readonly cosignatures?: string;
  /** A TimeStampResp (RFC 3161) over the note's text. */
  readonly timeStamp?: Uint8Array;
  /** What the adapter wants to be given at the next call, such as how long its file is. */
  readonly memo?: string;
};

/** What an anchor holds of this log: a note that it gives back, or a size that it vouches for. */
export type Held = { readonly note: string } | { readonly size: number };

export type Anchor = {
  /** Unique, short, without secrets: shown to people. */
  readonly name: string;
  readonly kind: AnchorKind;
  /** A checkpoint vouches for all before it: after an outage the newest alone is sent. */
  readonly newestOnly: boolean;
  /** At least so long between two checkpoints; 0 for each of them. */
  readonly everyMs: number;
  /**
   * Keeps the checkpoint there, durably, before it resolves. The same one may come twice.
   * @param memo of the last receipt, undefined for the first checkpoint.
   * @throws AnchorContradiction when the place holds something that this checkpoint can't follow, AnchorFault when it failed.
   */
  publish(checkpoint: AnchoredCheckpoint, memo: string | undefined, signal: AbortSignal): Promise<Receipt>;
  /**
   * What the place holds, for comparing: the newest, or as much as there is. Absent where nothing can be asked back.
   * @throws AnchorContradiction, AnchorFault
   */
  held?(
    scope: 'newest' | 'all',
    latest: AnchoredCheckpoint,
    memo: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Held>;
};

/** It did not work this time; the words are for people and hold no secret. */
export class AnchorFault extends Error {
  override readonly name = 'AnchorFault';
}

/** What the place holds and what this console signs don't fit: an older or another store, or a place that was tampered with. */
export class AnchorContradiction extends Error {
  override readonly name = 'AnchorContradiction';
  /** The size of the checkpoint that it holds, where known. */
  readonly heldSize: number | undefined;

  constructor(message: string, heldSize?: number, options?: { cause?: unknown }) {
    super(message, options);
    this.heldSize = heldSize;
  }
}
