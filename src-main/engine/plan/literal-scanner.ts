// Finds which of many literals occur in a text, in one pass: every literal is filed under a run of four characters (the one that the
// others share least), a table says at each place of the text whether anything is filed under the run there, and only then are
// literals compared. Long literals are filed under as many neighbouring runs as places are skipped, so that of a long text only
// every second or fourth place is looked at. Thousands of literals cost about as much as ten.

export type Placement = 'contains' | 'startswith' | 'endswith';

export interface Literal {
  /** At least one character, folded like the texts that are scanned. */
  readonly text: string;
  readonly placement: Placement;
}

/** @returns true to stop the scan. It must not scan anything itself: scans share their scratch memory. */
export type Take = (index: number) => boolean;

export interface LiteralScanner {
  /** Calls `take` with the index of each literal found, more than once when it stands in the text more than once. */
  scan(text: string, take: Take): boolean;
}

/** So few literals are searched one by one; more of them share a table. */
const few = 5;

/** Length of a run, and places from one look to the next: a literal of so many characters or more has one at every such place. */
const shapes = [
  { least: 7, width: 4, stride: 4 },
  { least: 5, width: 4, stride: 2 },
  { least: 4, width: 4, stride: 1 },
  { least: 3, width: 3, stride: 1 },
  { least: 2, width: 2, stride: 1 },
  { least: 1, width: 1, stride: 1 },
] as const;
type Shape = (typeof shapes)[number];

let scratch = createScratch(1 << 14);

function createScratch(size: number) {
  const bytes = Buffer.alloc(size);
  return {
    bytes,
    words: new Int32Array(bytes.buffer, bytes.byteOffset, size >> 2),
    halves: new Uint16Array(bytes.buffer, bytes.byteOffset, size >> 1),
  };
}

/** Literals filed between two pauses of who makes a scanner in steps. */
const filedAtOnce = 64;

export function createLiteralScanner(literals: readonly Literal[]): LiteralScanner {
  return finish(literalScannerSteps(literals));
}

/** All steps at once. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps of well under a millisecond. */
export function* literalScannerSteps(literals: readonly Literal[]): Generator<void, LiteralScanner> {
  const single: number[] = [];
  const tables: RunTable[] = [];
  let declined: readonly number[] = [];
  for (const shape of shapes) {
    const indexes = [...declined];
    literals.forEach(({ text }, index) => {
      if (shapes.find(({ least }) => text.length >= least) === shape) indexes.push(index);
    });
    declined = [];
    if (indexes.length <= few) single.push(...indexes);
    else {
      const table = yield* runTableSteps(literals, indexes, shape);
      tables.push(table);
      declined = table.declined;
    }
  }
  return {
    scan(text, take) {
      for (const index of single) {
        const literal = literals[index];
        if (literal !== undefined && occurs(literal, text) && take(index)) return true;
      }
      if (tables.length === 0) return false;
      if (text.length > scratch.bytes.length) scratch = createScratch(2 ** Math.ceil(Math.log2(text.length)));
      // Characters beyond Latin-1 lose their high byte, in literals too; the comparison that follows is of the whole text.
      scratch.bytes.write(text, 0, 'latin1');
      for (const table of tables) if (table.scan(text, take)) return true;
      return false;
    },
  };
}

function occurs({ text: literal, placement }: Literal, text: string): boolean {
  if (placement === 'contains') return text.includes(literal);
  return placement === 'startswith' ? text.startsWith(literal) : text.endsWith(literal);
}

interface RunTable {
  scan(text: string, take: Take): boolean;
  /** Literals that would have shared a run with too many others; a table that looks more often can file them under fewer. */
  readonly declined: readonly number[];
}

const fullBucket = 24;

interface Filed {
  readonly index: number;
  readonly text: string;
  readonly placement: Placement;
  /** Characters of the literal before its run. */
  readonly before: number;
}

