// Regular expressions of rules, by a linear-time engine: a rule's pattern and an attacker's text together must not hang anything.
import { RE2JS } from 're2js';
import { RuleError } from './rule.ts';

const longestPattern = 4096;
/** Text beyond this isn't searched by regular expressions. */
export const longestRegexText = 32_768;

/**
 * A search for `pattern` anywhere in a text.
 * @param flags any of `i`, `m`, `s`.
 * @throws RuleError when the pattern isn't valid, or needs look-around or back-references, which linear time excludes.
 */
export function compileRegex(at: string, pattern: string, flags: string): (text: string) => boolean {
  if (pattern.length > longestPattern)
    throw new RuleError(`${at}: regular expression longer than ${longestPattern} characters`);
  let bits = 0;
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) bits |= RE2JS.MULTILINE;
  if (flags.includes('s')) bits |= RE2JS.DOTALL;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, bits);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuleError(`${at}: regular expression refused: ${reason}`, { cause });
  }
  return (text) => compiled.test(text.length > longestRegexText ? text.slice(0, longestRegexText) : text);
}
