// Literals of which at least one must stand in a text that a regular expression or wildcard pattern fits, so that the pattern is
// tried only where one of them was seen. They are folded; the pattern itself decides about case.
import { foldCase, foldDashes } from '../rules/fold.ts';
import type { Predicate } from '../rules/rule.ts';
import { parsePattern } from '../rules/wildcard.ts';

/** Undefined when none is known. */
export function requiredTexts(predicate: Predicate): readonly string[] | undefined {
  const { operator, value, dashes, part } = predicate;
  if (part !== undefined) return undefined;
  switch (operator) {
    case 'regex':
      return requiredOfRegex(value);
    case 'glob': {
      const parts = parsePattern(value).flatMap((part) => (typeof part === 'object' ? pieces(part.text, dashes) : []));
      return longest(parts);
    }
    case 'equals':
    case 'contains':
    case 'startswith':
    case 'endswith':
      return longest(pieces(value, dashes));
    default:
      return undefined;
  }
}

/** With dashes folded, only what stands between them is the same in every text that fits. */
function pieces(text: string, dashes: true | undefined): string[] {
  const folded = foldCase(text);
  return dashes ? foldDashes(folded).split('-') : [folded];
}

function longest(texts: readonly string[]): readonly string[] | undefined {
  const best = texts.reduce((one, two) => (two.length > one.length ? two : one), '');
  return best === '' ? undefined : [best];
}

const mostAlternatives = 32;

/** What a part of a pattern says: its whole text where it can only be one of these, and the best literals in it. */
interface Found {
  readonly exact: readonly string[] | undefined;
  readonly best: readonly string[] | undefined;
}

/**
 * Reads as much of RE2's syntax as it needs; whatever it doesn't know requires nothing.
 * Characters beyond ASCII are left out: case-insensitive expressions fold them in ways of their own.
 */
