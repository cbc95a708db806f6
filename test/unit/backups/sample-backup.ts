// A small backup with real keys, for tests of the container: its parts, and the bytes put together anew.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeContainer } from '../../../src-main/adapters/backups/container-writer.ts';
import { argon2idKdf } from '../../../src-main/adapters/vault/passphrase-kdf.ts';
import { toBase64 } from '../../../src-main/base/bytes.ts';
import { nodePrimitives } from '../../../src-main/base/evidence-primitives.ts';
import { wrapForPassphrase, wrapKeys } from '../../../src-main/core/features/backups/backup-keys.ts';
import { type BackupHeader, formatHeader } from '../../../src-main/core/features/backups/header.ts';
import { createCustody } from '../../../src-main/core/features/keys/index.ts';
import { createMasterKey, type MasterKeyPorts } from '../../../src-main/core/features/keys/master-key.ts';
import { checkpointText } from '../../../src-shared/evidence/checkpoint.ts';
import { createVerifierKey, formatNote } from '../../../src-shared/evidence/signed-note.ts';
import { createTestHost } from '../../support/host.ts';

export const instanceId = '0192f0c4-7d1e-7c3a-8f00-000000000001';
export const backupId = '0192f0c4-7d1e-7c3a-8f00-0000000000aa';

export type Sample = Disposable & {
  readonly folder: string;
  readonly path: string;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
  readonly header: BackupHeader;
  readonly dataKey: Uint8Array;
  readonly master: Uint8Array;
  readonly recoveryKey: Uint8Array;
  readonly signer: Uint8Array;
  readonly ports: MasterKeyPorts;
  readonly sign: (message: Uint8Array) => Uint8Array;
  /** The same backup with another header, sealed and signed anew. */
  rewrite(name: string, change: (header: BackupHeader) => BackupHeader): Promise<Uint8Array>;
};

export async function createSample(
  options: { size?: number; encrypted?: boolean; passphrase?: string; chunkBytes?: number } = {},
): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-backup-'));
  const { random } = createTestHost();
  let keyFile: string | undefined;
  const ports: MasterKeyPorts = {
    keychain: {
      probe: () => ({ available: false, detail: 'none' }),
      get: () => undefined,
      set: () => undefined,
      delete: () => undefined,
    },
    file: {
      read: () => keyFile,
      write: (text) => {
        keyFile = text;
      },
    },
    kdf: argon2idKdf,
    random,
    given: { environment: toBase64(new Uint8Array(32).fill(3)), keyFile: undefined },
  };
  const made = await createMasterKey(ports, { instanceId, protection: 'environment', passphrase: undefined, now: 1 });
  const custody = createCustody(ports, made.file, made.master);
  const recoveryKey = custody.issueRecoveryKey(2);
  const { ring } = custody;
  const dataKey = random.bytes(32);
  const master = custody.master().slice();
  const content = random.bytes(options.size ?? 1_300);
  const source = join(folder, 'store.db');
  writeFileSync(source, content);
  const verifier = createVerifierKey(nodePrimitives, `gatehouse/${instanceId}`, ring.signing.publicKey);
  const root = new Uint8Array(32).fill(1);
  const header: BackupHeader = {
    format: 'gatehouse-backup',
    version: 1,
    backup_id: backupId,
    kind: 'manual',
    instance_id: instanceId,
    console_name: 'Büro',
    created_at: '2026-11-21T14:00:00.000Z',
    gatehouse_version: '0.1.0',
    signer: verifier.text,
    files: [{ name: 'store.db', size_bytes: content.byteLength }],
    chunk_bytes: options.chunkBytes ?? 512,
    encryption:
      options.encrypted === false ? null : { algorithm: 'AES-256-GCM', nonce_prefix: toBase64(random.bytes(7)) },
    keys: wrapKeys(
      ring,
      {
        backupId,
        dataKey,
        master,
        passphrase:
          options.passphrase === undefined
            ? null
            : await wrapForPassphrase(ports, options.passphrase, dataKey, backupId),
      },
      random,
    ),
    audit: {
      size: 3,
      root: toBase64(root),
      checkpoint: formatNote(checkpointText(verifier.name, 3, root), verifier, ring.signing.sign),
    },
  };
  async function write(name: string, written: BackupHeader): Promise<string> {
    const path = join(folder, name);
    const file = openSync(source, 'r');
    try {
      await writeContainer({
        source: file,
        target: path,
        header: written,
        headerBytes: formatHeader(written),
        dataKey,
        sign: async (message) => ring.signing.sign(message),
        progress: () => undefined,
        cancelled: () => false,
      });
    } finally {
      closeSync(file);
    }
    return path;
  }
  const path = await write('sample.ghbackup', header);
  return {
    folder,
    path,
    content,
    bytes: new Uint8Array(readFileSync(path)),
    header,
    dataKey,
    master,
    recoveryKey,
    signer: ring.signing.publicKey,
    ports,
    sign: ring.signing.sign,
    rewrite: async (name, change) => new Uint8Array(readFileSync(await write(name, change(header)))),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
