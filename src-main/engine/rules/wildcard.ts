// Sigma's wildcards: `*` and `?` with backslash escapes, parsed once and matched in bounded time.

/** Literal texts, `*` (any run) and `?` (any one character). */
export type Pattern = readonly ({ readonly text: string } | '*' | '?')[];

/** Reads a Sigma value: `\*`, `\?` and `\\` are literal, any other backslash is itself (specification, "Escape Character"). */
export function parsePattern(value: string): Pattern {
  const parts: ({ text: string } | '*' | '?')[] = [];
  let text = '';
  for (let at = 0; at < value.length; at++) {
    const char = value[at] ?? '';
    const next = value[at + 1];
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      text += next;
      at++;
    } else if (char === '*' || char === '?') {
      if (text !== '') parts.push({ text });
      text = '';
      if (!(char === '*' && parts[parts.length - 1] === '*')) parts.push(char);
    } else text += char;
  }
  if (text !== '' || parts.length === 0) parts.push({ text });
  return parts;
}

/** A text by its UTF-16 units, or by its characters. */
type Chars = string | readonly string[];

const beyondOneUnit = /[\ud800-\udbff]/;

/**
 * A matcher for the whole text. Each `*` is settled at its first fit, and a fit is looked for in time proportional to the text (times
 * the length of the pattern in words, where it has question marks), so the two together can't be made to take long.
 */
export function compileGlob(pattern: Pattern): (text: string) => boolean {
  const byUnits = compileRuns(pattern, (text) => text);
  if (!pattern.includes('?')) return byUnits;
  // What `?` stands for may take two units: then, and only then, text and pattern are both taken apart.
  const byCharacters = compileRuns(pattern, charactersOf);
  return (text) => (beyondOneUnit.test(text) ? byCharacters(charactersOf(text)) : byUnits(text));
}

let lastText = '';
let lastCharacters: readonly string[] = [];

/** Remembered: many patterns are held against one text. */
function charactersOf(text: string): readonly string[] {
  if (text !== lastText) {
    lastText = text;
    lastCharacters = Array.from(text);
  }
  return lastCharacters;
}

function compileRuns(pattern: Pattern, split: (text: string) => Chars): (text: Chars) => boolean {
  // Between two stars stands a run of literals and question marks of fixed length.
  const runs: string[][] = [[]];
  for (const part of pattern) {
    const run = runs[runs.length - 1];
    if (part === '*') runs.push([]);
    else if (part === '?') run?.push('');
    else {
      const chars = split(part.text);
      for (let at = 0; at < chars.length; at++) run?.push(chars[at] ?? '');
    }
  }
  const first = runs[0] ?? [];
  const last = runs[runs.length - 1] ?? [];
  const middle = runs.slice(1, -1).map((run) => ({ length: run.length, find: compileRun(run) }));
  return (text) => {
    if (runs.length === 1) return text.length === first.length && fits(text, 0, first);
    if (text.length < first.length + last.length || !fits(text, 0, first)) return false;
    const end = text.length - last.length;
    if (!fits(text, end, last)) return false;
    let at = first.length;
    for (const { length, find } of middle) {
      at = find(text, at);
      if (at < 0 || at + length > end) return false;
      at += length;
    }
    return true;
  };
}

function fits(text: Chars, at: number, run: readonly string[]): boolean {
  for (let n = 0; n < run.length; n++) {
    const wanted = run[n];
    if (wanted !== '' && wanted !== text[at + n]) return false;
  }
  return true;
}

/** Where a run first fits, from some place on; -1 when nowhere. */
function compileRun(run: readonly string[]): (text: Chars, from: number) => number {
  if (run.every((char) => char === '')) return (text, from) => (from + run.length <= text.length ? from : -1);
  const search = compileShiftAnd(run);
  if (run.includes('')) return search;
  const literal = run.join('');
  return (text, from) => (typeof text === 'string' ? text.indexOf(literal, from) : search(text, from));
}

/** All places at which the run may have begun are followed at once, a bit each (Baeza-Yates and Gonnet's shift-and). */
function compileShiftAnd(run: readonly string[]): (text: Chars, from: number) => number {
  const words = (run.length + 31) >> 5;
  const any = new Int32Array(words);
  const byChar = new Map<number, Int32Array>();
  run.forEach((char, at) => {
    if (char === '') any[at >> 5] = (any[at >> 5] ?? 0) | (1 << (at & 31));
    else if (!byChar.has(codeOf(char))) byChar.set(codeOf(char), new Int32Array(words));
  });
  for (const [code, mask] of byChar) {
    mask.set(any);
    run.forEach((char, at) => {
      if (char !== '' && codeOf(char) === code) mask[at >> 5] = (mask[at >> 5] ?? 0) | (1 << (at & 31));
    });
  }
  const lastWord = words - 1;
  const lastBit = 1 << ((run.length - 1) & 31);
  return (text, from) => {
    const state = new Int32Array(words);
    for (let at = from; at < text.length; at++) {
      const mask = byChar.get(typeof text === 'string' ? text.charCodeAt(at) : codeOf(text[at] ?? '')) ?? any;
      let carry = 1;
      for (let word = 0; word < words; word++) {
        const before = state[word] ?? 0;
        state[word] = ((before << 1) | carry) & (mask[word] ?? 0);
        carry = before >>> 31;
      }
      if (((state[lastWord] ?? 0) & lastBit) !== 0) return at + 1 - run.length;
    }
    return -1;
  };
}

/** Of a single unit the same as its charCodeAt. */
function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
