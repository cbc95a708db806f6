// What the files of this feature work with, and how a call finds its secret.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { SecretGrant } from '../../../../src-shared/contract/secrets.ts';
import type { Host } from '../../ports.ts';
import type { ReadTx } from '../../store/store.ts';
import type { SubjectKeys } from '../keys/index.ts';
import { workspaceOfSecret } from './secrets-table.ts';

export type SecretsParts = {
  readonly host: Pick<Host, 'random'>;
  readonly keys: SubjectKeys;
  /** How the user, role or API key that a grant names is written here; undefined for one that doesn't exist. */
  findGrantee(tx: ReadTx, kind: SecretGrant['kind'], subject: string): string | undefined;
  /** Writes the log of changes into the store itself, so that what was overwritten is gone from both. */
  checkpoint(): void;
};

/** Why there is no secret of this id here. */
export function noSuchSecret(tx: ReadTx, id: string): ProblemError {
  return workspaceOfSecret(tx, id) === undefined
    ? new ProblemError('secrets/not-found', 'there is no secret with this id')
    : new ProblemError('access/cross-workspace', 'this secret belongs to another workspace');
}

const firstInstant = 0;
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** @throws ProblemError request/invalid for an instant that could not be written again in the wire's form. */
export function parseInstant(path: string, text: string): number {
  const at = Date.parse(text);
  if (at >= firstInstant && at <= lastInstant) return at;
  throw invalid(path, 'expected an instant from 1970 to 9999');
}

export function invalid(path: string, message: string): ProblemError {
  return new ProblemError('request/invalid', `${path}: ${message}`, { fields: [{ path, message }] });
}
