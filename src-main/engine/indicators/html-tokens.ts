// Cuts the tags out of a text as forgivingly as browsers do: no closing bracket, slashes for blanks, quotes where none belong.
// What they mean is script-injection.ts. Bounded in tags and in attributes.

export interface HtmlAttribute {
  readonly name: string;
  /** As written, for telling JSX from HTML. */
  readonly written: string;
  readonly value: string;
}

export interface HtmlTag {
  readonly name: string;
  readonly attributes: readonly HtmlAttribute[];
  /** Where the text goes on after it. */
  readonly end: number;
}

const mostTags = 200;
const mostAttributes = 60;
const longestValue = 4000;
const tagName = /<([a-z][a-z0-9:-]{0,30})/iy;
const gap = /[\s/"'`\0-\x20]*/y;
const attributeName = /[^\s/>="'`<]{1,60}/y;
const equals = /[\s\0]*=[\s\0]*/y;
const unquoted = /[^\s>]*/y;

export function* htmlTags(text: string): Generator<HtmlTag> {
  let left = mostTags;
  for (let at = text.indexOf('<'); at >= 0 && left > 0; at = text.indexOf('<', at + 1)) {
    tagName.lastIndex = at;
    const name = tagName.exec(text)?.[1];
    if (name === undefined) continue;
    left--;
    yield { name: name.toLowerCase(), ...attributesFrom(text, at + 1 + name.length) };
  }
}

function attributesFrom(text: string, start: number): { attributes: HtmlAttribute[]; end: number } {
  const attributes: HtmlAttribute[] = [];
  let at = start;
  while (at < text.length && attributes.length < mostAttributes) {
    at += length(gap, text, at);
    if (text[at] === '>') return { attributes, end: at + 1 };
    const size = length(attributeName, text, at);
    if (size === 0) return { attributes, end: at };
    const written = text.slice(at, at + size);
    at += size;
    const sign = length(equals, text, at);
    let value = '';
    if (sign > 0) {
      at += sign;
      const quote = text[at];
      const closing = quote === '"' || quote === "'" || quote === '`' ? text.indexOf(quote, at + 1) : -1;
      const end = closing < 0 ? at + length(unquoted, text, at) : closing + 1;
      value =
        closing < 0
          ? text.slice(at, Math.min(end, at + longestValue))
          : text.slice(at + 1, Math.min(closing, at + longestValue));
      at = end;
    }
    attributes.push({ name: written.toLowerCase(), written, value });
  }
  return { attributes, end: at };
}

function length(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

const named: Readonly<Record<string, string>> = {
  colon: ':',
  tab: '\t',
  newline: '\n',
  lpar: '(',
  rpar: ')',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
  sol: '/',
  nbsp: ' ',
};

/** Character references, also without their semicolon, as attribute values are read. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x0*([0-9a-f]{1,6});?|#0*(\d{1,7});?|([a-z]{2,10});)/gi, (whole, hex, decimal, name) => {
    if (typeof name === 'string') return named[name.toLowerCase()] ?? whole;
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
