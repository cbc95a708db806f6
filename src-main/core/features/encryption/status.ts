// What the console says of its keys: versions, age and due dates. Never a key.
import type {
  EncryptionStatus,
  KeyPurposeName,
  KeyVersion,
  RotationTask,
} from '../../../../src-shared/contract/encryption.ts';
import { instant } from '../../../base/instants.ts';
import { type KeyRing, masterOf } from '../keys/index.ts';

const dayMs = 24 * 3_600_000;

export type StatusParts = {
  readonly ring: KeyRing;
  readonly rotationDays: number;
  readonly task: RotationTask | null;
  readonly subjectKeys: number;
  readonly protectionDetail: string;
  backupVersionsInUse(): ReadonlySet<number>;
  readonly now: number;
};

export function describeKeys(parts: StatusParts): EncryptionStatus {
  const { ring, rotationDays, task } = parts;
  const file = ring.file();
  const { version, created_at } = masterOf(file);
  const keys = [{ purpose: 'master' as const, version, created_at }, ...file.keys];
  const issuedAt = file.recovery?.issued_at;
  return {
    protection: file.protection,
    protection_detail: parts.protectionDetail,
    recovery_key_issued_at: issuedAt === undefined || issuedAt === 0 ? null : instant(issuedAt),
    rotation_days: rotationDays,
    keys: keys.map((key) => describe(key, parts)),
    subject_keys: parts.subjectKeys,
    task,
  };
}

export function dueAt(createdAt: number, rotationDays: number): number {
  return createdAt + rotationDays * dayMs;
}

function describe(
  key: { purpose: KeyPurposeName; version: number; created_at: number },
  { ring, rotationDays, now, task, backupVersionsInUse }: StatusParts,
): KeyVersion {
  const { purpose, version, created_at } = key;
  const current = purpose === 'master' || ring.current(purpose) === version;
  // A retiring version goes by itself.
  const due = current ? dueAt(created_at, rotationDays) : null;
  return {
    key: purpose,
    version,
    state: current ? 'current' : 'retiring',
    created_at: instant(created_at),
    due_at: due === null ? null : instant(due),
    overdue: due !== null && due <= now,
    uses: current ? null : usesOf(purpose, version, task, backupVersionsInUse),
  };
}

function usesOf(
  purpose: KeyPurposeName,
  version: number,
  task: RotationTask | null,
  backupVersionsInUse: () => ReadonlySet<number>,
): number | null {
  if (purpose === 'backup') return backupVersionsInUse().has(version) ? 1 : 0;
  if (purpose === 'sealing' && task?.key === 'sealing' && task.phase !== 'counting') return task.total - task.done;
  return null;
}
