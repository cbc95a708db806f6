// The name constraints extension (RFC 5280 section 4.2.1.10), which no library at hand writes: the names an authority may certify.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { concatBytes, utf8 } from '../../base/bytes.ts';

const sequence = 0x30;
/** permittedSubtrees [0] of the extension. */
const permittedSubtrees = 0xa0;
const dnsName = 0x82;
const ipAddress = 0x87;

/**
 * DER of NameConstraints that permits the given host names (with what is below them) and addresses, and no others of these two
 * kinds. 127.0.0.1 stands for all of 127.0.0.0/8.
 */
export function nameConstraints(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const subtrees = names.map((name) => der(sequence, isIP(name) === 0 ? der(dnsName, utf8(name)) : addressRange(name)));
  return der(sequence, der(permittedSubtrees, ...subtrees));
}

/** Address and mask, each in network order. */
function addressRange(name: string): Uint8Array {
  const address = new Uint8Array(ipaddr.parse(name).toByteArray());
  if (name === '127.0.0.1') return der(ipAddress, new Uint8Array([127, 0, 0, 0, 255, 0, 0, 0]));
  return der(ipAddress, address, new Uint8Array(address.length).fill(0xff));
}

function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concatBytes(...contents);
  const { byteLength } = content;
  // Definite length, in the shortest form (X.690 section 10.1).
  const length =
    byteLength < 0x80
      ? [byteLength]
      : byteLength < 0x100
        ? [0x81, byteLength]
        : [0x82, byteLength >> 8, byteLength & 0xff];
  const joined = new Uint8Array(1 + length.length + byteLength);
  joined.set([tag, ...length]);
  joined.set(content, 1 + length.length);
  return joined;
}
