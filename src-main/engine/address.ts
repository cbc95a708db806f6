// IP addresses as one spelling each, so that rules group what belongs together.
import { plainAddress } from '../base/addresses.ts';

const ipv4 = /^(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/**
 * The canonical text of an address (RFC 5952; IPv4 in IPv6 as IPv4; brackets, zone and a port after IPv4 removed), or undefined
 * when `text` isn't one, such as a host name or `-`.
 */
export function canonicalAddress(text: string): string | undefined {
  if (ipv4.test(text)) return text;
  if (text.length > 80 || text.length < 2) return undefined;
  let bare = text;
  const bracket = /^\[([^\]]+)\](?::\d+)?$/.exec(text);
  if (bracket?.[1] !== undefined) bare = bracket[1];
  const port = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(bare);
  if (port?.[1] !== undefined) bare = port[1];
  if (ipv4.test(bare)) return bare;
  return plainAddress(bare);
}
