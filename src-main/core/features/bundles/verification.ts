// What the console adds to a verification that happens elsewhere: its signature on a receipt, and the keys that were pinned here. It does
// not see the file: what it signs is who said what about which digest, and when.
import type { bundleVerificationOperations } from '../../../../src-shared/contract/bundle-verification.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { FormatError } from '../../../../src-shared/evidence/format-error.ts';
import { formatReceipt } from '../../../../src-shared/evidence/receipt.ts';
import { parseVerifierKey } from '../../../../src-shared/evidence/signed-note.ts';
import { nodePrimitives } from '../../../base/evidence-primitives.ts';
import { uuidV7 } from '../../../base/ids.ts';
import { instant } from '../../../base/instants.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import { actorOf } from '../../dispatch/principal.ts';
import type { Host } from '../../ports.ts';
import type { Signer } from '../audit/index.ts';
import { findPin, findPinOf, findPins, keepPin, type PinRow, removePin } from './pins-table.ts';

export type VerificationParts = {
  readonly host: Host;
  readonly signer: () => Signer;
  readonly consoleName: () => string;
};

const mostPins = 200;

export function verificationHandlers(parts: VerificationParts): Handlers<typeof bundleVerificationOperations> {
  return {
    'bundles.receipt'(_tx, call, { program, ...checked }) {
      const { verifierKey, sign } = parts.signer();
      const { id, kind, name } = actorOf(call.principal);
      const bytes = formatReceipt(
        {
          ...checked,
          checked_at: instant(call.now),
          checked_by: { console: parts.consoleName(), person: { id: id ?? '', kind, name }, program },
          format_version: 1,
        },
        { key: verifierKey, sign },
      );
      const { file, verdict, bundle } = checked;
      call.entry.resource = { type: 'receipt', id: file.sha256 };
      call.entry.details = {
        file: file.name,
        sha256: file.sha256,
        verdict,
        signer: bundle?.signer ?? null,
        origin: bundle?.origin ?? null,
        program,
      };
      return { receipt: Buffer.from(bytes).toString('utf8') };
    },

    'bundles.pins': (tx) => ({ items: findPins(tx).map(wirePin) }),

    'bundles.pin'(tx, call, { verifier_key, note = '' }) {
      const key = spellingOf(verifier_key);
      const before = findPinOf(tx, key);
      if (before === undefined && findPins(tx).length >= mostPins) {
        throw new ProblemError('request/invalid', `there are ${mostPins} pinned keys already; take one away first`);
      }
      const row: PinRow = {
        id: before?.id ?? uuidV7(call.now, parts.host.random.bytes(10)),
        verifier_key: key,
        note,
        pinned_by: actorOf(call.principal).name,
        pinned_at: call.now,
      };
      keepPin(tx, row);
      call.entry.resource = { type: 'signer', id: row.id };
      call.entry.details = { verifier_key: key, note, pinned: true };
      return wirePin(row);
    },

    'bundles.unpin'(tx, call, { id }) {
      const row = findPin(tx, id);
      if (row === undefined) throw new ProblemError('bundles/not-found', 'this key is not pinned (any more)');
      removePin(tx, id);
      call.entry.resource = { type: 'signer', id };
      call.entry.details = { verifier_key: row.verifier_key, note: row.note, pinned: false };
      return { ok: true };
    },
  };
}

/** A key has one spelling, so it is pinned once. */
function spellingOf(text: string): string {
  try {
    return parseVerifierKey(nodePrimitives, text.trim()).text;
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new ProblemError('request/invalid', `verifier_key: expected the line name+hex+base64: ${cause.reason}`, {
      cause,
    });
  }
}

function wirePin({ pinned_at, ...row }: PinRow) {
  return { ...row, pinned_at: instant(pinned_at) };
}
