// `gatehouse verify-backup FILE`: offline. With a key the backup is restored as a trial; without one, digest and signature are checked,
// and it is said what was not. Exit: 0 genuine, 1 not, 2 could not be checked.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { type BackupFile, readContainer } from '../../adapters/backups/container-reader.ts';
import { homeFolder } from '../../adapters/files/profile.ts';
import { leaveMemoryOutOfCoreDumps } from '../../adapters/system/host-parts.ts';
import { toHex } from '../../base/bytes.ts';
import { nodePrimitives } from '../../base/evidence-primitives.ts';
import { sha256 } from '../../base/hashes.ts';
import type { OpenedKeys } from '../../core/features/backups/backup-keys.ts';
import { BackupDamaged } from '../../core/features/backups/damage.ts';
import { readKeyFile } from '../../core/features/keys/master-key.ts';
import { checkBackup } from '../backup-check.ts';
import { createPrompt } from '../prompt.ts';
import { keyOf } from './audit-verify.ts';
import { explained, keyPorts, type OpenFlags, openByAsking, openFile, openWithOwnKeys } from './backup-file.ts';
import { progressOf } from './backup-progress.ts';
import { printable } from './table.ts';

export type VerifyBackupFlags = OpenFlags & { readonly key?: string; readonly json?: boolean };

type Report = {
  readonly verdict: 'genuine' | 'damaged' | 'unchecked';
  readonly detail: string;
  readonly checked: readonly string[];
  readonly not_checked: readonly string[];
  readonly code?: string;
  readonly sha256?: string;
  readonly audit_entries?: number;
  readonly root_hash?: string;
};

/** @returns the exit code. */
export async function verifyBackup(path: string, flags: VerifyBackupFlags): Promise<number> {
  leaveMemoryOutOfCoreDumps();
  process.umask(0o077);
  try {
    const report = await look(path, flags);
    print(path, report, flags.json === true);
    return { genuine: 0, damaged: 1, unchecked: 2 }[report.verdict];
  } catch (error) {
    throw explained(error, 'nothing was changed');
  }
}

async function look(path: string, flags: VerifyBackupFlags): Promise<Report> {
  try {
    using file = openFile(path);
    const pinned = flags.key === undefined ? undefined : parseVerifierKey(nodePrimitives, keyOf(flags.key));
    const opened = await open(file, flags);
    if (opened === undefined) return await lookWithoutKey(file, pinned?.publicKey);
    if (pinned !== undefined && file.parsed.header.signer !== pinned.text)
      throw new BackupDamaged('signature', 'it is signed by another key than the one that was given');
    return await tryOut(path, file, opened);
  } catch (error) {
    if (!(error instanceof BackupDamaged)) throw error;
    return { verdict: 'damaged', detail: error.message, code: error.code, checked: [], not_checked: [] };
  }
}

async function open(file: BackupFile, flags: VerifyBackupFlags): Promise<OpenedKeys | undefined> {
  const ports = keyPorts(join(homeFolder(process.env), 'keys.json'), process.env);
  if (flags.recoveryKeyStdin !== true && flags.passphraseStdin !== true) {
    const own = await openWithOwnKeys(file.parsed, readKeyFile(ports.file), ports);
    // Nobody there to ask: what needs no key is checked all the same.
    if (own !== undefined || process.stdin.isTTY !== true || flags.key !== undefined) return own;
  }
  await using prompt = createPrompt();
  return (await openByAsking(file.parsed, flags, prompt, ports)).opened;
}

async function lookWithoutKey(file: BackupFile, signer: Uint8Array | undefined): Promise<Report> {
  const { header } = file.parsed;
  using progress = progressOf(file.layout.contentBytes);
  const signers = signer === undefined ? [] : [signer];
  const { sha256: digest } = await readContainer(file, {
    dataKey: undefined,
    signers,
    progress: progress.update,
    cancelled: () => false,
  });
  const notChecked = ['content', 'store', 'audit log'];
  if (signer !== undefined) {
    const detail = `written by ${header.console_name} as it is; whether it can be restored takes its key to tell`;
    return { verdict: 'genuine', detail, sha256: digest, checked: ['digest', 'signature'], not_checked: notChecked };
  }
  return {
    verdict: 'unchecked',
    detail: 'its digest fits, but nobody vouches for it: give the verifier key with --key, or what opens it',
    sha256: digest,
    checked: ['digest'],
    not_checked: ['signature', ...notChecked],
  };
}

async function tryOut(path: string, file: BackupFile, { dataKey, master }: OpenedKeys): Promise<Report> {
  // The store stays encrypted in there; where there is a profile its own disk is used, which is known to be large enough.
  const home = homeFolder(process.env);
  const folder = mkdtempSync(join(existsSync(home) ? home : tmpdir(), 'gatehouse-trial-'));
  using progress = progressOf(file.layout.contentBytes);
  try {
    const target = join(folder, `${randomUUID()}.db`);
    const cancelled = (): boolean => false;
    const checked = await checkBackup({
      path,
      dataKey,
      master,
      target,
      keep: false,
      known: undefined,
      progress: progress.update,
      cancelled,
    });
    return {
      verdict: 'genuine',
      detail: `restored whole: ${checked.auditEntries} audit entries agree with the signed checkpoint`,
      sha256: checked.sha256,
      audit_entries: checked.auditEntries,
      root_hash: checked.rootHash,
      checked: ['digest', 'signature', 'content', 'store', 'audit log'],
      not_checked: ['sealed values'],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    dataKey.fill(0);
    master.fill(0);
  }
}

function print(path: string, report: Report, json: boolean): void {
  const header = describe(path);
  if (json) {
    process.stdout.write(`${JSON.stringify({ file: path, ...report, ...header })}\n`);
    return;
  }
  const lines = [
    `${report.verdict === 'unchecked' ? 'could not be checked' : report.verdict === 'genuine' ? 'genuine' : 'NOT genuine'}: ${report.detail}`,
    ...(header === undefined
      ? []
      : [
          `  ${header.console_name}, ${header.created_at}, Gatehouse ${header.gatehouse_version}, ${header.size_bytes} bytes`,
          `  signed by the key with fingerprint ${header.signer_fingerprint}`,
        ]),
    ...(report.sha256 === undefined ? [] : [`  sha256 ${report.sha256}`]),
    ...(report.checked.length === 0 ? [] : [`  checked: ${report.checked.join(', ')}`]),
    ...(report.not_checked.length === 0 ? [] : [`  not checked: ${report.not_checked.join(', ')}`]),
  ];
  process.stdout.write(`${lines.map(printable).join('\n')}\n`);
}

/** What the file says of itself, where its head can be read at all. */
function describe(path: string) {
  try {
    using file = openFile(path);
    const { header, opensWith } = file.parsed;
    return {
      console_name: header.console_name,
      backup_id: header.backup_id,
      created_at: header.created_at,
      gatehouse_version: header.gatehouse_version,
      size_bytes: file.size,
      encrypted: header.encryption !== null,
      opens_with: opensWith,
      signer: header.signer,
      signer_fingerprint: toHex(sha256(parseVerifierKey(nodePrimitives, header.signer).publicKey)),
    };
  } catch (error) {
    if (error instanceof BackupDamaged) return undefined;
    throw error;
  }
}
