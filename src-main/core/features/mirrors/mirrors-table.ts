// SQL of the mirrors: how far each is in each of its streams, and which of them an entry called stopped. Console-wide, like the audit tree.
import type { MirrorStream } from '../../../../src-shared/contract/mirrors.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';

export type PositionRow = {
  readonly mirror: string;
  readonly stream: MirrorStream;
  readonly position: number;
  readonly rejected: number;
  /** When something was last kept there. */
  readonly at: number | null;
};

export function positionsOf(tx: ReadTx, mirror: string): PositionRow[] {
  return tx.all<PositionRow>(
    'SELECT mirror, stream, position, rejected, at FROM mirror_position WHERE mirror = :mirror',
    { mirror },
  );
}

export function savePosition(tx: WriteTx, row: PositionRow): void {
  tx.run(
    `INSERT INTO mirror_position (mirror, stream, position, rejected, at) VALUES (:mirror, :stream, :position, :rejected, :at)
     ON CONFLICT (mirror, stream) DO UPDATE SET position = :position, rejected = :rejected, at = :at`,
    { ...row },
  );
}

/** Mirrors that are not among `names` any more: forgotten here. @returns their names */
export function forgetAllBut(tx: WriteTx, names: readonly string[]): string[] {
  const others = 'FROM mirror WHERE name NOT IN (SELECT value FROM json_each(:names))';
  const parameters = { names: JSON.stringify(names) };
  const gone = tx.all<{ name: string }>(`SELECT name ${others} ORDER BY name`, parameters).map(({ name }) => name);
  if (gone.length === 0) return gone;
  tx.run('DELETE FROM mirror_position WHERE mirror IN (SELECT value FROM json_each(:gone))', {
    gone: JSON.stringify(gone),
  });
  tx.run(`DELETE ${others}`, parameters);
  return gone;
}

/** Streams that a mirror carried before and does not any more: should it carry them again, it starts anew. */
export function forgetStreams(tx: WriteTx, mirror: string, but: readonly MirrorStream[]): void {
  tx.run('DELETE FROM mirror_position WHERE mirror = :mirror AND stream NOT IN (SELECT value FROM json_each(:but))', {
    mirror,
    but: JSON.stringify(but),
  });
}

/** @returns false when it was known already */
export function keepMirror(tx: WriteTx, name: string): boolean {
  return tx.run('INSERT OR IGNORE INTO mirror (name, stopped_at) VALUES (:name, NULL)', { name }) === 1;
}

export function stoppedAt(tx: ReadTx, name: string): number | undefined {
  return (
    tx.get<{ stopped_at: number | null }>('SELECT stopped_at FROM mirror WHERE name = :name', { name })?.stopped_at ??
    undefined
  );
}

export function setStopped(tx: WriteTx, name: string, at: number | null): void {
  tx.run('UPDATE mirror SET stopped_at = :at WHERE name = :name', { name, at });
}
