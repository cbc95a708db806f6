// What of an event is compared with its principal's habits: the network, device and resource, each coarse enough that what is the same
// in kind counts as the same.
import type { Event } from '../event.ts';

export const dimensions = ['network', 'device', 'resource'] as const;
export type Dimension = (typeof dimensions)[number];
export type Traits = { readonly [D in Dimension]: string | undefined };

const longest = 80;
const observedTypes: ReadonlySet<string> = new Set([
  'login',
  'api_call',
  'data_access',
  'data_export',
  'credential_access',
  'query',
  'tool_execution',
  'shell_command',
  'role_change',
  'config_change',
]);

/** Whose habits the event tells of; undefined of what failed (anybody can fail in somebody's name) or is nobody's doing. */
export function principalsOf(event: Event): readonly string[] {
  if (event.success === false || !observedTypes.has(event.event_type)) return [];
  const found: string[] = [];
  if (event.actor !== undefined && event.actor !== '') found.push(`actor ${event.actor}`);
  const key = event.details.key_id;
  if (typeof key === 'string' && key !== '' && key.length <= 200) found.push(`key ${key}`);
  return found;
}

export function traitsOf({ ip_address, user_agent, resource_type, resource_id, event_type }: Event): Traits {
  return {
    network: ip_address === undefined ? undefined : networkOf(ip_address),
    device: user_agent === undefined || user_agent === '' ? undefined : deviceOf(user_agent),
    resource: resource_id === undefined ? undefined : resourceOf(resource_type ?? event_type, resource_id),
  };
}

/** The /24 of an IPv4 address, the /48 of an IPv6 one; addresses come in canonical form. */
export function networkOf(address: string): string | undefined {
  if (!address.includes(':')) return /^\d+\.\d+\.\d+(?=\.\d+$)/.exec(address)?.[0].concat('.0/24');
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail !== undefined) while (groups.length + after.length < 8) groups.push('0');
  const all = [...groups, ...after].slice(0, 3);
  return all.length === 3 && all.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? `${all.join(':')}::/48` : undefined;
}

/** Without its version numbers, which change every week. */
function deviceOf(userAgent: string): string {
  return userAgent
    .slice(0, 256)
    .replace(/[\d._]*\d[\d._]*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, longest);
}

/** Its first two parts, with numbers and ids as one. */
function resourceOf(type: string, id: string): string {
  const path = id.slice(0, 256).replace(/[?#].*$/s, '');
  const parts = path.split('/').filter((part) => part !== '');
  const named = parts.slice(0, 2).map((part) => (/^(?:\d+|[0-9a-f-]{16,})$/i.test(part) ? '*' : part));
  return `${type.slice(0, 20)} ${named.join('/')}`.slice(0, longest);
}
