// What each rule costs in time, and when it is too much. Texts that somebody else writes meet patterns that somebody else wrote: each
// is bounded by itself, but a rule may still take a thousand times its share.

export interface WorkLimit {
  /** Milliseconds since any moment, never going back: a port of whoever runs the engine. */
  readonly now: () => number;
  /** What a rule may take on average, over all events, also those that it has nothing to do with. */
  readonly msPerEvent: number;
  /** What it may be ahead of that average. */
  readonly burstMs: number;
  /** False where what it finds counts, however long it takes: it is told of and goes on. */
  readonly switchesOff?: boolean;
  /** Called once for a rule, by its index, while the event is still being matched: it must not match another. */
  readonly onOver: (rule: number, spentMs: number) => void;
}

export interface WorkMeter {
  readonly now: () => number;
  charge(rule: number, ms: number): void;
  /** The answer of `test`, whose time is shared by `rules`. */
  run(test: () => boolean, rules: readonly number[]): boolean;
  isOff(rule: number): boolean;
  /** Since before this event: what went over at it still has its say. */
  wasOff(rule: number): boolean;
  countEvent(): void;
  /** @returns true when rules went over since it was last asked. */
  wentOver(): boolean;
}

export function createWorkMeter(
  { now, msPerEvent, burstMs, switchesOff = true, onOver }: WorkLimit,
  rules: number,
): WorkMeter {
  let events = 0;
  let wentOver = false;
  /** Per rule what it is ahead of its average, as of the event in `since`; and all that it ever took. */
  const ahead = new Float64Array(rules);
  const since = new Float64Array(rules);
  const spent = new Float64Array(rules);
  const told = new Uint8Array(rules);
  const off = new Uint8Array(rules);
  const offAt = new Float64Array(rules);

  function charge(rule: number, ms: number): void {
    spent[rule] = (spent[rule] ?? 0) + ms;
    ahead[rule] = Math.max(0, (ahead[rule] ?? 0) - (events - (since[rule] ?? 0)) * msPerEvent) + ms;
    since[rule] = events;
    if ((ahead[rule] ?? 0) <= burstMs || told[rule] === 1) return;
    told[rule] = 1;
    if (switchesOff) {
      off[rule] = 1;
      offAt[rule] = events;
      wentOver = true;
    }
    onOver(rule, spent[rule] ?? 0);
  }
  return {
    now,
    charge,
    run(test, workers) {
      const started = now();
      const answer = test();
      const share = (now() - started) / Math.max(1, workers.length);
      for (const rule of workers) charge(rule, share);
      return answer;
    },
    isOff: (rule) => off[rule] === 1,
    wasOff: (rule) => off[rule] === 1 && (offAt[rule] ?? 0) < events,
    countEvent() {
      events++;
    },
    wentOver() {
      const result = wentOver;
      wentOver = false;
      return result;
    },
  };
}
