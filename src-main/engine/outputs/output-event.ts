// What is written out, whatever the format.
import type { Event } from '../event.ts';

export type OutputEvent = {
  readonly event: Event;
  /** The format it came in. */
  readonly format: string;
  readonly receivedAtMs: number;
  readonly sha256: Uint8Array;
};

/** Who writes. */
export type OutputSource = { readonly version: string };
