// Who is one and the same to an indicator that counts per user or per address, however names are spelled and addresses chosen. Rules
// group by these; what is shown is what the events say.
import { originKey } from '../../base/addresses.ts';

const plainName = /^[a-z0-9._@\\-]+$/;

/** A user's name as accounts compare it: directories and most services know neither case nor blanks around it. */
export function userKey(name: string): string {
  return plainName.test(name) ? name : name.normalize('NFKC').trim().toLowerCase();
}

/**
 * An address, of IPv6 its /64: that is what one host or customer gets, and within it takes a new address whenever it likes (RFC 4291
 * section 2.5.1, RFC 6177, RFC 8981). What is no address stays as it is.
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  const key = originKey(address);
  return key === 'unknown' ? address : key;
}
