// Internet addresses as they count for limits: one spelling per address, and one key per customer of an IPv6 provider.
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
  if (ip === '127.0.0.1' || ip === '::1') return ip;
  const canonical = plainAddress(ip);
  if (canonical === undefined) return 'unknown';
  const address = ipaddr.parse(canonical);
  if (address instanceof ipaddr.IPv4) return canonical;
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
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
