// An event as the API answers it, and JSON that stays on one line for every reader.
import { toHex } from '../../base/bytes.ts';
import { instant } from '../../base/instants.ts';
import type { OutputEvent } from './output-event.ts';

export function wireOf({ event, format, receivedAtMs, sha256 }: OutputEvent): Record<string, unknown> {
  const { timeMs, ...fields } = event;
  return {
    ...fields,
    time: instant(timeMs),
    received_at: instant(receivedAtMs),
    sha256: toHex(sha256),
    format,
  };
}

// JSON itself lets these stand as they are, but terminals act on some and some tools take others for line ends.
const unsafe = /[\x7f-\x9f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const unprintable = /[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** For formats that have no escapes for them: control characters, separators of lines and marks of direction become a blank. */
export function printableText(text: string): string {
  return text.replace(unprintable, ' ');
}

export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, escapeCharacter);
}

/** JSON of nothing but printable ASCII. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
