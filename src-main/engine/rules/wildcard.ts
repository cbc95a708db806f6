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

/** A matcher for the whole text. Each `*` is settled at its first fit, so the time is bounded by text × pattern, never exponential. */
export function compileGlob(pattern: Pattern): (text: string) => boolean {
  // Between two stars stands a run of literals and question marks of fixed length.
  const runs: string[][] = [[]];
  for (const part of pattern) {
    const run = runs[runs.length - 1];
    if (part === '*') runs.push([]);
    else if (part === '?') run?.push('');
    else for (let at = 0; at < part.text.length; at++) run?.push(part.text[at] ?? '');
  }
  const first = runs[0] ?? [];
  const last = runs[runs.length - 1] ?? [];
  const middle = runs.slice(1, -1);
  return (text) => {
    if (runs.length === 1) return text.length === first.length && fits(text, 0, first);
    if (text.length < first.length + last.length || !fits(text, 0, first)) return false;
    const end = text.length - last.length;
    if (!fits(text, end, last)) return false;
    let at = first.length;
    for (const run of middle) {
      while (at + run.length <= end && !fits(text, at, run)) at++;
      if (at + run.length > end) return false;
      at += run.length;
    }
    return true;
  };
}

function fits(text: string, at: number, run: readonly string[]): boolean {
  for (let n = 0; n < run.length; n++) {
    const wanted = run[n];
    if (wanted !== '' && wanted !== text[at + n]) return false;
  }
  return true;
}
