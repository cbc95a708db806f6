// Brings a pack to the console: begins the import, sends it in parts, has it compared, then written. It knows no screen; what it tells are
// the console's own figures.

import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import type { PackProgress } from '../../../src-shared/contract/rule-packs.ts';
import { packParts } from '../../../src-shared/rule-pack-file.ts';
import type { call } from '../../api/client.ts';
import { type PackSource, PackSourceError } from './pack-source.ts';

export type PackOutcome = Output<'packs.finish'>;

export interface PackChoices {
  readonly pack: string;
  readonly name: string;
  readonly version: string;
  /** Verifier key that the signature must be of; empty for any. */
  readonly signer: string;
}

interface Hooks {
  readonly call: typeof call;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PackProgress) => void;
  /** Waits; tests need not. */
  readonly pause: (ms: number) => Promise<void>;
}

const chunkBytes = 512 * 1024;
const lookEveryMs = 400;

/** Sends the pack. @returns the import's id; the console holds the files until it is finished or given up. */
export async function sendPack(source: PackSource, choices: PackChoices, hooks: Hooks): Promise<string> {
  const { call, signal, onProgress } = hooks;
  const { id } = await call('packs.begin', beginInput(source, choices), { signal });
  try {
    if (source.kind === 'archive') {
      for (let from = 0; from < source.size; from += chunkBytes) {
        onProgress({ phase: 'receiving', done: from, total: source.size });
        const to = Math.min(source.size, from + chunkBytes);
        const data = await readChunk(source, from, to);
        await call('packs.archive', { id, offset: from, data }, { signal });
      }
      onProgress({ phase: 'unpacking', done: 0, total: 0 });
      await call('packs.unpack', { id, name: source.name }, { signal });
    } else {
      const content = source.kind === 'signed' ? { files: source.content.files, unreadable: [] } : source.content;
      let done = 0;
      for (const part of packParts(content)) {
        onProgress({ phase: 'receiving', done, total: source.size });
        const { bytes } = await call('packs.append', { id, ...part }, { signal });
        done = Math.min(bytes, source.size);
      }
    }
  } catch (error) {
    await discardPack(id, hooks);
    throw error;
  }
  return id;
}

function beginInput(source: PackSource, { pack, name, version, signer }: PackChoices): CallInput<'packs.begin'> {
  return {
    pack,
    name: name.trim() === '' ? pack : name.trim(),
    version: version.trim(),
    ...(source.kind === 'signed' ? { signed: source.content.signed } : {}),
    ...(signer.trim() === '' ? {} : { signer: signer.trim() }),
  };
}

async function readChunk(source: PackSource & { kind: 'archive' }, from: number, to: number) {
  try {
    return new Uint8Array(await source.file.slice(from, to).arrayBuffer());
  } catch (cause) {
    throw new PackSourceError(
      `${source.name} could not be read. If it is a folder, drop a zip of it, or take Choose a folder.`,
      { cause },
    );
  }
}

/** Compares or writes, and tells how far that is meanwhile. */
export async function finishPack(
  id: string,
  input: Omit<CallInput<'packs.finish'>, 'id'>,
  { call, signal, onProgress, pause }: Hooks,
): Promise<PackOutcome> {
  const state = { isDone: false };
  const finishing = call('packs.finish', { id, ...input }, { signal }).finally(() => {
    state.isDone = true;
  });
  const watching = (async () => {
    for (;;) {
      await pause(lookEveryMs);
      if (state.isDone || signal.aborted) return;
      const progress = await call('packs.progress', { id }, { signal });
      // Asked before it ended, answered afterwards: told now, it would stay.
      if (state.isDone || signal.aborted) return;
      onProgress(progress);
    }
  })();
  // The import ends between two looks: what the last look says then is not of interest.
  watching.catch(() => undefined);
  return finishing;
}

/** Gives the import up. That it is gone already is as good. */
export async function discardPack(id: string, { call }: Pick<Hooks, 'call'>): Promise<void> {
  await call('packs.discard', { id }).catch(() => undefined);
}
