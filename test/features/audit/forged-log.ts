// What somebody with the master key can do to a stopped console's log: change an entry and make leaf, tree and checkpoints agree again, or
// cut off its end.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import type { KeyFile } from '../../../src-main/core/features/keys/key-file.ts';
import { openKeyRing } from '../../../src-main/core/features/keys/key-ring.ts';
import { checkpointText } from '../../../src-shared/evidence/checkpoint.ts';
import { type EntryBody, sealEntry } from '../../../src-shared/evidence/entry.ts';
import { appendNodes, rootAt } from '../../../src-shared/evidence/merkle.ts';
import { splitNotes } from '../../../src-shared/evidence/note-file.ts';
import { createVerifierKey, formatNote } from '../../../src-shared/evidence/signed-note.ts';
import { alterPastTriggers, openStoreOf } from './open-store.ts';

export type Forgery = {
  readonly seq: number;
  /** `resigned`: each by today's key; `old ones dropped`: those before the last rotation are gone, the others by today's key. */
  readonly checkpoints: 'resigned' | 'old ones dropped';
};

export function forgeLog(folder: string, file: KeyFile, master: Uint8Array, { seq, checkpoints }: Forgery): void {
  const ring = openKeyRing(file, master, { bytes: (length) => new Uint8Array(length) });
  const origin = `gatehouse/${ring.instanceId}`;
  const key = createVerifierKey(nodePrimitives, origin, ring.signing.publicKey);
  using database = openStoreOf(folder, master);
  const triggers = database.all("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'");
  for (const { name } of triggers) database.script(`DROP TRIGGER ${String(name)}`);

  const row = database.get('SELECT body, seed FROM audit_body WHERE seq = :seq', { seq });
  const body = { ...(JSON.parse(String(row?.body)) as EntryBody), success: false };
  const sealed = sealEntry(nodePrimitives, body, row?.seed as Uint8Array);
  database.run('UPDATE audit_body SET body = :body, leaf = :leaf, success = 0 WHERE seq = :seq', {
    seq,
    body: JSON.stringify(body),
    leaf: sealed.leaf,
  });

  const leaves = database
    .all('SELECT hash FROM audit_node WHERE level = 0 ORDER BY position')
    .map(({ hash }) => hash as Uint8Array);
  leaves[seq - 1] = sealed.leafHash;
  const nodes = new Map<string, Uint8Array>();
  const read = (level: number, index: number): Uint8Array => nodes.get(`${level}/${index}`) as Uint8Array;
  database.run('DELETE FROM audit_node');
  leaves.forEach((leaf, index) => {
    for (const node of appendNodes(nodePrimitives, index, leaf, read)) {
      nodes.set(`${node.level}/${node.index}`, node.hash);
      database.run('INSERT INTO audit_node (level, position, hash) VALUES (:level, :index, :hash)', { ...node });
    }
  });

  const boundary = Number(database.get('SELECT max(after_size) AS size FROM audit_signing_key')?.size ?? 0);
  if (checkpoints === 'old ones dropped') {
    database.run('DELETE FROM audit_checkpoint WHERE size <= :boundary', { boundary });
  }
  for (const checkpoint of database.all('SELECT size FROM audit_checkpoint WHERE size >= :seq', { seq })) {
    const size = Number(checkpoint.size);
    const root = rootAt(nodePrimitives, size, read);
    const note = formatNote(checkpointText(origin, size, root), key, ring.signing.sign);
    database.run('UPDATE audit_checkpoint SET root = :root, note = :note WHERE size = :size', { size, root, note });
  }
  for (const trigger of triggers) database.script(String(trigger.sql));
  ring.destroy();
}

/** By somebody with the master key, who leaves nothing in the profile that says otherwise. */
export function cutTail(profile: string, master: Uint8Array, size: number): void {
  using database = openStoreOf(profile, master);
  const levels = Array.from({ length: 20 }, (_, level) => `(level = ${level} AND position >= ${size >> level})`);
  alterPastTriggers(
    database,
    `DELETE FROM audit_node WHERE ${levels.join(' OR ')};
     DELETE FROM audit_body WHERE seq > ${size};
     DELETE FROM audit_share;
     INSERT INTO audit_share SELECT workspace, max(workspace_seq) FROM audit_body GROUP BY workspace;
     DELETE FROM audit_checkpoint WHERE size > ${size};
     DELETE FROM audit_anchor_outbox;
     UPDATE audit_anchor SET anchored_size = ${size};`,
  );
  const path = join(profile, 'checkpoints.log');
  const { notes } = splitNotes(readFileSync(path, 'utf8'));
  writeFileSync(path, notes.filter((note) => Number(note.split('\n')[1]) <= size).join(''));
}
