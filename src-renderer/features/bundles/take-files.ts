// Files that were dropped or chosen, told apart by their content: a bundle with its PDF, a bundle or PDF alone, or what bundles are held
// against. What is none of it is named and not judged.

import { printable } from '../../../src-shared/evidence/verdict.ts';
import { type Given, largestTrustFile, readTrust, trustWords } from './trust.ts';

export interface TakenFiles {
  readonly bundle: File | undefined;
  readonly pdf: File | undefined;
  readonly given: readonly Given[];
  /** What to say about the rest, and about what was given. */
  readonly notice: string | undefined;
}

/** Named like something to hold a bundle against: then it is not taken for a bundle. */
const trustName = /\.(vkey|pem|crt|cer|note|checkpoints?)$/i;
const stampName = /\.tsr$/i;

export async function takeFiles(files: readonly File[]): Promise<TakenFiles> {
  const given: Given[] = [];
  const said: string[] = [];
  const bundles: File[] = [];
  const pdfs: File[] = [];
  for (const file of files) {
    // A file that can't be read is left to the check, which says so.
    const head = await file
      .slice(0, 64)
      .text()
      .catch(() => '');
    const isBundle = head.trimStart().startsWith('{');
    const pieces = isBundle ? [] : readTrust(await endOf(file));
    if (pieces.length > 0) given.push(...pieces.map((piece) => ({ ...piece, name: file.name })));
    else if (head.startsWith('%PDF-') || /\.pdf$/i.test(file.name)) pdfs.push(file);
    else if (stampName.test(file.name)) said.push(`${printable(file.name)} is a time stamp. ${stampsInside}`);
    else if (!isBundle && trustName.test(file.name)) said.push(`${printable(file.name)} ${noneOfThem}`);
    else bundles.push(file);
  }
  const [bundle] = bundles;
  const [pdf] = pdfs;
  const left = bundles.length + pdfs.length - (bundle === undefined ? 0 : 1) - (pdf === undefined ? 0 : 1);
  if (left > 0) said.push(`${left} more ${left === 1 ? 'file was' : 'files were'} not opened: one bundle at a time.`);
  if (given.length > 0) said.unshift(givenWords(given));
  return { bundle, pdf, given, notice: said.length === 0 ? undefined : said.join(' ') };
}

function endOf(file: File): Promise<string> {
  return file
    .slice(Math.max(0, file.size - largestTrustFile))
    .text()
    .catch(() => '');
}

const stampsInside =
  'Stamps are judged where the bundle carries them; give the certificate of their authority (.pem) instead.';
const noneOfThem = 'holds no key, certificate of an authority or checkpoint that could be read. It is not used.';

function givenWords(given: readonly Given[]): string {
  const kinds = [...new Set(given.map(({ kind }) => trustWords[kind].toLowerCase()))].join(', ');
  const names = [...new Set(given.map(({ name }) => printable(name)))].join(', ');
  return `Held against now: ${kinds} from ${names}.`;
}
