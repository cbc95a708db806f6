// A bundle carried inside a PDF: where it stands. The PDF around it is not read: its pages claim nothing (spec 04), only the bundle is
// taken out and verified. Found are files as Gatehouse embeds them; of any others it is said that there is none.

import { FormatError } from './format-error.ts';

/** Larger PDFs are not looked through. */
export const largestPdf = 256 * 1024 * 1024;

/** Bytes of a bundle as they stand in the PDF. */
export type EmbeddedFile = { readonly start: number; readonly end: number; readonly isDeflated: boolean };

// A dictionary of ours has some hundred bytes; one that is longer is none of ours.
const LONGEST_DICTIONARY = 4096;

/** Whether a file begins as a PDF does. */
export function isPdf(head: Uint8Array): boolean {
  return startsWith(head, 0, '%PDF-');
}

/** Whether bytes begin as a bundle does, for telling it from other files in a PDF. */
export function beginsLikeBundle(head: Uint8Array): boolean {
  return startsWith(head, 0, '{"attachments":[');
}

/** Every embedded file of a PDF. Throws FormatError where one of them is cut or not where its dictionary says. */
export function embeddedFiles(pdf: Uint8Array): EmbeddedFile[] {
  const files: EmbeddedFile[] = [];
  let at = 0;
  for (;;) {
    const type = indexOf(pdf, '/Type /EmbeddedFile', at);
    if (type < 0) return files;
    const open = indexOf(pdf, 'stream', type);
    if (open < 0 || open - type > LONGEST_DICTIONARY) throw new FormatError('an embedded file without its bytes', type);
    const dictionary = asciiOf(pdf, type, open);
    const length = /\/Length (\d{1,12})\b/.exec(dictionary)?.[1];
    if (length === undefined) throw new FormatError('an embedded file without its length', type);
    const start = open + 'stream'.length + (pdf[open + 'stream'.length] === 0x0d ? 2 : 1);
    const end = start + Number(length);
    if (end > pdf.length || !startsWith(pdf, skipBreak(pdf, end), 'endstream')) {
      throw new FormatError('an embedded file that is not as long as it says', start);
    }
    const isDeflated = dictionary.includes('/Filter');
    if (isDeflated && !/\/Filter \/FlateDecode\b/.test(dictionary)) {
      throw new FormatError('an embedded file in a form that is not known', type);
    }
    files.push({ start, end, isDeflated });
    at = end;
  }
}

/**
 * The one bundle among the files of a PDF, unpacked.
 * @param inflate zlib, giving up beyond what the caller can hold; throws for what is none.
 * Throws FormatError when there is no bundle, or more than one: nobody could say which of them is meant.
 */
export async function bundleInPdf(
  pdf: Uint8Array,
  inflate: (deflated: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const bundles: Uint8Array[] = [];
  for (const { start, end, isDeflated } of embeddedFiles(pdf)) {
    const bytes = pdf.subarray(start, end);
    const file = isDeflated ? await unpack(bytes, start, inflate) : bytes;
    if (beginsLikeBundle(file)) bundles.push(file);
  }
  const [bundle, ...others] = bundles;
  if (bundle === undefined) throw new FormatError('this PDF carries no bundle', 0);
  if (others.length > 0) throw new FormatError('this PDF carries more than one bundle', 0);
  return bundle;
}

async function unpack(
  bytes: Uint8Array,
  start: number,
  inflate: (deflated: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  try {
    return await inflate(bytes);
  } catch {
    throw new FormatError('an embedded file that cannot be unpacked', start);
  }
}

function skipBreak(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next < at + 2 && (bytes[next] === 0x0a || bytes[next] === 0x0d)) next++;
  return next;
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function indexOf(bytes: Uint8Array, text: string, from: number): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (startsWith(bytes, at, text)) return at;
  }
  return -1;
}

function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
