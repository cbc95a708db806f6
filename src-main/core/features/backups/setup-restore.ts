// Set-up from a backup: the holder of the set-up claim sends one or names it, looks at what it says of itself, and opens it with the
// recovery key or its passphrase. No console stands yet; afterwards the restored one does.

import type { Output } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { setupRestoreOperations } from '../../../../src-shared/contract/setup.ts';
import { parseVerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import { toHex } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { sha256 } from '../../../base/hashes.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { Feature } from '../../feature.ts';
import type { Host } from '../../ports.ts';
import { type KeyFile, type MasterKeyPorts, parseRecoveryKey } from '../keys/index.ts';
import { type Opener, openKeys } from './backup-keys.ts';
import { refuseLaterVersion } from './header.ts';
import type { BackupMachine } from './ports.ts';
import { problemOf } from './problems.ts';
import { keptAnew } from './restored-keys.ts';
import { good } from './trial.ts';

const mostUploads = 3;
const mostBytes = 1024 * 1024;

export type SetupRestoreParts = {
  readonly host: Host;
  readonly machine: BackupMachine;
  readonly keys: MasterKeyPorts;
  readonly version: string;
  /** @throws ProblemError when this console has keys or a store already */
  requireUnclaimed(): void;
  /** Puts the restored store and its keys in place and opens them. Takes over `master`. */
  install(restored: { store: string; keyFile: KeyFile; master: Uint8Array }): void;
  state(): Output<'setup.state'>;
  consoleName(): string;
};

type Upload = { readonly path: string; readonly size: number; received: number };

export function createSetupRestore(parts: SetupRestoreParts): Feature {
  const { host, machine } = parts;
  const uploads = new Map<string, Upload>();
  let busy = false;

  function source(input: { upload_id?: string | undefined; path?: string | undefined }): string {
    const { upload_id: id, path } = input;
    if ((id === undefined) === (path === undefined)) throw invalid('path', 'give either upload_id or path');
    if (path !== undefined) return path;
    const upload = uploads.get(id ?? '');
    if (upload === undefined) throw new ProblemError('backups/upload', 'there is no such upload; begin again');
    if (upload.received !== upload.size)
      throw new ProblemError(
        'backups/upload',
        `${upload.received} of ${upload.size} bytes are there; send the rest first`,
      );
    return upload.path;
  }

  function inspect(path: string) {
    try {
      const { parsed, sizeBytes } = machine.inspect(path);
      refuseLaterVersion(parsed.header, parts.version);
      return { parsed, sizeBytes };
    } catch (error) {
      if (
        error instanceof Error &&
        'code' in error &&
        ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'].includes(String(error.code))
      )
        throw new ProblemError(
          'backups/not-found',
          `${path} can not be read; is it there, and may Gatehouse read it?`,
          { cause: error },
        );
      throw problemOf(error);
    }
  }

  const handlers: Handlers<typeof setupRestoreOperations> = {
    async 'setup.restore_begin'(call, input) {
      parts.requireUnclaimed();
      if (uploads.size >= mostUploads) {
        // Whoever begins that often has given up on the ones before.
        const [oldest] = uploads;
        if (oldest !== undefined) drop(oldest[0], oldest[1]);
      }
      const id = uuidV7(call.now, host.random.bytes(10));
      const path = machine.scratch(id);
      const free = machine.freeBytes(machine.folderOf(path));
      // It lies here twice for a moment: as it was sent, and restored.
      if (free !== null && free < input.size_bytes * 2)
        throw new ProblemError(
          'backups/folder',
          `restoring takes ${input.size_bytes * 2} bytes of disk, and ${free} are free`,
        );
      uploads.set(id, { path, size: input.size_bytes, received: 0 });
      return { id };
    },

    async 'setup.restore_chunk'(_call, { id, offset, data }) {
      const upload = uploads.get(id);
      if (upload === undefined) throw new ProblemError('backups/upload', 'there is no such upload; begin again');
      if (data.byteLength === 0 || data.byteLength > mostBytes)
        throw invalid('data', 'send between 1 byte and 1 MiB at a time');
      // A chunk whose answer got lost is sent again: it is already in.
      if (offset + data.byteLength === upload.received) return { received_bytes: upload.received };
      if (offset !== upload.received || offset + data.byteLength > upload.size)
        throw new ProblemError(
          'backups/upload',
          `expected the chunk at byte ${upload.received} of ${upload.size}, not ${offset}`,
        );
      machine.writeAt(upload.path, offset, data);
      upload.received += data.byteLength;
      return { received_bytes: upload.received };
    },

    async 'setup.restore_inspect'(_call, input) {
      parts.requireUnclaimed();
      const { parsed, sizeBytes } = inspect(source(input));
      const { header } = parsed;
      const signer = parseVerifierKey(nodePrimitives, header.signer);
      return {
        backup_id: header.backup_id,
        console_name: header.console_name,
        created_at: header.created_at,
        size_bytes: sizeBytes,
        gatehouse_version: header.gatehouse_version,
        encrypted: header.encryption !== null,
        audit_entries: header.audit?.size ?? null,
        signer: { verifier_key: signer.text, fingerprint: toHex(sha256(signer.publicKey)) },
        // The keys of the console itself lie where it was; here something must be given.
        opens_with: parsed.opensWith.filter((opener) => opener !== 'backup_key'),
      };
    },

    async 'setup.restore'(call, input) {
      parts.requireUnclaimed();
      if (busy) throw new ProblemError('backups/busy', 'a restore is under way already; wait for it');
      busy = true;
      try {
        const path = source(input);
        const { parsed } = inspect(path);
        const { keys } = parts;
        const opened = await openKeys(parsed, openerOf(input), { kdf: keys.kdf, random: host.random });
        const target = machine.scratch(parsed.header.backup_id);
        const job = {
          path,
          ...opened,
          target,
          keep: true,
          known: undefined,
          openSealed: () => undefined,
          progress: () => undefined,
        };
        try {
          const checked = await machine.check(job).result;
          const { protection, new_passphrase: passphrase } = input;
          const kept = await keptAnew(
            keys,
            { file: parsed.keyFile, master: opened.master },
            { protection, passphrase, now: host.clock.now() },
          );
          parts.install({ store: target, keyFile: kept.file, master: kept.master });
          for (const [id, upload] of uploads) drop(id, upload);
          const verification = good(checked, host.clock.now());
          call.entry.resource = { type: 'backup', id: parsed.header.backup_id };
          call.entry.details = {
            created_at: parsed.header.created_at,
            protection,
            detail: verification.detail,
            audit_entries: verification.auditEntries,
            root_hash: verification.rootHash,
          };
          return {
            state: parts.state(),
            console_name: parts.consoleName(),
            verification: {
              at: instant(verification.at),
              passed: verification.passed,
              detail: verification.detail,
              audit_entries: verification.auditEntries,
              root_hash: verification.rootHash,
            },
            recovery_key_works: kept.file.recovery !== null,
          };
        } finally {
          machine.remove(target);
          opened.dataKey.fill(0);
        }
      } catch (error) {
        throw problemOf(error);
      } finally {
        busy = false;
      }
    },
  };

  function drop(id: string, upload: Upload): void {
    uploads.delete(id);
    machine.remove(upload.path);
  }

  return { name: 'setup_restore', migrations: [], scopedTables: [], handlers };
}

function openerOf(input: { recovery_key?: string | undefined; passphrase?: string | undefined }): Opener {
  const { recovery_key: recoveryKey, passphrase } = input;
  if (recoveryKey !== undefined && passphrase === undefined)
    return { kind: 'recovery_key', key: parseRecoveryKey(recoveryKey) };
  if (passphrase !== undefined && recoveryKey === undefined) return { kind: 'passphrase', passphrase };
  throw invalid('recovery_key', 'give either the recovery key or the passphrase');
}

function invalid(field: string, message: string): ProblemError {
  return new ProblemError('request/invalid', `${field}: ${message}`, { fields: [{ path: field, message }] });
}
