// The edge to the places that get a copy of what happens here. Each adapter speaks one protocol; what is sent, when, and what an outage
// means is decided in the core.
import type { MirrorFormat, MirrorKind, MirrorStream } from '../../../../src-shared/contract/mirrors.ts';

export type MirrorLevel = 'info' | 'notice' | 'warning' | 'error' | 'critical';

export type MirrorRecord = {
  readonly stream: MirrorStream;
  /** Rises within its stream. The same one may come twice: whoever receives it knows it by this and by `id`. */
  readonly seq: number;
  readonly id: string;
  readonly timeMs: number;
  /** What happened, in a word such as `login`. */
  readonly kind: string;
  readonly level: MirrorLevel;
  /** In the mirror's format, without a line end and with none in it. */
  readonly line: string;
};

export type Mirror = {
  /** Unique, short, without secrets: shown to people. Another name is another place, which gets everything from the start. */
  readonly name: string;
  readonly kind: MirrorKind;
  readonly format: MirrorFormat;
  readonly streams: readonly MirrorStream[];
  /** False where the bytes leave this computer in the clear. */
  readonly encrypted: boolean;
  /** The last record that lies there, where the place can be asked. @throws MirrorFault */
  last?(): Promise<Pick<MirrorRecord, 'seq' | 'id'> | undefined>;
  /**
   * Resolves once they are kept there, or, of a mirror that confirms, once they are handed over.
   * @returns how many of them the receiver refused for good
   * @throws MirrorFault
   */
  send(records: readonly MirrorRecord[], signal: AbortSignal): Promise<number>;
  /** Resolves once all that was handed over has arrived. @throws MirrorFault where that can't be said: it is sent again */
  confirm?(signal: AbortSignal): Promise<void>;
  /** Lets go of files and connections; the next call opens them anew. */
  close(): void;
};

/** It did not work this time; the words are for people and hold no secret. */
export class MirrorFault extends Error {
  override readonly name = 'MirrorFault';
  /** The receiver asked not to be tried sooner. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}
