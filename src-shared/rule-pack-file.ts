// The file that a signed rule pack travels in (.ghpack), and how packs are sent: the same for the window and the command line. What the
// signature says is judged by the console, never here.

export type PackFile = { readonly path: string; readonly text: string };

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

/** A request takes 1 MiB; what JSON makes of the texts is longer than they are. */
const partCharacters = 400_000;
const partFiles = 2_000;

/** The files in parts that fit one request each. */
export function packParts(files: readonly PackFile[]): PackFile[][] {
  const found: PackFile[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const file of files) {
    const length = JSON.stringify(file).length;
    if (size + length > partCharacters || (found.at(-1)?.length ?? 0) >= partFiles) {
      found.push([]);
      size = 0;
    }
    found.at(-1)?.push(file);
    size += length;
  }
  return found;
}
