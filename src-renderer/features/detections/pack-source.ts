// What somebody chose or dropped to import as a pack: a signed pack, an archive or single rule, or the files of a folder. Sending it is
// pack-import.ts.

import {
  type PackContent,
  type PackFile,
  packNameOf,
  parseSignedPack,
  type SignedPack,
  type UnreadableFile,
} from '../../../src-shared/rule-pack-file.ts';

/** What of a File is needed. */
export interface ChosenFile {
  readonly name: string;
  readonly size: number;
  /** Of a folder that was chosen: with its name in front. */
  readonly webkitRelativePath: string;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export type PackSource = {
  /** As people know it: the file's or folder's name. */
  readonly name: string;
  readonly size: number;
  /** What the pack might be called. */
  readonly pack: string;
} & (
  | { readonly kind: 'archive'; readonly file: ChosenFile }
  | { readonly kind: 'signed'; readonly content: SignedPack }
  | { readonly kind: 'files'; readonly content: PackContent }
);

/** Why it can't be imported, in words for people. */
export class PackSourceError extends Error {
  override readonly name = 'PackSourceError';
}

const largestFile = 128 * 1_048_576;
const largestRule = 1_048_576;
const notText = 'not UTF-8 text';

/** @throws PackSourceError */
export async function readPackSource(files: readonly ChosenFile[]): Promise<PackSource> {
  const [first] = files;
  if (first === undefined) throw new PackSourceError('Nothing was chosen.');
  if (first.webkitRelativePath !== '' || files.length > 1) return readFolder(files);
  if (first.size > largestFile) throw new PackSourceError(`${first.name} is too large for a rule pack.`);
  if (!/\.(ghpack|json)$/i.test(first.name))
    return { kind: 'archive', name: first.name, size: first.size, pack: packNameOf(first.name), file: first };
  const text = await readText(first);
  if (text === undefined) throw new PackSourceError(`${first.name} is ${notText}.`);
  try {
    const content = parseSignedPack(text);
    return { kind: 'signed', name: first.name, size: first.size, pack: content.pack, content };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PackSourceError(`${first.name} is no rule pack that a console wrote: ${error.message}.`);
  }
}

async function readFolder(files: readonly ChosenFile[]): Promise<PackSource> {
  const rules = files.filter(({ name, webkitRelativePath: path }) => /\.ya?ml$/i.test(name) && !/(^|\/)\./.test(path));
  const name = files[0]?.webkitRelativePath.split('/')[0] ?? '';
  if (rules.length === 0) throw new PackSourceError('No rule file is among them; rule files end in .yml.');
  const read: PackFile[] = [];
  const unreadable: UnreadableFile[] = [];
  let size = 0;
  for (const file of rules) {
    // Without the folder's own name: the same file shall have the same path in the next version, whatever its folder is called.
    const path = file.webkitRelativePath === '' ? file.name : file.webkitRelativePath.split('/').slice(1).join('/');
    // The others can be used without it; it is named with those that the console refuses.
    const text = file.size > largestRule ? undefined : await readText(file);
    if (text !== undefined) {
      size += file.size;
      read.push({ path, text });
    } else unreadable.push({ path, reason: file.size > largestRule ? 'larger than 1 MiB' : notText });
  }
  const [first] = unreadable;
  if (read.length === 0 && first !== undefined)
    throw new PackSourceError(`No rule file among them can be read: ${first.path} is ${first.reason}.`);
  return {
    kind: 'files',
    name: name === '' ? `${rules.length} files` : name,
    size,
    pack: packNameOf(name),
    content: { files: read, unreadable },
  };
}

/** @returns undefined for what is not UTF-8. */
async function readText(file: ChosenFile): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.slice(0, file.size).arrayBuffer());
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw new PackSourceError(`${file.name} could not be read. Of a folder, drop a zip, or take Choose a folder.`, {
      cause,
    });
  }
}
