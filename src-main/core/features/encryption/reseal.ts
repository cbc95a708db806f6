// Re-sealing: every value that an older sealing key sealed is sealed anew, in slices of short transactions between which others run.
// It keeps no place of its own: a value's first byte is its key's version, so what is left to do can be seen from the values.
import { defaultWorkspace, type SealedPlace } from '../../feature.ts';
import type { SqlRow } from '../../ports.ts';
import type { ReadTx, Store } from '../../store/store.ts';
import type { KeyRing } from '../keys/index.ts';
import { sealedAfter, updateSealed, workspacesOf } from './sealed-table.ts';
import type { RunningTask } from './tasks.ts';

const sealedAtOnce = 100;
const countedAtOnce = 500;

export type ResealParts = {
  readonly store: Store;
  readonly ring: KeyRing;
  readonly places: readonly SealedPlace[];
};

/** @throws Error naming how many values no key opens: their old key is then kept. */
export async function reseal(parts: ResealParts, task: RunningTask): Promise<void> {
  task.progress({ phase: 'counting', unit: 'values' });
  const total = await countOld(parts, task);
  task.progress({ phase: 're-sealing', total });
  let done = 0;
  let broken = 0;
  for (const place of parts.places) {
    for (const workspace of parts.store.readAll((tx) => workspacesOf(tx, place))) {
      let after: SqlRow | undefined;
      do {
        await parts.store.writable();
        const slice = resealSlice(parts, place, workspace ?? defaultWorkspace, after);
        done += slice.done;
        broken += slice.broken;
        after = slice.last;
        task.progress({ done, total: Math.max(total, done) });
        await task.turn();
      } while (after !== undefined);
    }
  }
  if (broken > 0) throw new Error(`${broken} sealed values could not be opened; the old sealing key is kept for them`);
  // Sealing happens in the transaction that writes the value, and since the new version is there nothing is sealed under an old one.
  const left = await countOld(parts, task);
  if (left > 0) throw new Error(`${left} values appeared under an old sealing key; rotate again`);
}

function resealSlice(
  { store, ring }: ResealParts,
  place: SealedPlace,
  workspace: string,
  after: SqlRow | undefined,
): { done: number; broken: number; last: SqlRow | undefined } {
  return store.write(workspace, (tx) => {
    const rows = sealedAfter(tx, place, after, sealedAtOnce);
    let done = 0;
    let broken = 0;
    for (const row of rows) {
      if (!isOld(row, ring)) continue;
      const context = place.declared.context(row);
      const plain = openOrUndefined(ring, row.sealed, context);
      if (plain === undefined) {
        broken += 1;
        continue;
      }
      updateSealed(tx, place, row, ring.seal(plain, context));
      plain.fill(0);
      done += 1;
    }
    return { done, broken, last: rows.length < sealedAtOnce ? undefined : rows.at(-1) };
  });
}

function openOrUndefined(ring: KeyRing, sealed: SqlRow[string] | undefined, context: string): Uint8Array | undefined {
  if (!(sealed instanceof Uint8Array)) return undefined;
  try {
    return ring.open(sealed, context);
  } catch {
    // Damaged or moved: it stays as it is, and the key that might open it stays too.
    return undefined;
  }
}

async function countOld({ store, ring, places }: ResealParts, task: RunningTask): Promise<number> {
  let old = 0;
  for (const place of places) {
    for (const workspace of store.readAll((tx) => workspacesOf(tx, place))) {
      let after: SqlRow | undefined;
      do {
        const read = (tx: ReadTx): SqlRow[] => sealedAfter(tx, place, after, countedAtOnce);
        const rows = store.read(workspace ?? defaultWorkspace, read);
        old += rows.filter((row) => isOld(row, ring)).length;
        after = rows.length < countedAtOnce ? undefined : rows.at(-1);
        await task.turn();
      } while (after !== undefined);
    }
  }
  return old;
}

function isOld({ sealed }: SqlRow, ring: KeyRing): boolean {
  return !(sealed instanceof Uint8Array) || sealed[0] !== ring.current('sealing');
}