export function requiredOfRegex(pattern: string): readonly string[] | undefined {
  let at = 0;
  let failed = false;

  function alternatives(depth: number): Found {
    const found = [sequence(depth)];
    while (pattern[at] === '|') {
      at++;
      found.push(sequence(depth));
    }
    return found.length === 1 ? (found[0] ?? nothing) : oneOf(found);
  }

  function sequence(depth: number): Found {
    let best: readonly string[] | undefined;
    let run: readonly string[] = [''];
    let whole = true;
    function close(): void {
      if (run.every((text) => text !== '')) best = better(best, run);
      run = [''];
      whole = false;
    }
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')' && !failed) {
      const item = atom(depth);
      const repeat = quantifier();
      if (repeat === 'once' && item.exact !== undefined && run.length * item.exact.length <= mostAlternatives) {
        const next = item.exact;
        run = run.flatMap((start) => next.map((text) => start + text));
        continue;
      }
      close();
      if (repeat === 'maybe') continue;
      if (item.exact?.every((text) => text !== '')) best = better(best, item.exact);
      best = better(best, item.best);
    }
    const exact = whole ? run : undefined;
    if (run.every((text) => text !== '')) best = better(best, run);
    return { exact, best };
  }

  function atom(depth: number): Found {
    const char = pattern[at] ?? '';
    at++;
    switch (char) {
      case '(':
        return group(depth);
      case '[':
        return skipClass();
      case '.':
        return nothing;
      case '^':
      case '$':
        return empty;
      case '\\':
        return escaped();
      case '*':
      case '+':
      case '?':
      case '{':
        // Where a repetition has nothing to repeat; RE2 has the last word on that.
        failed = true;
        return nothing;
      default:
        return char.charCodeAt(0) < 128 ? exactly(foldCase(char)) : nothing;
    }
  }

  function group(depth: number): Found {
    if (depth > 40) {
      failed = true;
      return nothing;
    }
    if (pattern[at] === '?') {
      const head = /^\?(?:P?<[A-Za-z_][A-Za-z0-9_]*>|[a-zA-Z]*:)/.exec(pattern.slice(at, at + 80));
      const flags = /^\?[imsU]+\)/.exec(pattern.slice(at, at + 10));
      if (flags !== null) {
        at += flags[0].length;
        // RE2 repeats what stood before the flags.
        if (/[*+?{]/.test(pattern[at] ?? '')) failed = true;
        return empty;
      }
      if (head === null) {
        failed = true;
        return nothing;
      }
      at += head[0].length;
    }
    const found = alternatives(depth + 1);
    if (pattern[at] === ')') at++;
    else failed = true;
    return found;
  }

  function skipClass(): Found {
    const start = at;
    if (pattern[at] === '^') at++;
    if (pattern[at] === ']') at++;
    while (at < pattern.length && pattern[at] !== ']') {
      if (pattern[at] === '\\') at++;
      else if (pattern.startsWith('[:', at)) at = Math.max(at, pattern.indexOf(':]', at) + 1);
      at++;
    }
    at++;
    const inner = pattern.slice(start, at - 1);
    // `[Pp]` and `[\s]`: two letters that are one when folded are a literal.
    return /^[a-zA-Z]{2}$/.test(inner) && foldCase(inner[0] ?? '') === foldCase(inner[1] ?? '')
      ? exactly(foldCase(inner[0] ?? ''))
      : nothing;
  }

  function escaped(): Found {
    const char = pattern[at] ?? '';
    at++;
    if (/^[^A-Za-z0-9]$/.test(char) && char.charCodeAt(0) < 128) return exactly(char);
    if (/^[AzbB]$/.test(char)) return empty;
    if (char === 't') return exactly('\t');
    if (char === 'n') return exactly('\n');
    if (char === 'r') return exactly('\r');
    if (!/^[dDsSwW]$/.test(char)) failed = true;
    return nothing;
  }

  function quantifier(): 'once' | 'some' | 'maybe' {
    const char = pattern[at];
    let kind: 'once' | 'some' | 'maybe' = 'once';
    if (char === '*' || char === '?') kind = 'maybe';
    else if (char === '+') kind = 'some';
    else if (char === '{') {
      const counts = /^\{(\d{1,5})(?:,\d{0,5})?\}/.exec(pattern.slice(at, at + 16));
      // A brace that repeats nothing is itself.
      if (counts === null) {
        failed = true;
        return 'maybe';
      }
      at += counts[0].length - 1;
      kind = Number(counts[1]) === 0 ? 'maybe' : 'some';
    }
    if (kind === 'once') return kind;
    at++;
    if (pattern[at] === '?') at++;
    return kind;
  }

  const found = alternatives(0);
  if (failed || at < pattern.length) return undefined;
  const best = better(found.best, found.exact?.every((text) => text !== '') ? found.exact : undefined);
  return best;
}

const nothing: Found = { exact: undefined, best: undefined };
const empty: Found = { exact: [''], best: undefined };

function exactly(text: string): Found {
  return { exact: [text], best: undefined };
}

function oneOf(found: readonly Found[]): Found {
  const exact = found.flatMap((one) => one.exact ?? []);
  const best = found.flatMap(
    (one) => better(one.best, one.exact?.every((text) => text !== '') ? one.exact : undefined) ?? [],
  );
  const allBest = found.every((one) => one.best !== undefined || one.exact?.every((text) => text !== '') === true);
  return {
    exact: found.every((one) => one.exact !== undefined) && exact.length <= mostAlternatives ? exact : undefined,
    best: allBest && best.length <= mostAlternatives ? best : undefined,
  };
}

/** The set whose shortest text is longer; of equals the smaller one. */
function better(one: readonly string[] | undefined, two: readonly string[] | undefined): readonly string[] | undefined {
  if (one === undefined || two === undefined) return one ?? two;
  const difference = shortest(one) - shortest(two);
  return difference > 0 || (difference === 0 && one.length <= two.length) ? one : two;
}

function shortest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.min(length, text.length), Number.POSITIVE_INFINITY);
}