function* runTableSteps(
  literals: readonly Literal[],
  indexes: readonly number[],
  shape: Shape,
): Generator<void, RunTable> {
  const { width, stride } = shape;
  const buckets = new Map<number, Filed[]>();
  const declined: number[] = [];
  const popularity = yield* countRuns(literals, indexes, width);
  for (const [at, index] of indexes.entries()) {
    if (at % filedAtOnce === 0) yield;
    const literal = literals[index];
    if (literal === undefined) continue;
    const first = rarestRun(literal.text, shape, popularity, buckets);
    if (stride > 1 && isFull(literal.text, first, shape, buckets)) {
      declined.push(index);
      continue;
    }
    for (let before = first; before < first + stride; before++) {
      const run = runAt(literal.text, before, width);
      const filed = { index, text: literal.text, placement: literal.placement, before };
      const bucket = buckets.get(run);
      if (bucket === undefined) buckets.set(run, [filed]);
      else bucket.push(filed);
    }
  }
  const size = Math.min(1 << 18, Math.max(1 << 11, 2 ** Math.ceil(Math.log2(buckets.size * 12))));
  const shift = 32 - Math.log2(size);
  const table = new Uint8Array(size);
  for (const run of buckets.keys()) {
    const slot = Math.imul(run, multiplier) >>> shift;
    table[slot] = table[slot] === 0 || table[slot] === tagOf(run) ? tagOf(run) : anyTag;
  }
  /** Most runs that share a slot with a filed one have another tag, which is much cheaper to see than that no list is theirs. */
  function maybe(tag: number, run: number): boolean {
    return tag === anyTag || tag === tagOf(run);
  }

  function verify(text: string, start: number, run: number, take: Take): boolean {
    const bucket = buckets.get(run);
    if (bucket === undefined) return false;
    for (const filed of bucket) {
      const from = start - filed.before;
      if (filed.placement === 'startswith' ? from !== 0 : from < 0) continue;
      if (filed.placement === 'endswith' && from + filed.text.length !== text.length) continue;
      if (text.startsWith(filed.text, from) && take(filed.index)) return true;
    }
    return false;
  }
  if (stride === 4) {
    return {
      declined,
      scan(text, take) {
        const { words } = scratch;
        const end = text.length >> 2;
        for (let at = 0; at < end; at++) {
          const run = words[at] ?? 0;
          const tag = table[Math.imul(run, multiplier) >>> shift] ?? 0;
          if (tag !== 0 && maybe(tag, run) && verify(text, at << 2, run, take)) return true;
        }
        return false;
      },
    };
  }
  if (stride === 2) {
    return {
      declined,
      scan(text, take) {
        const { halves } = scratch;
        const end = text.length >> 1;
        let low = halves[0] ?? 0;
        for (let at = 1; at < end; at++) {
          const high = halves[at] ?? 0;
          const run = low | (high << 16);
          low = high;
          const tag = table[Math.imul(run, multiplier) >>> shift] ?? 0;
          if (tag !== 0 && maybe(tag, run) && verify(text, (at - 1) << 1, run, take)) return true;
        }
        return false;
      },
    };
  }
  if (width <= 2) {
    // So short that every run has a place of its own.
    const filed = new Uint8Array(1 << (8 * width));
    for (const run of buckets.keys()) filed[run] = 1;
    const shorter = width === 1;
    return {
      declined,
      scan(text, take) {
        const { bytes } = scratch;
        const { length } = text;
        let before = shorter ? 0 : (bytes[0] ?? 0);
        for (let at = width - 1; at < length; at++) {
          const byte = bytes[at] ?? 0;
          const run = shorter ? byte : before | (byte << 8);
          before = byte;
          if (filed[run] === 1 && verify(text, at + 1 - width, run, take)) return true;
        }
        return false;
      },
    };
  }
  const drop = 32 - 8 * width;
  return {
    declined,
    scan(text, take) {
      const { bytes } = scratch;
      const { length } = text;
      let rolling = 0;
      for (let at = 0; at < length; at++) {
        rolling = (rolling >>> 8) | ((bytes[at] ?? 0) << 24);
        if (at + 1 < width) continue;
        const run = (rolling >>> drop) | 0;
        const tag = table[Math.imul(run, multiplier) >>> shift] ?? 0;
        if (tag !== 0 && maybe(tag, run) && verify(text, at + 1 - width, run, take)) return true;
      }
      return false;
    },
  };
}

