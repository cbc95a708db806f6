// Internet addresses as they count for limits: one spelling per address, and one key per customer of an IPv6 provider.
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The address in its one canonical spelling; an IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2) is given as IPv4.
 * A zone (`fe80::1%eth0`) is dropped. undefined when `text` is no address; short IPv4 forms such as `127.1` are none.
 */
export function plainAddress(text: string): string | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !text.includes(':')) return undefined;
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv6) delete address.zoneId;
  return address.toString();
}

/**
 * The key under which an origin is limited: the address itself for IPv4, the /64 for IPv6, because whoever has one address of a
 * /64 has them all (RFC 6177). `local` without an address, `unknown` for what is none.
 */
export function originKey(ip: string | null): string {
  if (ip === null) return 'local';
  if (isIPv4(ip)) return ip;
  if (!isIPv6(ip)) return 'unknown';
  // Mapped IPv4 and ::1 lie in ::/64 and are told apart there.
  const network = upperGroups(ip);
  if (network.some((group) => group !== 0)) return `${network.map((group) => group.toString(16)).join(':')}::/64`;
  const plain = plainAddress(ip);
  if (plain === undefined) return 'unknown';
  return plain === '::1' || isIPv4(plain) ? plain : '::/64';
}

/**
 * The first four groups of a valid IPv6 address. By hand, because it's done for every request and ipaddr.js takes 30 µs for it; the
 * rare spellings are left to that.
 */
function upperGroups(ip: string): number[] {
  const gap = ip.indexOf('::');
  const left = (gap < 0 ? ip : ip.slice(0, gap)).split(':', 4);
  if (left.length === 4) return left.map((group) => Number.parseInt(group, 16));
  if (ip.includes('.') || ip.includes('%')) return ipaddr.IPv6.parse(ip).parts.slice(0, 4);
  const before = left[0] === '' ? [] : left;
  const after = ip.slice(gap + 2).split(':');
  const tail = after[0] === '' ? [] : after;
  const zeros = new Array<string>(8 - before.length - tail.length).fill('0');
  return [...before, ...zeros, ...tail].slice(0, 4).map((group) => Number.parseInt(group, 16));
}

export type AddressRange = (address: string) => boolean;

/**
 * Whether an address lies in one of the ranges, each in CIDR notation or a single address.
 * @throws Error naming the first range that can't be read.
 */
export function addressRanges(ranges: readonly string[]): AddressRange {
  const parsed = ranges.map((range) => {
    try {
      const [network, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : wholeAddress(range);
      return { network, bits };
    } catch (cause) {
      throw new Error(`expected an address or a range such as 10.0.0.0/8, got ${JSON.stringify(range)}`, { cause });
    }
  });
  return (text) => {
    const canonical = plainAddress(text);
    if (canonical === undefined) return false;
    const address = ipaddr.parse(canonical);
    return parsed.some(({ network, bits }) => address.kind() === network.kind() && address.match(network, bits));
  };
}

function wholeAddress(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const address = ipaddr.process(text);
  return [address, address instanceof ipaddr.IPv4 ? 32 : 128];
}
