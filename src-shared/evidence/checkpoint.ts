// Checkpoints (C2SP tlog-checkpoint v1.0.0): the text of a signed note that says "this log has so many entries, with this root".

import { decodeBase64, encodeBase64 } from './bytes.ts';
import { FormatError } from './format-error.ts';
import { HASH_BYTES } from './merkle.ts';

export type Checkpoint = { origin: string; size: number; root: Uint8Array; extensions: string[] };

/** Text to sign: origin, size and root, a line each. Throws FormatError for an origin or size that cannot stand in a checkpoint. */
export function checkpointText(origin: string, size: number, root: Uint8Array): string {
  const text = `${origin}\n${size}\n${encodeBase64(root)}\n`;
  parseCheckpoint(text);
  return text;
}

/** Parses a checkpoint's text (the signed part of its note); throws FormatError. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', sizeText = '', rootText = '', ...extensions] = text.slice(0, -1).split('\n');
  const size = Number(sizeText);
  const root = decodeBase64(rootText);
  if (!text.endsWith('\n') || origin === '') throw new FormatError('malformed checkpoint: no origin', 0);
  if (!/^(0|[1-9][0-9]*)$/.test(sizeText) || !Number.isSafeInteger(size)) {
    throw new FormatError('malformed checkpoint: the second line must be the size in decimal', origin.length + 1);
  }
  if (root === undefined || root.length !== HASH_BYTES) {
    throw new FormatError(
      'malformed checkpoint: the third line must be a root of 32 bytes in base64',
      origin.length + 1,
    );
  }
  if (extensions.includes('')) throw new FormatError('malformed checkpoint: an empty extension line', text.length);
  return { origin, size, root, extensions };
}