const multiplier = 0x9e3779b1 | 0;
const anyTag = 255;

/** Never 0, and below `anyTag`. */
function tagOf(run: number): number {
  return ((run ^ (run >>> 9) ^ (run >>> 18) ^ (run >>> 26)) & 127) | 1;
}

const countSlots = 1 << 15;

/** What stands in so many events that a run from it tells little. */
const everyday =
  'c:\\windows\\system32\\ c:\\windows\\syswow64\\ c:\\program files (x86)\\microsoft\\ c:\\program files\\ c:\\users\\public\\ ' +
  '\\appdata\\local\\temp\\ \\appdata\\roaming\\ c:\\programdata\\ .exe .dll .sys .ps1 .bat \\device\\harddiskvolume ' +
  'hklm\\software\\microsoft\\windows\\currentversion\\ hku\\s-1-5-21- hklm\\system\\currentcontrolset\\services\\ ' +
  '\\registry\\machine\\ nt authority\\system powershell.exe cmd.exe svchost.exe explorer.exe rundll32.exe http://www. https:// .com ' +
  'microsoft corporation windows operating system unknown( c:\\windows\\explorer.exe user32.dll kernel32.dll ntdll.dll+ kernelbase.dll+';

/** How often each run (by its hash) occurs among the literals; an estimate of how often it occurs in events. */
function* countRuns(
  literals: readonly Literal[],
  indexes: readonly number[],
  width: number,
): Generator<void, Int32Array> {
  const counts = new Int32Array(countSlots);
  function count(text: string, weight: number): void {
    for (let from = 0; from + width <= text.length; from++) {
      const slot = Math.imul(runAt(text, from, width), multiplier) >>> 17;
      counts[slot] = (counts[slot] ?? 0) + weight;
    }
  }
  count(everyday, 1000);
  for (const [at, index] of indexes.entries()) {
    if (at % (filedAtOnce * 4) === 0) yield;
    count(literals[index]?.text ?? '', 1);
  }
  return counts;
}

/** Where the rarest row of neighbouring runs begins. */
function rarestRun(
  text: string,
  { width, stride }: Shape,
  popularity: Int32Array,
  buckets: ReadonlyMap<number, readonly Filed[]>,
): number {
  let best = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (let first = 0; first + stride - 1 + width <= text.length; first++) {
    let cost = 0;
    for (let before = first; before < first + stride; before++) {
      const run = runAt(text, before, width);
      cost += (popularity[Math.imul(run, multiplier) >>> 17] ?? 0) + 4 * (buckets.get(run)?.length ?? 0);
    }
    if (cost >= lowest) continue;
    lowest = cost;
    best = first;
  }
  return best;
}

function isFull(
  text: string,
  first: number,
  { width, stride }: Shape,
  buckets: ReadonlyMap<number, readonly Filed[]>,
): boolean {
  for (let before = first; before < first + stride; before++) {
    if ((buckets.get(runAt(text, before, width))?.length ?? 0) >= fullBucket) return true;
  }
  return false;
}

/** The characters' low bytes, the first one lowest, as they stand in memory. */
function runAt(text: string, from: number, width: number): number {
  let run = 0;
  for (let at = 0; at < width; at++) run |= (text.charCodeAt(from + at) & 255) << (8 * at);
  return run;
}

/** A text that is found in most events of some log source. */
export function isEveryday(text: string): boolean {
  return everyday.includes(text);
}
