// What the signature of a rule pack says: a DSSE envelope over the pack's name, version and the digest of all its files.

import { z } from 'zod';
import type { RulePack } from '../../../../src-shared/contract/rule-packs.ts';
import { canonicalize } from '../../../../src-shared/evidence/canonical-json.ts';
import { createEnvelope, parseEnvelope, verifyEnvelope } from '../../../../src-shared/evidence/dsse.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { parseVerifierKey, type VerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import { parseStrictJson } from '../../../../src-shared/evidence/strict-json.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { sha256Hex } from '../../../base/hashes.ts';

const payloadType = 'application/vnd.gatehouse.rule-pack+json';

const statement = z.strictObject({
  format: z.literal('gatehouse-rule-pack/1'),
  pack: z.string().max(60),
  name: z.string().max(200),
  version: z.string().max(100),
  exported_at: z.string().max(40),
  files: z.int(),
  sha256: z.string().length(64),
  /** Whose key it is by its own account: it shows that nothing was changed, not that the signer is who one thinks. */
  signer: z.string().max(1000),
});
export type PackStatement = z.output<typeof statement>;

/** SHA-256 (hex) over a line for each file, `digest  path`, in the order of the paths' code points: what `sha256sum` would list. */
export function digestOfFiles(files: readonly { readonly path: string; readonly digest: string }[]): string {
  const lines = files
    .toSorted((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0))
    .map(({ path, digest }) => `${digest}  ${path}\n`);
  return sha256Hex(lines.join(''));
}

export function signPack(
  content: Omit<PackStatement, 'format' | 'signer'>,
  key: VerifierKey,
  sign: (message: Uint8Array) => Uint8Array,
): string {
  const payload = canonicalize({ format: 'gatehouse-rule-pack/1', ...content, signer: key.text });
  return JSON.stringify(createEnvelope(payloadType, new TextEncoder().encode(payload), key.text, sign));
}

/**
 * Reads and checks a pack's envelope.
 * @param own the console's key, where there is one. @param expected the key that the caller says it must be of.
 * @throws FormatError when it is malformed, or not signed by the key that it must be of.
 */
export function openPack(
  text: string,
  own: VerifierKey | undefined,
  expected: string | undefined,
): { readonly statement: PackStatement; readonly signature: RulePack['signature']; readonly signer: string } {
  const envelope = parseEnvelope(parseStrictJson(text));
  if (envelope.payloadType !== payloadType)
    throw new FormatError(`the envelope holds ${envelope.payloadType}, not a rule pack`, 0);
  const parsed = statement.safeParse(
    parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(envelope.payload)),
  );
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new FormatError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not a rule pack'}`, 0);
  }
  const claimed = parseVerifierKey(nodePrimitives, parsed.data.signer);
  const wanted = expected === undefined ? claimed : parseVerifierKey(nodePrimitives, expected);
  if (verifyEnvelope(nodePrimitives, envelope, [wanted.publicKey]).length === 0) {
    throw new FormatError(
      expected === undefined
        ? 'the signature does not fit what it signs: the pack was changed after it was signed'
        : `the pack is not signed by ${expected}`,
      0,
    );
  }
  const signature = wanted.text === own?.text ? 'own' : expected === undefined ? 'unknown' : 'known';
  return { statement: parsed.data, signature, signer: wanted.text };
}
