// Checkpoints appended to a file on another volume, one signed note after another. Opened for appending only, so that the file may carry
// the append-only attribute (chattr +a); what was written there before must still be there.
import { createHash } from 'node:crypto';
import { constants, type FileHandle, open, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import {
  type Anchor,
  AnchorContradiction,
  type AnchoredCheckpoint,
  AnchorFault,
  type Held,
  type Receipt,
} from '../../core/features/audit/index.ts';

export type AnchorFileParts = {
  readonly path: string;
  /** A file in there would be put back together with the store. */
  profileFolder(): string;
};

/** How the file was when it was last written: its length, a digest of its end, and one over all of its lines in their order. */
type Memo = { readonly length: number; readonly end: string; readonly chain: string };

const chunkBytes = 1 << 18;
const endBytes = 512;
/** No note of a log that is anchored here is longer; a foreign file is not read into memory. */
const mostNoteBytes = 1 << 20;
/** Read at each comparison: the notes of some hours, also where several consoles share the file. */
const tailBytes = 1 << 16;

export function createAnchorFile({ path, profileFolder }: AnchorFileParts): Anchor {
  const name = path;

  async function opened(flags: number): Promise<FileHandle> {
    await requireOutside(path, profileFolder());
    try {
      return await open(path, flags | constants.O_NONBLOCK, 0o600);
    } catch (cause) {
      throw new AnchorFault(openingWords(path, cause), { cause });
    }
  }

  async function publish(checkpoint: AnchoredCheckpoint, memoText: string | undefined): Promise<Receipt> {
    const memo = readMemo(memoText);
    const flags = constants.O_RDWR | constants.O_APPEND | (memo === undefined ? constants.O_CREAT : 0);
    await using file = await opened(flags);
    try {
      await requireUnchanged(file, path, memo);
      const state = await readOn(file, memo?.length ?? 0, memo?.chain ?? '');
      if (state.last !== checkpoint.note || state.rest !== '') {
        // A write that was cut off left something behind, and nothing is ever taken away here: a first copy ends it, a second one is whole.
        const added = state.rest === '' ? checkpoint.note : `\n${checkpoint.note}${checkpoint.note}`;
        await file.appendFile(added);
        fold(state, added);
      }
      await file.sync();
      if (memo === undefined) await syncFolderOf(path);
      const { size } = await file.stat();
      if (size !== state.length) throw new AnchorFault(`${path} is being written by somebody else as well`);
      const written: Memo = { length: size, end: await endDigest(file, size), chain: state.chain };
      return { memo: JSON.stringify(written) };
    } catch (cause) {
      throw inWords(path, cause);
    }
  }

  async function* held(scope: 'newest' | 'all', _latest: AnchoredCheckpoint, memoText: string | undefined) {
    const memo = readMemo(memoText);
    let file: FileHandle;
    try {
      file = await opened(constants.O_RDONLY);
    } catch (error) {
      // Nothing was ever written there: the first checkpoint makes it.
      if (memo === undefined && error instanceof AnchorFault && codeOf(error.cause) === 'ENOENT') return;
      throw error;
    }
    try {
      await requireUnchanged(file, path, memo);
      if (memo !== undefined && scope === 'all') {
        const before = startAt(0, '');
        yield* notesOn(file, before, memo.length);
        if (before.chain !== memo.chain) throw rewritten(path);
        yield* notesOn(file, startAt(memo.length, memo.chain));
        return;
      }
      // Also what came before that place: the store is not believed that it knows those notes because it knows of the place.
      const from = Math.max(0, (memo?.length ?? 0) - tailBytes);
      yield* notesOn(file, startAt(from, ''));
    } catch (cause) {
      throw inWords(path, cause);
    } finally {
      await file.close();
    }
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    name,
    kind: 'file',
    newestOnly: false,
    everyMs: 0,
    publish(checkpoint, memo) {
      // A volume that hangs may answer after all patience: its write must not get between those of the next try.
      const next = last.then(() => publish(checkpoint, memo));
      last = next.catch(() => undefined);
      return next;
    },
    held,
  };
}

function inWords(path: string, cause: unknown): Error {
  if (cause instanceof AnchorFault || cause instanceof AnchorContradiction) return cause;
  return new AnchorFault(`${path} can not be read or written: ${codeOf(cause)}`, { cause });
}

async function requireOutside(path: string, profile: string): Promise<void> {
  if (!isAbsolute(path)) throw new AnchorFault(`audit.anchor_file: give the whole path of the file, not ${path}`);
  let folder: string;
  try {
    folder = await realpath(dirname(path));
  } catch (cause) {
    throw new AnchorFault(`the folder of ${path} is not there; is its volume mounted?`, { cause });
  }
  const own = await realpath(profile);
  const target = await realpath(path).catch(() => join(folder, basename(path)));
  if (`${target}${sep}`.startsWith(`${own}${sep}`)) {
    throw new AnchorFault(
      `${path} lies in the console's own folder and would be put back together with it; choose a file on another volume`,
    );
  }
}

async function requireUnchanged(file: FileHandle, path: string, memo: Memo | undefined): Promise<void> {
  const found = await file.stat();
  if (!found.isFile()) throw new AnchorFault(`${path} is not a file`);
  if (memo === undefined) return;
  const { size } = found;
  if (size < memo.length) {
    throw new AnchorContradiction(
      `${path} had ${memo.length} bytes and has ${size}: checkpoints were taken out of it, or it is another file`,
    );
  }
  if ((await endDigest(file, memo.length)) !== memo.end) throw rewritten(path);
}

function rewritten(path: string): AnchorContradiction {
  return new AnchorContradiction(`${path} is not as it was written: checkpoints in it were changed`);
}

type ReadState = { chain: string; line: string; last: string | undefined; rest: string; length: number };

function startAt(length: number, chain: string): ReadState {
  return { chain, line: '', last: undefined, rest: '', length };
}

async function readOn(file: FileHandle, from: number, chain: string): Promise<ReadState> {
  const state = startAt(from, chain);
  for await (const _held of notesOn(file, state));
  return state;
}

/** To the end, or to `until`: each whole line goes into the chain, each whole note is given out. */
async function* notesOn(file: FileHandle, state: ReadState, until = Number.POSITIVE_INFINITY): AsyncGenerator<Held> {
  const chunk = Buffer.alloc(chunkBytes);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunkBytes, until - state.length), state.length);
    if (bytesRead === 0) return;
    state.length += bytesRead;
    for (const note of take(state, decoder.decode(chunk.subarray(0, bytesRead), { stream: true }))) yield { note };
    if (state.rest.length > mostNoteBytes)
      throw new AnchorFault('the anchor file holds something else than checkpoints');
  }
}

function fold(state: ReadState, added: string): void {
  state.length += Buffer.byteLength(added);
  take(state, added);
}

function take(state: ReadState, text: string): string[] {
  const whole = state.rest + text;
  const { notes, end } = splitNotes(whole);
  const lines = (state.line + text).split('\n');
  state.line = lines.pop() ?? '';
  for (const line of lines) state.chain = createHash('sha256').update(`${state.chain}\n${line}`).digest('hex');
  state.last = notes.at(-1) ?? state.last;
  state.rest = whole.slice(end);
  return notes;
}

async function endDigest(file: FileHandle, length: number): Promise<string> {
  const from = Math.max(0, length - endBytes);
  const bytes = Buffer.alloc(length - from);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
  return createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex');
}

async function syncFolderOf(path: string): Promise<void> {
  // Windows has no handle of a folder to sync.
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function readMemo(text: string | undefined): Memo | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Memo);
}

function openingWords(path: string, cause: unknown): string {
  const code = codeOf(cause);
  if (code === 'ENOENT') return `${path} is not there any more; put it back, or set audit.anchor_file to a new file`;
  if (code === 'EACCES' || code === 'EPERM') return `${path} can not be written by this user`;
  return `${path} can not be opened: ${code}`;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
