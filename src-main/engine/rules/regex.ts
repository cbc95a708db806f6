// Regular expressions of rules, by a linear-time engine: a rule's pattern and an attacker's text together must not hang anything.
import { RE2JS } from 're2js';
import { RuleError } from './rule-error.ts';

const longestPattern = 4096;
/** Text beyond this isn't searched by regular expressions. */
export const longestRegexText = 32_768;

export type RegexTest = (text: string) => boolean;

/** @throws RuleError when the pattern isn't valid, or needs look-around or back-references, which linear time excludes. */
export function checkRegex(at: string, pattern: string, flags: string): void {
  if (pattern.length > longestPattern)
    throw new RuleError(`${at}: regular expression longer than ${longestPattern} characters`);
  try {
    compile(pattern, flags);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuleError(`${at}: regular expression refused: ${reason}`, { cause });
  }
}

/**
 * A search for `pattern` anywhere in a text.
 * @param flags any of `i`, `m`, `s`.
 */
export function compileRegex(pattern: string, flags: string): RegexTest {
  const length = /^\(?\.\)?\{(\d{1,4})(?:,\d*)?\}$/.exec(pattern);
  // "So many characters in a row" is common in rules, and the one shape a state machine is slow at.
  if (length !== null) return compileLineLength(Number(length[1]), flags.includes('s'));
  const compiled = compile(pattern, flags);
  return (text) => compiled.test(text.length > longestRegexText ? text.slice(0, longestRegexText) : text);
}

function compile(pattern: string, flags: string): RE2JS {
  let bits = 0;
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) bits |= RE2JS.MULTILINE;
  if (flags.includes('s')) bits |= RE2JS.DOTALL;
  return RE2JS.compile(pattern, bits);
}

/** Is there a line of at least `least` characters? Characters are code points, as the engine counts them. */
function compileLineLength(least: number, dotAll: boolean): RegexTest {
  return (text) => {
    const end = Math.min(text.length, longestRegexText);
    let run = 0;
    if (run >= least) return true;
    for (let at = 0; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 && !dotAll) run = 0;
      else if ((code & 0xfc00) !== 0xdc00 || at === 0 || (text.charCodeAt(at - 1) & 0xfc00) !== 0xd800) run++;
      if (run >= least) return true;
    }
    return false;
  };
}
