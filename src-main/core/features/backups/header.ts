// The head of a backup file: what it is, what opens it, how its content is laid out. Read before anything vouches for it, so every
// number in it is bounded. The bytes are described in docs/backup-format.md.
import { z } from 'zod';
import type { BackupOpener } from '../../../../src-shared/contract/backups.ts';
import { inWords } from '../../../../src-shared/contract/issue-words.ts';
import { canonicalize } from '../../../../src-shared/evidence/canonical-json.ts';
import { parseCheckpoint } from '../../../../src-shared/evidence/checkpoint.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { parseNote, parseVerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import { parseStrictJsonBytes } from '../../../../src-shared/evidence/strict-json.ts';
import { concatBytes, equalBytes, utf8 } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { BadKeyFile, type KeyFile, parseKeyFile } from '../keys/index.ts';
import { BackupDamaged, NewerBackup } from './damage.ts';

/** As PNG has it: a byte that no text holds, then line ends that a transfer as text would change. */
export const magic = new Uint8Array([0x89, 0x47, 0x48, 0x42, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Magic and the header's length. */
export const preludeLength = magic.byteLength + 4;
const formatVersion = 1;
const longestHeader = 256 * 1024;
const deepestHeader = 8;
/** Of the content; files written by this version have chunks of 1 MiB. */
export const chunkBytes = 1024 * 1024;

const base64 = z
  .string()
  .max(4_096)
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, { error: 'expected base64' });
// SECURITY: these come from whoever gave us the file; opening it must not ask for all of the machine's memory or for hours.
const cost = { memoryKib: 262_144, time: 16, parallelism: 4 };

const headerSchema = z.strictObject({
  format: z.literal('gatehouse-backup'),
  version: z.literal(formatVersion),
  backup_id: z.uuid(),
  kind: z.enum(['manual', 'scheduled', 'before_migration']),
  instance_id: z.string().regex(/^[0-9a-f-]{36}$/),
  console_name: z.string().max(200),
  created_at: z.iso.datetime({ precision: 3 }),
  gatehouse_version: z.string().max(60),
  /** Who signed the manifest at the end. A claim like all else here: believe it only if the key is known from elsewhere. */
  signer: z.string().max(500),
  files: z
    .array(
      z.strictObject({
        name: z.literal('store.db'),
        size_bytes: z
          .int()
          .min(512)
          .max(2 ** 40),
      }),
    )
    .length(1),
  chunk_bytes: z.int().min(512).max(4_194_304),
  encryption: z.strictObject({ algorithm: z.literal('AES-256-GCM'), nonce_prefix: base64 }).nullable(),
  keys: z.strictObject({
    /** The console's key file as it was: all keys in it are wrapped. */
    file: z.string().max(100_000),
    /** The key of this backup, under the console's backup key of that version. */
    backup_key: z.strictObject({ version: z.int().min(1).max(255), wrapped: base64 }),
    /** The master key of that time, under a key derived from the key of this backup. */
    master: base64,
    /** The key of this backup once more, under a passphrase of its own. */
    passphrase: z
      .strictObject({
        salt: base64,
        memory_kib: z.int().min(8).max(cost.memoryKib),
        time: z.int().min(1).max(cost.time),
        parallelism: z.int().min(1).max(cost.parallelism),
        wrapped: base64,
      })
      .nullable(),
  }),
  /** The audit tree of the store inside, as it was signed when the backup was made. */
  audit: z.strictObject({ size: z.int().min(1), root: base64, checkpoint: z.string().max(4_096) }).nullable(),
});

export type BackupHeader = z.output<typeof headerSchema>;

/** A header with what follows from it. */
export type ParsedHeader = {
  readonly header: BackupHeader;
  readonly keyFile: KeyFile;
  readonly opensWith: readonly BackupOpener[];
  /** Magic, length and header: what the chunks and the manifest are bound to. */
  readonly bytes: Uint8Array;
};

export function formatHeader(header: BackupHeader): Uint8Array {
  const json = utf8(canonicalize(header));
  if (json.byteLength > longestHeader) throw new Error('the header of the backup would be too long');
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.byteLength);
  return concatBytes(magic, length, json);
}

/** @returns the length of the header that follows. @throws BackupDamaged when this is no backup. */
export function parsePrelude(prelude: Uint8Array): number {
  if (prelude.byteLength < preludeLength || !equalBytes(prelude.subarray(0, magic.byteLength), magic)) {
    throw new BackupDamaged('not_a_backup', 'this is not a Gatehouse backup: its first bytes are others');
  }
  const length = new DataView(prelude.buffer, prelude.byteOffset).getUint32(magic.byteLength);
  if (length === 0 || length > longestHeader) {
    throw new BackupDamaged('header', `its header would be ${length} bytes long; at most ${longestHeader} can be`);
  }
  return length;
}

