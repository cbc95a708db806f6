// Asks the console how the first lines of a file would be read. The file's begin alone is sent.

import type { ImportPreview } from '../../../src-shared/contract/events.ts';
import type { call } from '../../api/client.ts';
import { choicesIn, type ImportChoices, type ImportSource } from './import-file.ts';

export interface Previewed extends ImportPreview {
  /** The preview saw the whole file. */
  readonly isWhole: boolean;
}

export const sampleBytes = 192 * 1024;

export async function previewFile(
  file: ImportSource,
  choices: ImportChoices,
  ask: typeof call,
  signal: AbortSignal,
): Promise<Previewed> {
  const bytes = new Uint8Array(await file.slice(0, Math.min(sampleBytes, file.size)).arrayBuffer());
  const isWhole = file.size <= sampleBytes;
  const preview = await ask(
    'imports.preview',
    { name: file.name.slice(-400) || 'unnamed', sample: base64Of(bytes), is_whole: isWhole, ...choicesIn(choices) },
    { signal },
  );
  return { ...preview, isWhole };
}

const charactersAtOnce = 8_192;

/** In pieces: a call takes only so many arguments. */
function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += charactersAtOnce)
    text += String.fromCharCode(...bytes.subarray(from, from + charactersAtOnce));
  return btoa(text);
}
