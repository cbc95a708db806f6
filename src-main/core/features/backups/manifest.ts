// Reads the end of a backup file. Whoever holds the verifier key can check it without any secret.
import { z } from 'zod';
import { inWords } from '../../../../src-shared/contract/issue-words.ts';
import { canonicalize } from '../../../../src-shared/evidence/canonical-json.ts';
import { parseEnvelope, verifyEnvelope } from '../../../../src-shared/evidence/dsse.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { parseStrictJsonBytes } from '../../../../src-shared/evidence/strict-json.ts';
import { equalBytes, utf8 } from '../../../base/bytes.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { BackupDamaged } from './damage.ts';
import { type Manifest, manifestType } from './manifest-format.ts';

export const longestManifest = 16 * 1024;

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  format: z.literal('gatehouse-backup-manifest'),
  version: z.literal(1),
  backup_id: z.uuid(),
  header_sha256: digest,
  /** Of header and chunks: everything before the manifest. */
  sha256: digest,
  bytes: z.int().min(1),
  chunks: z.int().min(1),
});

export type ReadManifest = {
  readonly manifest: Manifest;
  /** By which of the keys given it is signed. */
  readonly signedBy: readonly Uint8Array[];
};

/**
 * @param signer the verifier key that the header names.
 * @throws BackupDamaged when it can't be read; whether the signatures suffice is the caller's to judge.
 */
export function readManifest(bytes: Uint8Array, signer: string, publicKeys: readonly Uint8Array[]): ReadManifest {
  try {
    const envelope = parseEnvelope(parseCanonical(bytes));
    if (envelope.payloadType !== manifestType) throw new FormatError(`it is of type ${envelope.payloadType}`, 0);
    // Key ids are not signed: what they say is pinned, so that not even a hint can be changed unnoticed.
    if (envelope.signatures.length !== 1 || envelope.signatures[0]?.keyid !== signer)
      throw new FormatError('it does not hold the one signature of the signer that the header names', 0);
    const outcome = manifestSchema.safeParse(parseCanonical(envelope.payload), { error: inWords });
    if (!outcome.success) {
      const issue = outcome.error.issues[0];
      throw new FormatError(`it does not fit at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, 0);
    }
    return { manifest: outcome.data, signedBy: verifyEnvelope(nodePrimitives, envelope, publicKeys) };
  } catch (cause) {
    if (cause instanceof FormatError) throw new BackupDamaged('manifest', `its manifest: ${cause.message}`, { cause });
    throw cause;
  }
}

function parseCanonical(bytes: Uint8Array) {
  const value = parseStrictJsonBytes(bytes, { maximumDepth: 6, integers: 'safe' });
  if (!equalBytes(utf8(canonicalize(value)), bytes)) throw new FormatError('it is not in canonical form', 0);
  return value;
}
