// Finds which of many literals occur in a text, in one pass: every literal is filed under one of its runs of four characters (the
// one that the others share least), a bit table says at each place of the text whether anything is filed under the run there, and
// only then are literals compared. Thousands of literals cost about as much as ten, and the table stays in the processor's cache.

export type Placement = 'contains' | 'startswith' | 'endswith';

export interface Literal {
  /** At least one character, folded like the texts that are scanned. */
  readonly text: string;
  readonly placement: Placement;
}

/** @returns true to stop the scan. */
export type Take = (index: number) => boolean;

export interface LiteralScanner {
  /** Calls `take` with the index of each literal found, more than once when it stands in the text more than once. */
  scan(text: string, take: Take): boolean;
}

const widest = 4;
/** So few short literals are searched one by one; more of them share a table as the long ones do. */
const fewShort = 6;

export function createLiteralScanner(literals: readonly Literal[]): LiteralScanner {
  const single: number[] = [];
  const tables: GramTable[] = [];
  for (let width = 1; width <= widest; width++) {
    const indexes: number[] = [];
    literals.forEach(({ text }, index) => {
      if (Math.min(widest, text.length) === width) indexes.push(index);
    });
    if (width < widest && indexes.length <= fewShort) single.push(...indexes);
    else if (indexes.length > 0) tables.push(createGramTable(literals, indexes, width));
  }
  return {
    scan(text, take) {
      for (const index of single) {
        const literal = literals[index];
        if (literal !== undefined && occurs(literal, text) && take(index)) return true;
      }
      for (const table of tables) if (table.scan(text, take)) return true;
      return false;
    },
  };
}

function occurs({ text: literal, placement }: Literal, text: string): boolean {
  if (placement === 'contains') return text.includes(literal);
  return placement === 'startswith' ? text.startsWith(literal) : text.endsWith(literal);
}

interface GramTable {
  scan(text: string, take: Take): boolean;
}

interface Filed {
  readonly index: number;
  readonly text: string;
  readonly placement: Placement;
  /** Characters of the literal before its run. */
  readonly before: number;
}

function createGramTable(literals: readonly Literal[], indexes: readonly number[], width: number): GramTable {
  const mask = width === 4 ? -1 : (1 << (8 * width)) - 1;
  const buckets = new Map<number, Filed[]>();
  const popularity = countGrams(literals, indexes, width);
  for (const index of indexes) {
    const literal = literals[index];
    if (literal === undefined) continue;
    const { gram, before } = rarestGram(literal.text, width, popularity, buckets);
    const filed = { index, text: literal.text, placement: literal.placement, before };
    const bucket = buckets.get(gram);
    if (bucket === undefined) buckets.set(gram, [filed]);
    else bucket.push(filed);
  }
  const bitCount = Math.min(1 << 20, Math.max(1 << 12, 2 ** Math.ceil(Math.log2(buckets.size * 32))));
  const shift = 32 - Math.log2(bitCount);
  const bits = new Int32Array(bitCount >>> 5);
  for (const gram of buckets.keys()) {
    const hash = Math.imul(gram, multiplier) >>> shift;
    bits[hash >>> 5] = (bits[hash >>> 5] ?? 0) | (1 << (hash & 31));
  }

  function verify(text: string, end: number, gram: number, take: Take): boolean {
    const bucket = buckets.get(gram);
    if (bucket === undefined) return false;
    const start = end + 1 - width;
    for (const filed of bucket) {
      const from = start - filed.before;
      if (filed.placement === 'startswith' ? from !== 0 : from < 0) continue;
      if (filed.placement === 'endswith' && from + filed.text.length !== text.length) continue;
      if (text.startsWith(filed.text, from) && take(filed.index)) return true;
    }
    return false;
  }
  return {
    scan(text, take) {
      const { length } = text;
      if (length < width) return false;
      let gram = 0;
      let at = 0;
      for (; at < width - 1; at++) {
        const code = text.charCodeAt(at);
        gram = (gram << 8) | ((code ^ (code >>> 8)) & 255);
      }
      for (; at < length; at++) {
        const code = text.charCodeAt(at);
        gram = ((gram << 8) | ((code ^ (code >>> 8)) & 255)) & mask;
        const hash = Math.imul(gram, multiplier) >>> shift;
        if (((bits[hash >>> 5] ?? 0) >>> (hash & 31)) & 1 && verify(text, at, gram, take)) return true;
      }
      return false;
    },
  };
}

const multiplier = 0x9e3779b1 | 0;
const countSlots = 1 << 15;

/** What stands in so many events that a run from it tells little. */
const everyday =
  'c:\\windows\\system32\\ c:\\windows\\syswow64\\ c:\\program files (x86)\\microsoft\\ c:\\program files\\ c:\\users\\public\\ ' +
  '\\appdata\\local\\temp\\ \\appdata\\roaming\\ c:\\programdata\\ .exe .dll .sys .ps1 .bat \\device\\harddiskvolume ' +
  'hklm\\software\\microsoft\\windows\\currentversion\\ hku\\s-1-5-21- hklm\\system\\currentcontrolset\\services\\ ' +
  '\\registry\\machine\\ nt authority\\system powershell.exe cmd.exe svchost.exe explorer.exe rundll32.exe http://www. https:// .com ' +
  'microsoft corporation windows operating system unknown( c:\\windows\\explorer.exe user32.dll kernel32.dll ntdll.dll+ kernelbase.dll+';

/** How often each run (by its hash) occurs among the literals; an estimate of how often it occurs in events. */
function countGrams(literals: readonly Literal[], indexes: readonly number[], width: number): Int32Array {
  const counts = new Int32Array(countSlots);
  function count(text: string, weight: number): void {
    for (let from = 0; from + width <= text.length; from++) {
      const slot = Math.imul(gramAt(text, from, width), multiplier) >>> 17;
      counts[slot] = (counts[slot] ?? 0) + weight;
    }
  }
  count(everyday, 1000);
  for (const index of indexes) count(literals[index]?.text ?? '', 1);
  return counts;
}

function rarestGram(
  text: string,
  width: number,
  popularity: Int32Array,
  buckets: ReadonlyMap<number, readonly Filed[]>,
): { gram: number; before: number } {
  let best = { gram: gramAt(text, 0, width), before: 0 };
  let lowest = Number.POSITIVE_INFINITY;
  for (let before = 0; before + width <= text.length; before++) {
    const gram = gramAt(text, before, width);
    const cost = (popularity[Math.imul(gram, multiplier) >>> 17] ?? 0) + 4 * (buckets.get(gram)?.length ?? 0);
    if (cost >= lowest) continue;
    lowest = cost;
    best = { gram, before };
  }
  return best;
}

/** Characters beyond Latin-1 share codes with others; the comparison that follows is exact. */
function gramAt(text: string, from: number, width: number): number {
  let gram = 0;
  for (let at = from; at < from + width; at++) {
    const code = text.charCodeAt(at);
    gram = (gram << 8) | ((code ^ (code >>> 8)) & 255);
  }
  return gram;
}

/** A text that is found in most events of some log source. */
export function isEveryday(text: string): boolean {
  return everyday.includes(text);
}
