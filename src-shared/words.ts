// How text becomes words. The index, the search and the query language cut it with this one function, so that what is indexed is what is found.

// An IPv4 address and a UUID stay whole: their parts stand in half of all events. Scripts written without spaces are cut character by character.
const pattern =
  /(?:\d{1,3}\.){3}\d{1,3}(?!\.?\w)|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[[\p{L}\p{N}\p{M}]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]]+/gv;
const plainPattern = /(?:\d{1,3}\.){3}\d{1,3}(?!\.?\w)|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
const plain = /^[\x00-\x7f]*$/;

/** The words of `text` in order: runs of letters and digits, in lower case; full-width and other compatible forms are folded. */
export function wordsOf(text: string): readonly string[] {
  if (plain.test(text)) return text.toLowerCase().match(plainPattern) ?? [];
  return foldText(text).match(pattern) ?? [];
}

/** Texts that differ in case and compatible forms only are the same to a search. */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Do `words` stand one after another in `text`? With `prefix`, the last need only begin so. */
export function holdsWords(text: string, words: readonly string[], prefix: boolean): boolean {
  return holdsSequence(wordsOf(text), words, prefix);
}

function holdsSequence(found: readonly string[], wanted: readonly string[], prefix: boolean): boolean {
  const last = wanted.length - 1;
  for (let start = 0; start + last < found.length; start++) {
    let at = 0;
    while (at <= last && same(found[start + at], wanted[at], prefix && at === last)) at += 1;
    if (at > last) return true;
  }
  return false;
}

function same(found: string | undefined, wanted: string | undefined, prefix: boolean): boolean {
  if (found === undefined || wanted === undefined) return false;
  return prefix ? found.startsWith(wanted) : found === wanted;
}
