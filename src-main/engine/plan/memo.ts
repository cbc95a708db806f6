// What the values of a field led to, remembered by value: logs repeat themselves, and a value seen before needs no search. The values
// come from outside: all memos of a plan share one bound, and one that doesn't pay is left alone for a while.

export interface Memos {
  create<T>(): Memo<T>;
  /** Forgets everything, also which memos there were. */
  drop(): void;
}

export interface Memo<T> {
  get(value: string): T | undefined;
  /** Whether to call `set`, after a `get` that found nothing. */
  wants(value: string): boolean;
  set(value: string, result: T): void;
}

const longestValue = 4096;
const mostEntries = 8192;
/** Characters over all memos. */
const mostHeld = 8_000_000;
/** What an entry takes beside its value. */
const overhead = 64;
/** After so many values it is looked at whether an eighth of them had been seen; if not, so many are passed over. */
const trial = 512;
const pause = 8192;

export function createMemos(): Memos {
  let all: Map<string, unknown>[] = [];
  let held = 0;

  function makeRoom(own: Map<string, unknown>): void {
    if (held > mostHeld) {
      // All at once: what is still in use is soon back.
      for (const one of all) one.clear();
      held = 0;
    } else if (own.size >= mostEntries) own.clear();
  }
  return {
    create<T>(): Memo<T> {
      const results = new Map<string, T>();
      all.push(results);
      let asked = 0;
      let hits = 0;
      let sleep = 0;
      return {
        get(value) {
          if (sleep > 0) {
            sleep--;
            return undefined;
          }
          if (++asked === trial) {
            if (hits < trial >> 3) sleep = pause;
            asked = 0;
            hits = 0;
          }
          const known = results.get(value);
          if (known !== undefined) hits++;
          return known;
        },
        wants: (value) => sleep === 0 && value.length <= longestValue,
        set(value, result) {
          makeRoom(results);
          results.set(value, result);
          held += value.length + overhead;
        },
      };
    },
    drop() {
      all = [];
      held = 0;
    },
  };
}
