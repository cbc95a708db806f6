// Titles and sentences of findings: `{name}` in a rule's text, and numbers with their units.
import { RuleError } from './rule-error.ts';

export type Template = readonly (string | { readonly name: string })[];

/** @throws RuleError when a placeholder is malformed or `allowed` refuses its name. */
export function parseTemplate(place: string, text: string, allowed: (name: string) => boolean): Template {
  const parts: (string | { name: string })[] = [];
  let at = 0;
  for (const match of text.matchAll(/\{([^{}]*)\}/g)) {
    const name = match[1] ?? '';
    if (!allowed(name))
      throw new RuleError(`${place}: {${name}} is neither a number of the finding nor a field of the rule`);
    parts.push(text.slice(at, match.index), { name });
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  if (parts.some((part) => typeof part === 'string' && /[{}]/.test(part)))
    throw new RuleError(`${place}: a brace without its partner in ${JSON.stringify(text)}`);
  return parts;
}

export function fillTemplate(template: Template, value: (name: string) => string): string {
  return template.map((part) => (typeof part === 'string' ? part : value(part.name))).join('');
}

const longestValue = 60;
const middle = '…';

/**
 * A value from an event for a sentence: one line, at most 60 characters (the middle is left out), nothing invisible.
 * SECURITY: the text is an attacker's. Control, format and bidirectional characters could make a sentence read as another.
 */
export function displayText(text: string): string {
  const visible = text
    .slice(0, 4096)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')
    .replace(/\s+/g, ' ')
    .trim();
  if (visible.length <= longestValue) return visible;
  return `${visible.slice(0, 39)}${middle}${visible.slice(-20)}`;
}

/** `1,204` */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `4 min 12 s`, `1 h 26 min`, `2 d 3 h`, `12 s`; below a second `under 1 s`. */
export function formatSpan(spanMs: number): string {
  const seconds = Math.floor(spanMs / 1000);
  if (seconds < 1) return 'under 1 s';
  const units: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ];
  const first = units.findIndex(([amount]) => amount > 0);
  return units
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${formatCount(amount)} ${unit}`)
    .join(' ');
}

/** `412 MB`, `1.5 GB`, `900 B`: decimal units, as the settings count them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  // Down, never up: "100 MB, the limit is 100 MB" would read like a mistake, so a fraction is shown where it matters.
  const digits = value < 10 && unit > 0 ? 1 : 0;
  const cut = Math.floor(value * 10 ** digits) / 10 ** digits;
  const exact = digits === 0 && unit > 0 && cut !== value && value < 200 ? Math.floor(value * 10) / 10 : cut;
  return `${exact >= 1000 ? formatCount(exact) : exact} ${units[unit]}`;
}
