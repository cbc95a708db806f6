// The verdict on a receipt: is it what its signer wrote, is that signer known, and is it about the file at hand. It repeats what was found
// then and finds nothing anew: whoever has the bundle verifies the bundle.

import { verifyEnvelope } from './dsse.ts';
import { FormatError } from './format-error.ts';
import type { Primitives } from './primitives.ts';
import { type ReadReceipt, type Receipt, readReceipt } from './receipt.ts';
import { parseVerifierKey, type VerifierKey } from './signed-note.ts';
import { type CheckState, printable, readableTime, type VerdictWord } from './verdict.ts';

export type ReceiptCheck = { readonly title: string; readonly state: CheckState; readonly detail: string };
export type ReceiptVerdict = {
  readonly verdict: VerdictWord;
  readonly summary: string;
  readonly checks: readonly ReceiptCheck[];
  readonly not_proven: readonly string[];
  /** Only where it could be read; to be believed only as far as the verdict goes. */
  readonly receipt?: Receipt;
};

/**
 * @param sha256 of the file that the receipt should be about, in hex.
 * Never throws for anything in the receipt or the keys.
 */
export function verifyReceipt(
  primitives: Primitives,
  bytes: Uint8Array,
  trustedKeys: readonly string[],
  sha256?: string,
): ReceiptVerdict {
  let read: ReadReceipt;
  try {
    read = readReceipt(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return unread(error.reason);
  }
  const { receipt, signer } = read;
  const signature = checkSignature(primitives, read);
  const known = checkSigner(primitives, signer, trustedKeys);
  const about = sha256 === undefined ? [] : [checkFile(receipt, sha256)];
  const checks = [signature, known, ...about];
  const failed = checks.find(({ state }) => state === 'failed');
  const verdict: VerdictWord =
    failed !== undefined
      ? 'NOT VERIFIED'
      : signer === null
        ? 'CANNOT CHECK'
        : known.state === 'proven'
          ? 'VERIFIED'
          : 'VERIFIED WITH LIMITS';
  return {
    verdict,
    summary: failed === undefined ? summaryOf(receipt, verdict) : `This receipt is not genuine: ${failed.detail}.`,
    checks,
    not_proven: [
      'That the file is still what it was: compare its SHA-256, or verify it again.',
      'That whoever checked it held it against the right key.',
      ...(signer === null
        ? ['That anybody checked anything: nobody signed this receipt.']
        : ['That the verifier of the person named was not altered: the console signed what its window reported.']),
    ],
    receipt,
  };
}

function summaryOf({ file, verdict: word, checked_at, checked_by }: Receipt, verdict: VerdictWord): string {
  const said = `that ${printable(file.name)} was ${word} on ${readableTime(checked_at)}, checked by ${printable(checked_by.program)}`;
  if (verdict === 'CANNOT CHECK')
    return `Nobody signed this receipt. It says ${said}; anybody could have written that.`;
  const who = checked_by.person === null ? '' : `${printable(checked_by.person.name)} `;
  const where = checked_by.console === null ? '' : `at ${printable(checked_by.console)} `;
  return `This receipt is what was signed. ${who}${where}stated ${said}.`;
}

function checkSignature(primitives: Primitives, { envelope, signer }: ReadReceipt): ReceiptCheck {
  const title = 'Signature of the receipt';
  if (signer === null) return { title, state: 'not_checkable', detail: 'nobody signed it' };
  const key = keyOf(primitives, signer);
  const isSigned =
    key !== undefined &&
    envelope.signatures[0]?.keyid === key.id &&
    verifyEnvelope(primitives, envelope, [key.publicKey]).length > 0;
  return isSigned
    ? { title, state: 'proven', detail: 'Ed25519 over the canonical statement, valid' }
    : { title, state: 'failed', detail: 'the signature does not belong to this statement and key' };
}

function checkSigner(primitives: Primitives, signer: string | null, trustedKeys: readonly string[]): ReceiptCheck {
  const title = 'Signer known';
  if (signer === null) return { title, state: 'not_checkable', detail: 'there is none' };
  const key = keyOf(primitives, signer);
  const id = key?.id ?? 'that cannot be read';
  if (trustedKeys.length === 0) {
    return { title, state: 'limited', detail: `first seen, key ${id} is not pinned: compare it before relying on it` };
  }
  return key !== undefined && trustedKeys.some((trusted) => keyOf(primitives, trusted)?.text === key.text)
    ? { title, state: 'proven', detail: `pinned, key ${id}` }
    : { title, state: 'failed', detail: `signed by key ${id}, not by a key that you trust` };
}

function checkFile({ file }: Receipt, sha256: string): ReceiptCheck {
  const title = 'The file at hand';
  return file.sha256 === sha256
    ? { title, state: 'proven', detail: `it is the one that was checked, SHA-256 ${sha256}` }
    : { title, state: 'failed', detail: `the receipt is about another file, SHA-256 ${file.sha256}` };
}

function unread(reason: string): ReceiptVerdict {
  return {
    verdict: 'NOT VERIFIED',
    summary: `This receipt is not genuine: it is damaged or none: ${printable(reason)}.`,
    checks: [{ title: 'File readable', state: 'failed', detail: printable(reason) }],
    not_proven: ['Anything: what the file says has been changed, or it was never a receipt.'],
  };
}

function keyOf(primitives: Primitives, text: string): VerifierKey | undefined {
  try {
    return parseVerifierKey(primitives, text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}
