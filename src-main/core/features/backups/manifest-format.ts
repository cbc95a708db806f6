// The end of a backup file: digest and length of all before it, signed by the console's audit signing key in a DSSE envelope.
import { canonicalize } from '../../../../src-shared/evidence/canonical-json.ts';
import { createEnvelope, preAuthenticationEncoding } from '../../../../src-shared/evidence/dsse.ts';
import { utf8 } from '../../../base/bytes.ts';

export const manifestType = 'application/vnd.gatehouse.backup-manifest+json';

export type Manifest = {
  readonly format: 'gatehouse-backup-manifest';
  readonly version: 1;
  readonly backup_id: string;
  readonly header_sha256: string;
  /** Of header and chunks: everything before the manifest. */
  readonly sha256: string;
  readonly bytes: number;
  readonly chunks: number;
};

/** @param sign asked once, for the bytes that DSSE signs. */
export async function formatManifest(
  manifest: Manifest,
  signer: string,
  sign: (message: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const payload = utf8(canonicalize(manifest));
  const signature = await sign(preAuthenticationEncoding(manifestType, payload));
  return utf8(canonicalize(createEnvelope(manifestType, payload, signer, () => signature)));
}
