// Keywords in a record that nobody has parsed: whether its JSON can hold any of them in a text. Most records hold none, and then the whole
// of them need not be made.
import { foldCase } from '../rules/fold.ts';
import { createLiteralScanner } from './literal-scanner.ts';

/** @param json of an object. @returns false when certainly no text, number or boolean in it contains any of the keywords. */
export type PlainSearch = (json: string) => boolean;

const leastLength = 3;
/** Characters that JSON may write as themselves only, or by their numbers. */
const plainRun = /[ !#-.0-[\]-~]+/g;
/** A run without any of these may stand in a number, true or false, which JSON can write in other ways. */
const noNumber = /[^0-9aefilnrstuy.+-]/;
const byNumber = /\\u[\da-f]{4}/i;

/** @param texts folded. @returns undefined where one of them can't be told from the JSON. */
export function createPlainSearch(texts: readonly string[]): PlainSearch | undefined {
  const runs = texts.map(longestRun);
  const usable = runs.filter((run) => run.length >= leastLength && noNumber.test(run));
  if (usable.length < runs.length) return undefined;
  const scanner = createLiteralScanner([...new Set(usable)].map((text) => ({ text, placement: 'contains' })));
  return (json) => byNumber.test(json) || scanner.scan(foldCase(json), () => true);
}

/** Whoever contains the text contains this too. */
function longestRun(text: string): string {
  return (text.match(plainRun) ?? ['']).reduce((longest, run) => (run.length > longest.length ? run : longest));
}
