// The file that a signed rule pack travels in (.ghpack), and how packs are sent: the same for the window and the command line. What the
// signature says is judged by the console, never here.
import { inWords } from './contract/issue-words.ts';
import { rulePath } from './contract/rule-packs.ts';
import { encodeUtf8 } from './evidence/bytes.ts';

export type PackFile = { readonly path: string; readonly text: string };

/** A file that is no rule's text, and why. */
export type UnreadableFile = { readonly path: string; readonly reason: string };

export type PackContent = { readonly files: readonly PackFile[]; readonly unreadable: readonly UnreadableFile[] };

export type SignedPack = {
  readonly pack: string;
  readonly name: string;
  readonly version: string;
  /** DSSE envelope over the files' digests. */
  readonly signed: string;
  readonly files: readonly PackFile[];
};

const format = 'gatehouse-rule-pack-file/1';

/** @throws RangeError that says what is missing. */
export function parseSignedPack(text: string): SignedPack {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RangeError('it is not JSON', { cause });
  }
  if (!isRecord(value) || value.format !== format) throw new RangeError(`it does not say "format": "${format}"`);
  const { pack, name, version, signed, files } = value;
  if (typeof pack !== 'string' || typeof name !== 'string' || typeof version !== 'string')
    throw new RangeError('pack, name or version is missing');
  if (typeof signed !== 'string') throw new RangeError('the signature is missing');
  if (!Array.isArray(files)) throw new RangeError('the files are missing');
  const parsed = files.map((file: unknown, index) => {
    if (!isRecord(file) || typeof file.path !== 'string' || typeof file.text !== 'string')
      throw new RangeError(`files[${index}] is no path with a text`);
    return { path: file.path, text: file.text };
  });
  return { pack, name, version, signed, files: parsed };
}

export function writeSignedPack(pack: SignedPack): string {
  return `${JSON.stringify({ format, ...pack })}\n`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What a pack is called that comes in a file or folder of this name; empty where nothing of it will do. */
export function packNameOf(fileName: string): string {
  return fileName
    .toLowerCase()
    .replace(/\.(tar\.gz|tgz|zip|ghpack|json|ya?ml)$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 60)
    .replace(/-$/, '');
}

/** A request takes 1 MiB. */
const partBytes = 700_000;
const partFiles = 2_000;
const longestText = 900_000;
const largestSent = 1_000_000;

type Part = { readonly files: PackFile[]; readonly unreadable: UnreadableFile[] };

/** A pack in parts that fit one request each. What can't be sent as a file is sent as one that can't be read, with the reason. */
export function packParts({ files, unreadable }: PackContent): Part[] {
  const found: Part[] = [];
  let size = Number.POSITIVE_INFINITY;
  function partFor(value: PackFile | UnreadableFile): Part {
    const bytes = sizeOf(value);
    let part = found.at(-1);
    if (part === undefined || size + bytes > partBytes || part.files.length + part.unreadable.length >= partFiles) {
      part = { files: [], unreadable: [] };
      found.push(part);
      size = 0;
    }
    size += bytes;
    return part;
  }
  for (const file of files) {
    const reason = whyNotSent(file);
    if (reason === undefined) partFor(file).files.push(file);
    else name(file.path, reason);
  }
  for (const { path, reason } of unreadable) name(path, reason);
  return found;

  function name(path: string, reason: string): void {
    const named = { path: path.slice(0, longestPath), reason: reason.slice(0, longestReason) };
    partFor(named).unreadable.push(named);
  }
}

const longestPath = 400;
const longestReason = 500;

function sizeOf(value: PackFile | UnreadableFile): number {
  return encodeUtf8(JSON.stringify(value)).byteLength;
}

function whyNotSent(file: PackFile): string | undefined {
  if (file.text.length > longestText || sizeOf(file) > largestSent)
    return 'larger than a request may be; in a .zip or .tar.gz it can be sent';
  return rulePath.safeParse(file.path, { error: inWords }).error?.issues[0]?.message;
}
