// What words of a shell line become besides quotes: braces, and `$'…'`. Marks stand for characters that only count outside quotes.

export const openBrace = '\u{E000}';
export const comma = '\u{E001}';
export const closeBrace = '\u{E002}';
/** Where an expansion outside quotes divides a word. */
export const gap = '\u{E003}';

const longestExpanded = 1_000;

/** A line's own private-use characters would be taken for marks. */
export function withoutMarks(line: string): string {
  return line.replace(/[\u{E000}-\u{E003}]/gu, '\u{FFFD}');
}

export function plain(word: string): string {
  if (!/[\u{E000}-\u{E003}]/u.test(word)) return word;
  return word.replaceAll(openBrace, '{').replaceAll(comma, ',').replaceAll(closeBrace, '}').replaceAll(gap, ' ');
}

/** `{rm,-rf,/}` is three words; `/{etc,usr}` two. */
export function expandBraces(word: string, most: number): string[] {
  if (!word.includes(comma) || word.length > longestExpanded) return [word];
  const list = /\u{E000}([^\u{E000}\u{E002}]{0,2000})\u{E002}/u.exec(word);
  const items = list?.[1]?.split(comma) ?? [];
  if (list === null || items.length < 2 || items.length > most) return [word];
  const before = word.slice(0, list.index);
  const after = word.slice(list.index + list[0].length);
  return items.flatMap((item) => expandBraces(`${before}${item}${after}`, Math.floor(most / items.length)));
}

export function ansiEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === "'") return at;
  }
  return text.length;
}

/** Inside `$'…'`: `\x72`, `\162`, `\u0072`, `\n`. */
export function ansiText(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{1,4})|([0-7]{1,3})|(.))/gis, (_, hex, wide, octal, char) => {
    if (hex !== undefined || wide !== undefined) return String.fromCharCode(Number.parseInt(hex ?? wide, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return char === 'n' ? '\n' : char === 't' ? '\t' : char;
  });
}
