// What a client's text reads as after the decodings that servers and frameworks do on its way: attackers encode once more so that a
// filter in front sees nothing. Linear in the text; bounded in rounds.
import { percentDecode } from '../formats/percent.ts';

const mostRounds = 3;
const encoded = /%(?:[0-9a-f]{2}|u[0-9a-f]{4})/i;
/** Dot, slash and backslash in more bytes than UTF-8 allows; decoders that don't mind made this famous. */
const overlong = /%(?:c0%(?:ae|2e|ee)|e0%80%ae|c0%(?:af|2f)|e0%80%af|c1%9c|c0%5c|e0%81%9c)/gi;
const wide = /[\uFF01-\uFF5E\u2024\u2215\u2044\u2216]/g;

/** The text itself, then what each further round of decoding makes of it; each only where it differs. */
export function decodings(text: string): string[] {
  const found = [text];
  let current = text;
  for (let round = 0; round < mostRounds && encoded.test(current); round++) {
    const next = percentDecode(current.replace(overlong, plain).replace(/%u([0-9a-f]{4})/gi, fromHex), true);
    if (next === current) break;
    found.push(next);
    current = next;
  }
  const narrow = current.replace(wide, narrowed);
  if (narrow !== current) found.push(narrow);
  return found;
}

function plain(bytes: string): string {
  if (/(?:ae|2e|ee)$/i.test(bytes)) return '.';
  return /(?:9c|5c)$/i.test(bytes) ? '\\' : '/';
}

function fromHex(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}

/** Full-width forms and look-alikes that databases and file systems fold to ASCII. */
function narrowed(char: string): string {
  if (char === '\u2024') return '.';
  if (char === '\u2216') return '\\';
  if (char === '\u2215' || char === '\u2044') return '/';
  return String.fromCharCode(char.charCodeAt(0) - 0xfee0);
}

/** How many words stand in the text; counts no further than `most`. */
export function wordCount(text: string, most: number): number {
  let count = 0;
  let within = false;
  for (let at = 0; at < text.length && count < most; at++) {
    const code = text.charCodeAt(at);
    const blank = code === 32 || (code >= 9 && code <= 13);
    if (!blank && !within) count++;
    within = !blank;
  }
  return count;
}
