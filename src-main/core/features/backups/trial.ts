// Restoring a backup: as a trial, whose result is evidence, or beside the store in use, to be put in its place.

import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { copyKey } from '../../../base/secret.ts';
import { defaultWorkspace, type Feature, type SealedPlace } from '../../feature.ts';
import { type KeyFile, type KeyRing, openKeyRing } from '../keys/index.ts';
import { type OpenedKeys, openKeys } from './backup-keys.ts';
import { type BackupRow, findBackup, setDigest, setVerification, type Verification } from './backups-table.ts';
import { BackupDamaged, BackupKeyWrong } from './damage.ts';
import type { ParsedHeader } from './header.ts';
import type { Checked, KnownSchema, SealedValue } from './ports.ts';
import { problemOf } from './problems.ts';
import { restoredKeyFile } from './restored-keys.ts';
import type { Turn } from './turn.ts';
import type { WorkParts } from './work-parts.ts';

/** A store that was restored beside the one in use, found whole. */
export type Prepared = { readonly path: string; readonly keyFile: KeyFile; readonly verification: Verification };

export type Trials = {
  /** The result is kept with the backup. @throws ProblemError backups/key, backups/not-found … */
  verify(id: string, passphrase: string | undefined): Promise<Verification>;
  /** @throws ProblemError backups/damaged and those of `verify`; then nothing stays */
  prepare(id: string, passphrase: string | undefined): Promise<Prepared>;
};

export function createTrials(parts: WorkParts, turn: Turn): Trials {
  const { host, machine, ring } = parts;

  /** Opens the backup with what is at hand. @throws ProblemError backups/other-console, BackupKeyWrong */
  async function open(parsed: ParsedHeader, passphrase: string | undefined): Promise<OpenedKeys> {
    const { instance_id, console_name } = parsed.header;
    if (instance_id !== ring.instanceId) {
      throw new ProblemError(
        'backups/other-console',
        `this backup is of console ${console_name} (${instance_id}); restore it into a profile of its own`,
      );
    }
    const ports = { kdf: parts.kdf, random: host.random };
    if (passphrase !== undefined) return openKeys(parsed, { kind: 'passphrase', passphrase }, ports);
    try {
      return await openKeys(parsed, { kind: 'console', ring }, ports);
    } catch (error) {
      if (!(error instanceof BackupKeyWrong)) throw error;
      // A backup key that was destroyed meanwhile still stands in the backup, under the master key of that time.
      return openKeys(parsed, { kind: 'master', master: copyKey(parts.master()) }, ports);
    }
  }

  async function check(row: BackupRow, passphrase: string | undefined, keep: boolean) {
    const { parsed, sizeBytes } = machine.inspect(row.path);
    const keys = await open(parsed, passphrase);
    const inside = openKeyRing(parsed.keyFile, keys.master, host.random);
    try {
      const target = machine.scratch(row.id);
      const { features, places } = parts.known();
      const known = schemaOf(features, places);
      const openSealed = (values: readonly SealedValue[]): string | undefined => faultIn(inside, places, values);
      const job = { path: row.path, ...keys, target, keep, known, openSealed, progress: turn.advance };
      const checked = await turn.follow(machine.check(job), sizeBytes);
      if (row.sha256 !== null && row.sha256 !== checked.sha256) {
        if (keep) machine.remove(target);
        throw new BackupDamaged('digest', 'it is a genuine backup, but not the file that was written here');
      }
      const current = { file: ring.file(), master: parts.master() };
      const keyFile = restoredKeyFile(current, { file: parsed.keyFile, master: keys.master }, host.random);
      return { checked, target, keyFile };
    } finally {
      inside.destroy();
      keys.master.fill(0);
      keys.dataKey.fill(0);
    }
  }

  function find(id: string): BackupRow {
    const row = parts.store().readAll((tx) => findBackup(tx, id));
    if (row === undefined || row.state !== 'complete')
      throw new ProblemError('backups/not-found', 'there is no complete backup of that id');
    if (!machine.exists(row.path))
      throw new ProblemError('backups/not-found', `its file is not there any more: ${row.path}`);
    return row;
  }

  function note(id: string, verification: Verification, sha256: string | undefined): Verification {
    parts.store().write(defaultWorkspace, (tx) => {
      setVerification(tx, id, verification);
      if (sha256 !== undefined) setDigest(tx, id, sha256);
    });
    return verification;
  }

  return {
    verify: (id, passphrase) =>
      turn.take(id, async () => {
        try {
          const { checked } = await check(find(id), passphrase, false);
          return note(id, good(checked, host.clock.now()), checked.sha256);
        } catch (error) {
          if (!(error instanceof BackupDamaged)) throw problemOf(error);
          const found = {
            at: host.clock.now(),
            passed: false,
            detail: error.message,
            auditEntries: null,
            rootHash: null,
          };
          return note(id, found, undefined);
        }
      }),
    prepare: (id, passphrase) =>
      turn.take(id, async () => {
        try {
          const { checked, target, keyFile } = await check(find(id), passphrase, true);
          return { path: target, keyFile, verification: good(checked, host.clock.now()) };
        } catch (error) {
          throw problemOf(error);
        }
      }),
  };
}

export function good(checked: Checked, at: number): Verification {
  const sealed = checked.sealedValues === undefined ? '' : `, ${checked.sealedValues} sealed values opened`;
  return {
    at,
    passed: true,
    detail: `restored whole: ${checked.auditEntries} audit entries agree with the signed checkpoint${sealed}`,
    auditEntries: checked.auditEntries,
    rootHash: checked.rootHash,
  };
}

/** As it can be handed to a thread: no functions. */
function schemaOf(features: readonly Feature[], places: readonly SealedPlace[]): KnownSchema {
  return {
    features: features.map(({ name, migrations }) => ({ name, migrations })),
    sealed: places.map(({ declared: { table, key, column }, scoped }) => ({ table, key, column, scoped })),
  };
}

function faultIn(ring: KeyRing, places: readonly SealedPlace[], values: readonly SealedValue[]): string | undefined {
  for (const { column, row, value } of values) {
    const declared = places[column]?.declared;
    if (declared === undefined) throw new Error('a sealed value of a column that was not asked for');
    try {
      ring.open(value, declared.context(row)).fill(0);
    } catch {
      // Which key or byte is wrong can't be told; where can.
      const where = declared.key.map((name) => String(row[name])).join('/');
      return `a sealed value does not open: ${declared.table}.${declared.column} of ${where}`;
    }
  }
  return undefined;
}