/** @param bytes prelude and header. @throws BackupDamaged, NewerBackup */
export function parseHeader(bytes: Uint8Array): ParsedHeader {
  const json = bytes.subarray(preludeLength);
  let value: unknown;
  try {
    value = parseStrictJsonBytes(json, { maximumDepth: deepestHeader, integers: 'safe' });
    // One spelling only: what the chunks are bound to is then also what was understood.
    if (!equalBytes(utf8(canonicalize(value)), json)) throw new FormatError('it is not in canonical form', 0);
  } catch (cause) {
    if (cause instanceof FormatError) throw new BackupDamaged('header', `its header: ${cause.message}`, { cause });
    throw cause;
  }
  refuseNewer(value);
  const outcome = headerSchema.safeParse(value, { error: inWords });
  if (!outcome.success) {
    const issue = outcome.error.issues[0];
    throw new BackupDamaged(
      'header',
      `its header does not fit at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const header = outcome.data;
  const keyFile = keyFileOf(header);
  checkParts(header);
  return { header, keyFile, opensWith: openersOf(keyFile, header.keys.passphrase !== null), bytes };
}

/** What opens a backup with these keys in it. @param passphrase whether it has one of its own */
export function openersOf(file: KeyFile, passphrase: boolean): BackupOpener[] {
  return [
    'backup_key',
    ...(file.recovery === null ? [] : (['recovery_key'] as const)),
    ...(passphrase || file.passphrase !== null ? (['passphrase'] as const) : []),
  ];
}

/** @throws NewerBackup when a later version made it, whose tables this one may not know. */
export function refuseLaterVersion(header: BackupHeader, version: string): void {
  const order = comparable(header.gatehouse_version).localeCompare(comparable(version));
  if (order <= 0) return;
  throw new NewerBackup(
    `this backup was made by Gatehouse ${header.gatehouse_version}, this is ${version}; use that version or later`,
  );
}

function comparable(version: string): string {
  const numbers = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})/.exec(version)?.slice(1) ?? [];
  return numbers.map((number) => number.padStart(6, '0')).join('.');
}

function refuseNewer(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('format' in value) || !('version' in value)) return;
  if (value.format !== 'gatehouse-backup' || typeof value.version !== 'number' || value.version <= formatVersion)
    return;
  throw new NewerBackup(
    `this backup has format ${value.version}, this Gatehouse knows ${formatVersion}; use the version that made it, or later`,
  );
}

function keyFileOf(header: BackupHeader): KeyFile {
  let file: KeyFile;
  try {
    file = parseKeyFile(header.keys.file);
  } catch (cause) {
    if (cause instanceof BadKeyFile) throw new BackupDamaged('header', `its keys: ${cause.message}`, { cause });
    throw cause;
  }
  const { passphrase } = file;
  const dear =
    passphrase !== null &&
    (passphrase.memory_kib > cost.memoryKib ||
      passphrase.time > cost.time ||
      passphrase.parallelism > cost.parallelism);
  if (dear) throw new BackupDamaged('header', 'its keys ask for more work than any Gatehouse sets');
  requireDerivable(passphrase);
  if (file.instance_id !== header.instance_id) {
    throw new BackupDamaged('header', `its keys are of console ${file.instance_id}, not ${header.instance_id}`);
  }
  return file;
}

/** RFC 9106 section 3.1: anything less is refused by Argon2 itself, in words of its own. */
function requireDerivable(from: { salt: string; memory_kib: number; parallelism: number } | null): void {
  if (from === null) return;
  if (Buffer.from(from.salt, 'base64').byteLength < 8 || from.memory_kib < 8 * from.parallelism)
    throw new BackupDamaged('header', 'no key can be derived from a passphrase as it says');
}

function checkParts({ signer, audit, encryption, keys }: BackupHeader): void {
  requireDerivable(keys.passphrase);
  try {
    parseVerifierKey(nodePrimitives, signer);
    if (audit === null) return;
    const { size, root } = parseCheckpoint(parseNote(audit.checkpoint).text);
    if (size !== audit.size || Buffer.from(root).toString('base64') !== audit.root)
      throw new FormatError('the checkpoint is for another tree', 0);
  } catch (cause) {
    if (cause instanceof FormatError) throw new BackupDamaged('header', `its header: ${cause.message}`, { cause });
    throw cause;
  }
  if (encryption !== null && Buffer.from(encryption.nonce_prefix, 'base64').byteLength !== 7) {
    throw new BackupDamaged('header', 'its nonce prefix does not have 7 bytes');
  }
}
