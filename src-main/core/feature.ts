// What a feature brings to the core: its tables and the handlers of its part of the contract.
import type { Contract } from '../../src-shared/contract/contract.ts';
import type { Handlers } from './dispatch/handler.ts';
import type { SqlRow } from './ports.ts';
import type { Migration } from './store/migration.ts';

/**
 * A column that holds values of the sealer: when the sealing key is rotated, each of its rows is sealed anew.
 * `key` are the columns that name the row, `context` the context that the row's value was sealed with.
 */
export type SealedColumn = {
  readonly table: string;
  readonly key: readonly string[];
  readonly column: string;
  context(row: SqlRow): string;
};

/** A declared column of sealed values; the rows of a scoped table belong to workspaces. */
export type SealedPlace = { readonly declared: SealedColumn; readonly scoped: boolean };

export type Feature = {
  readonly name: string;
  readonly migrations: readonly Migration[];
  /** Tables whose rows belong to a workspace (column `workspace`); the store refuses unscoped statements on them. */
  readonly scopedTables: readonly string[];
  /** All columns that the sealer's values stand in; one that is missing here would be lost with the old key. */
  readonly sealed?: readonly SealedColumn[];
  readonly handlers: Partial<Handlers<Contract>>;
};

/**
 * Seals values that are secret by themselves; the context names the row, so that a sealed value can't be moved (spec 03).
 * A value is sealed in the transaction that writes it: sealed before, it could come in under a key that is destroyed meanwhile.
 */
export type Sealer = {
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** @throws Error when the value was changed or moved. */
  open(sealed: Uint8Array, context: string): Uint8Array;
};

export const defaultWorkspace = 'default';
