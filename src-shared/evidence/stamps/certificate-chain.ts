// Certificates of time-stamp authorities: what one must say about itself, and the way from it to a CA that is trusted.
import { equalBytes } from '../bytes.ts';
import { type Certificate, isSignedBy } from './certificate.ts';
import { children, DerMembers, derTag, readDer, readInteger, readOid } from './der.ts';
import type { StampPrimitives } from './stamp-primitives.ts';

const timeStamping = '1.3.6.1.5.5.7.3.8';
const extendedKeyUsage = '2.5.29.37';
const basicConstraints = '2.5.29.19';
const keyUsage = '2.5.29.15';
const mostSteps = 8;

/** RFC 3161 section 2.3: its key is for time stamps and nothing else, and says so critically. @returns what is wrong */
export function timeStampingFault(certificate: Certificate): string | undefined {
  const usage = certificate.extensions.get(extendedKeyUsage);
  const purposes = usage === undefined ? [] : children(readDer(usage.value)).map(readOid);
  if (purposes.length === 1 && purposes[0] === timeStamping && usage?.critical === true) return undefined;
  return 'the certificate of its signer is not one for time stamps alone';
}

/**
 * From `leaf` over `others` to one of `trusted`, each valid at `at` and signed by the next. undefined when there is no such way.
 * A trusted certificate ends the way, also where it is the leaf itself.
 */
export function certificateChain(
  primitives: StampPrimitives,
  leaf: Certificate,
  others: readonly Certificate[],
  trusted: readonly Certificate[],
  at: number,
): Certificate[] | undefined {
  if (!isValidAt(leaf, at)) return undefined;
  if (trusted.some((known) => equalBytes(known.raw, leaf.raw))) return [leaf];
  // Breadth first, each certificate once: certificates that all sign each other must not cost more than their number squared.
  const left = new Set(others);
  let level: Certificate[][] = [[leaf]];
  for (let step = 0; step < mostSteps && level.length > 0; step++) {
    const next: Certificate[][] = [];
    for (const chain of level) {
      const top = chain.at(-1) ?? leaf;
      const end = trusted.find((issuer) => issued(issuer, top, step));
      if (end !== undefined) return [...chain, end];
      for (const issuer of left) {
        if (!issued(issuer, top, step)) continue;
        left.delete(issuer);
        next.push([...chain, issuer]);
      }
    }
    level = next;
  }
  return undefined;

  function issued(issuer: Certificate, subject: Certificate, authoritiesBelow: number): boolean {
    return (
      isValidAt(issuer, at) &&
      equalBytes(subject.issuer, issuer.subject) &&
      mayIssue(issuer, authoritiesBelow) &&
      isSignedBy(primitives, subject, issuer)
    );
  }
}

function isValidAt({ validFrom, validTo }: Certificate, at: number): boolean {
  return validFrom <= at && at <= validTo;
}

/** A CA, for certificates, with room for so many CAs below it (RFC 5280 sections 4.2.1.3 and 4.2.1.9). */
function mayIssue({ extensions }: Certificate, authoritiesBelow: number): boolean {
  const constraints = extensions.get(basicConstraints);
  if (constraints === undefined) return false;
  const members = new DerMembers(readDer(constraints.value), derTag.sequence, 'the basic constraints');
  if (members.optional(derTag.boolean)?.content[0] !== 0xff) return false;
  const length = members.optional(derTag.integer);
  if (length !== undefined && readInteger(length) < BigInt(authoritiesBelow)) return false;
  const usage = extensions.get(keyUsage);
  if (usage === undefined) return true;
  const bits = readDer(usage.value);
  // The first octet counts unused bits; keyCertSign is bit 5.
  return bits.tag === derTag.bitString && ((bits.content[1] ?? 0) & 0x04) !== 0;
}
