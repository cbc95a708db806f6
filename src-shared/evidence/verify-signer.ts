// Verification steps about who signed: is the manifest's signature good, and is its key one that the caller pinned.

import type { BundleParts } from './bundle-reader.ts';
import { verifyEnvelope } from './dsse.ts';
import { FormatError } from './format-error.ts';
import { followRotations } from './key-history.ts';
import { MANIFEST_TYPE } from './manifest.ts';
import type { Primitives } from './primitives.ts';
import { parseVerifierKey, type VerifierKey } from './signed-note.ts';
import { type Check, counted, type Findings, printable } from './verdict.ts';

/**
 * Step "Manifest signature": the envelope is signed by the key that the file names, and the name is the log's. `key` is that key if
 * its signature is good, which says nothing yet about whose key it is.
 */
export function checkManifestSignature(
  primitives: Primitives,
  parts: BundleParts,
  trusted: readonly VerifierKey[],
  findings: Findings,
): { key: VerifierKey | undefined; check: Check } {
  const { envelope, manifest } = parts;
  const named = namedSigner(primitives, parts.signer, findings);
  if (envelope.payloadType !== MANIFEST_TYPE) {
    const found = printable(envelope.payloadType);
    findings.add('manifest-type', 'dsse.payloadType', `the signed content is of type ${found}, not a bundle manifest`);
  }
  const isSigned = named !== undefined && verifyEnvelope(primitives, envelope, [named.publicKey]).length > 0;
  if (!isSigned) {
    const others = trusted.map((key) => key.publicKey);
    if (verifyEnvelope(primitives, envelope, others).length > 0) {
      findings.add(
        'signer-field',
        'signer',
        'a key that you trust has signed the manifest, but the file names another',
      );
    } else {
      const detail = 'the signature does not belong to this manifest and key: one of them was changed';
      findings.add('manifest-signature', 'dsse.signatures[0]', detail);
    }
  }
  if (named !== undefined && envelope.signatures[0]?.keyid !== named.id) {
    findings.add('signer-field', 'dsse.signatures[0].keyid', `the key id is not that of the signer, ${named.id}`);
  }
  if (named !== undefined && manifest !== undefined && named.name !== manifest.origin) {
    const detail = `the signer is called ${printable(named.name)}, the log ${printable(manifest.origin)}`;
    findings.add('signer-field', 'signer', detail);
  }
  return {
    key: isSigned ? named : undefined,
    check: findings.check('manifest_signature', 'proven', 'Ed25519 over the canonical manifest, valid'),
  };
}

/** Step "Signer known": the key is pinned by the caller, or a chain of rotations leads from a pinned key to it. */
export function checkSignerKnown(
  primitives: Primitives,
  parts: BundleParts,
  trusted: readonly VerifierKey[],
  key: VerifierKey | undefined,
  findings: Findings,
): { known: readonly VerifierKey[]; check: Check } {
  // Read whoever is pinned: a history that can't be followed is no history.
  const learnt = learntKeys(primitives, parts, trusted, findings);
  if (key === undefined) {
    const check = findings.check(
      'signer_known',
      'not_checkable',
      'there is no good signature whose key could be known',
    );
    return { known: trusted, check };
  }
  if (trusted.length === 0) {
    const detail = `first seen, key ${key.id} is not pinned: compare it with the sender before relying on it`;
    return { known: [], check: findings.check('signer_known', 'limited', detail) };
  }
  if (trusted.some((pinned) => pinned.text === key.text)) {
    return { known: trusted, check: findings.check('signer_known', 'proven', `pinned, key ${key.id}`) };
  }
  if (!learnt.some((next) => next.text === key.text)) {
    const pinned = trusted.map((one) => `${printable(one.name)} ${one.id}`).join(', ');
    const detail = `signed by key ${key.id} of ${printable(key.name)}, not by the key you trust (${pinned})`;
    findings.add('signer-unknown', 'signer', detail);
  }
  const rotations = counted(learnt.length, 'rotation', 'rotations');
  return {
    known: [...trusted, ...learnt],
    check: findings.check('signer_known', 'proven', `key ${key.id}, reached from a pinned key by ${rotations}`),
  };
}

function namedSigner(primitives: Primitives, text: string, findings: Findings): VerifierKey | undefined {
  try {
    return parseVerifierKey(primitives, text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    findings.add('signer-field', 'signer', `the signer's key is not readable: ${error.reason}`);
    return undefined;
  }
}

function learntKeys(
  primitives: Primitives,
  parts: BundleParts,
  trusted: readonly VerifierKey[],
  findings: Findings,
): VerifierKey[] {
  try {
    return followRotations(primitives, trusted, parts.manifest?.key_history ?? []);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    findings.add('key-history', 'manifest.key_history', `a key rotation is not readable: ${error.reason}`);
    return [];
  }
}
