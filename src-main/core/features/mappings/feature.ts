// A workspace's own mapping of log sources: kept as its author wrote it, and given to whatever compiles rules.
import type { CheckedMapping, MappingFull, mappingsOperations } from '../../../../src-shared/contract/mappings.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { sha256Hex } from '../../../base/hashes.ts';
import { instant } from '../../../base/instants.ts';
import type { Call, Handlers } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Feature } from '../../feature.ts';
import type { WriteTx } from '../../store/store.ts';
import { checkMapping } from './mapping.ts';
import { deleteMapping, findMapping, findMappingHash, type MappingRow, saveMapping } from './mapping-table.ts';
import { migrations } from './migrations.ts';

export type MappingsParts = {
  /** The rules of the workspace are to be compiled anew. */
  changed(workspace: string): void;
};

export function createMappings({ changed }: MappingsParts): Feature {
  function announce(tx: WriteTx, call: Call): void {
    tx.announce('detections.changed', null, call.now);
    tx.afterCommit(() => changed(tx.workspace));
  }

  const handlers: Handlers<typeof mappingsOperations> = {
    'mappings.get'(tx) {
      const row = findMapping(tx);
      return { mapping: row === undefined ? null : wireMapping(row) };
    },
    'mappings.check': (_tx, _call, { text }) => checkMapping(text),
    'mappings.set'(tx, call, { text, note }) {
      const { problem, ...said } = checkMapping(text);
      if (problem !== null) throw new ProblemError('rules/mapping', problemText(problem));
      const before = findMappingHash(tx) ?? null;
      const row = { text, sha256: sha256Hex(text), changedAt: call.now, changedBy: actorOf(call.principal).name };
      call.entry.resource = { type: 'log_source_mapping', id: null };
      call.entry.details = {
        sha256_before: before,
        sha256: row.sha256,
        entries: said.entries.length,
        single_rules: said.single_rules,
        ...(note === undefined ? {} : { note }),
      };
      saveMapping(tx, row);
      if (before !== row.sha256) announce(tx, call);
      return wireMapping(row);
    },
    'mappings.remove'(tx, call) {
      const before = findMappingHash(tx);
      if (before === undefined)
        throw new ProblemError('rules/mapping-none', 'there is no mapping of log sources of your own to remove');
      deleteMapping(tx);
      announce(tx, call);
      call.entry.resource = { type: 'log_source_mapping', id: null };
      call.entry.details = { sha256_before: before, sha256: null };
      return { ok: true };
    },
  };
  return { name: 'mappings', migrations, scopedTables: ['log_source_mapping'], handlers };
}

function problemText({ message, line }: NonNullable<CheckedMapping['problem']>): string {
  return line === null ? message : `line ${line}: ${message}`;
}

function wireMapping({ text, sha256, changedAt, changedBy }: MappingRow): MappingFull {
  return { text, sha256, changed_at: instant(changedAt), changed_by: changedBy, ...checkMapping(text) };
}
