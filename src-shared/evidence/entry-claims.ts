// What leaves say of their place, followed as the entries are read: the number that each has among the entries of its workspace, which is
// one more than that of the one before where nothing was left out, and the latest of their times.

import { decodeUtf8Strict } from './bytes.ts';
import { INSTANT_LENGTH } from './instant-form.ts';

/** The entry at `index` of the file does not follow on the entry of its workspace before it. */
export type ShareBreak = { readonly index: number; readonly previous: number; readonly number: number };

type Share = { readonly name: Uint8Array; last: number };

/** More are counted nowhere: the first ones say where to look. */
const MOST_BREAKS = 100;
/** Few consoles have more workspaces at work at a time; the others are looked up by their text. */
const AT_HAND = 4;

export class WorkspaceShares {
  readonly breaks: ShareBreak[] = [];
  private readonly atHand: Share[] = [];
  private readonly others = new Map<string, Share>();

  /** Takes the number of the entry at `index`, whose workspace stands at [start, end) of `bytes` as the inside of a JSON string. */
  add(bytes: Uint8Array, start: number, end: number, number: number, index: number): void {
    const share = this.find(bytes, start, end);
    if (share === undefined) {
      this.keep({ name: bytes.slice(start, end), last: number });
      return;
    }
    if (number !== share.last + 1 && this.breaks.length < MOST_BREAKS) {
      this.breaks.push({ index, previous: share.last, number });
    }
    share.last = number;
  }

  private find(bytes: Uint8Array, start: number, end: number): Share | undefined {
    for (const share of this.atHand) if (isAt(share.name, bytes, start, end)) return share;
    return this.others.size === 0 ? undefined : this.others.get(decodeUtf8Strict(bytes.subarray(start, end)));
  }

  private keep(share: Share): void {
    if (this.atHand.length < AT_HAND) this.atHand.push(share);
    else this.others.set(decodeUtf8Strict(share.name), share);
  }
}

/** The latest time of all entries. Clocks may have jumped, so it need not be that of the last one. */
export class LatestTime {
  /** The entry that has it; -1 before there is one. */
  index = -1;
  private readonly latest = new Uint8Array(INSTANT_LENGTH);

  /** Takes the time of the entry at `index`, which stands at `start` of `bytes` and is an instant. */
  add(bytes: Uint8Array, start: number, index: number): void {
    const { latest } = this;
    for (let i = 0; i < INSTANT_LENGTH; i++) {
      const difference = (bytes[start + i] ?? 0) - (latest[i] ?? 0);
      if (difference === 0) continue;
      if (difference < 0) return;
      for (; i < INSTANT_LENGTH; i++) latest[i] = bytes[start + i] ?? 0;
      this.index = index;
    }
  }

  get text(): string {
    return decodeUtf8Strict(this.latest);
  }
}

function isAt(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
