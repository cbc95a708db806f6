// Signed events (spec 04): who must sign, whose signature counts, and how old a signed event may be. One bad signature refuses the whole
// request before anything of it is stored. What is signed, and how, is base/event-signature.ts.
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { isSignedWith } from '../../../base/event-signature.ts';
import type { Principal } from '../../dispatch/principal.ts';
import type { Timers } from '../../ports.ts';

/** What was sent, without its signature; `signedBy` is the key whose signature over it was verified. */
export type CheckedEvent = { readonly event: unknown; readonly signedBy?: string };

export type SignatureSettings = { readonly maxAgeMs: number; readonly maxAheadMs: number };

/** Events verified before other work of the process gets its turn (spec 03: 50 ms); each may have 1 MiB. */
const verifiedAtOnce = 8;

/**
 * Takes the signatures off the events, verified.
 * @param sent as parsed: what was signed is exactly this, before defaults, normalising or renaming.
 * @param findSecret of an API key; zeroed here.
 * @throws ProblemError events/signature naming the first event that is signed wrongly, or not though it must be.
 */
export async function checkSignatures(
  sent: readonly unknown[],
  principal: Principal,
  findSecret: (keyId: string) => Uint8Array | undefined,
  timers: Pick<Timers, 'breathe'>,
): Promise<CheckedEvent[]> {
  const key = principal.kind === 'key' ? principal : undefined;
  const signing = key?.eventSigning ?? 'none';
  if (signing === 'none' && !sent.some(isSigned)) return sent.map((event) => ({ event }));
  const secret = key === undefined || signing === 'none' ? undefined : findSecret(key.keyId);
  const checked: CheckedEvent[] = [];
  try {
    for (const [index, value] of sent.entries()) {
      if (index > 0 && index % verifiedAtOnce === 0) await timers.breathe();
      checked.push(checkOne(value, index));
    }
    return checked;
  } finally {
    secret?.fill(0);
  }

  function checkOne(value: unknown, index: number): CheckedEvent {
    // What is no object is no event, and becomes none: it is rejected by itself.
    if (!isObject(value)) return { event: value };
    if (!isSigned(value)) {
      if (signing !== 'required') return { event: value };
      throw bad(index, 'is not signed, and this API key accepts signed events only');
    }
    if (key === undefined) throw bad(index, 'is signed, but signatures are those of API keys; send it with one');
    if (secret === undefined) throw bad(index, 'is signed, but this API key has no secret to sign with; leave it out');
    const { signature, ...event } = value;
    if (isSignedWith(secret, event, signature)) return { event, signedBy: key.keyId };
    throw bad(
      index,
      'does not bear the signature of this API key: expected {alg: "HMAC-SHA256", canon: "v2", value} over its RFC 8785 form',
    );
  }
}

/** Log files bear no signatures: a key that must sign can't go round that by importing. @throws ProblemError events/signature */
export function requireUnsignedAllowed(principal: Principal): void {
  if (principal.kind === 'key' && principal.eventSigning === 'required') {
    throw new ProblemError('events/signature', 'this API key accepts signed events only; import files with another');
  }
}

/** Why a signed event of this time is not taken any more, or not yet; undefined when it is. */
export function refuseTime(timeMs: number, now: number, settings: SignatureSettings): string | undefined {
  if (timeMs < now - settings.maxAgeMs) {
    return `time: a signed event may be at most ${settings.maxAgeMs / 3_600_000} hours old`;
  }
  if (timeMs > now + settings.maxAheadMs) {
    return `time: a signed event may be at most ${settings.maxAheadMs / 60_000} minutes ahead of the console's clock`;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSigned(value: unknown): boolean {
  return isObject(value) && Object.hasOwn(value, 'signature');
}

function bad(index: number, what: string): ProblemError {
  const fields = [{ path: `events.${index}.signature`, message: what }];
  return new ProblemError('events/signature', `event ${index} ${what}; nothing of this request was stored`, { fields });
}
