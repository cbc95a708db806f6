// The counts and windows of the built-in indicators at their edges: one too few and just enough, just within the window and just past
// it, and one party under several spellings, which must count as one, or strangers who must not.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { evaluate } from '../../../src-main/engine/evaluate.ts';
import type { Event } from '../../../src-main/engine/event.ts';
import { createMemoryWindowState } from '../../../src-main/engine/memory-window-state.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';

const folder = new URL('../../../resources/rules/', import.meta.url);
const { ruleSet } = compileRules(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') })),
  {},
);
const start = Date.UTC(2026, 10, 18, 10);
const minute = 60_000;

type Fields = Partial<Omit<Event, 'id' | 'timeMs'>>;

/** `count` events, spread evenly so that the last comes `spanMs` after the first. */
function spread(count: number, spanMs: number, of: (index: number) => Fields): Event[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${index}`,
    timeMs: start + Math.floor((spanMs * index) / Math.max(1, count - 1)),
    source: 'app-1',
    event_type: 'login',
    details: {},
    ...of(index),
  }));
}

function raises(rule: string, events: readonly Event[]): boolean {
  const known = ruleSet.rules.find(({ title }) => title === rule);
  if (known === undefined) throw new Error(`no rule is called ${rule}`);
  return evaluate(ruleSet, events, createMemoryWindowState()).some(({ ruleId }) => ruleId === known.id);
}

const failed = (actor: string, ip_address?: string): Fields => ({
  actor,
  success: false,
  ...(ip_address === undefined ? {} : { ip_address }),
});
const net = (index: number): string => `10.${index}.0.1`;
const spellings = ['bob', 'BOB', 'Bob ', '\uff42\uff4f\uff42'];
const spelled = (index: number): string => spellings[index % spellings.length] ?? '';

it.each<[string, boolean, string, Event[]]>([
  ['Failed logins of one user', true, '11 in just 5 minutes', spread(11, 5 * minute - 1, (n) => failed('bob', net(n)))],
  ['Failed logins of one user', false, '10', spread(10, minute, (n) => failed('bob', net(n)))],
  ['Failed logins of one user', false, '11 in a little more', spread(11, 5 * minute + 1, (n) => failed('bob', net(n)))],
  [
    'Failed logins of one user',
    true,
    '11 under several spellings',
    spread(11, minute, (n) => failed(spelled(n), net(n))),
  ],
  ['Failed logins of one user', false, '11 of nobody', spread(11, minute, (n) => failed('', net(n)))],
  ['Failed logins of one user', false, '11 of blanks', spread(11, minute, (n) => failed('  ', net(n)))],
  ['Failed logins from one address', true, '11 of several', spread(11, minute, (n) => failed(`u${n % 3}`, net(1)))],
  ['Failed logins from one address', false, '10', spread(10, minute, () => failed('bob', net(1)))],
  [
    'Failed logins from one address',
    true,
    '11 in one /64',
    spread(11, minute, (n) => failed(`u${n % 3}`, `2001:db8::${n + 1}`)),
  ],
  [
    'Failed logins from one address',
    false,
    '11 of eleven /64',
    spread(11, minute, (n) => failed(`u${n % 3}`, `2001:db8:0:${n + 1}::1`)),
  ],
  ['Password spraying', true, '5 users', spread(5, 10 * minute - 1, (n) => failed(`u${n}`, net(1)))],
  ['Password spraying', false, '4 users', spread(12, 10 * minute - 1, (n) => failed(`u${n % 4}`, net(1)))],
  ['Password spraying', false, '5 spellings of 4', spread(5, minute, (n) => failed(n === 4 ? 'U0 ' : `u${n}`, net(1)))],
  ['Password spraying', false, '4 users and nobody', spread(5, minute, (n) => failed(n === 4 ? '' : `u${n}`, net(1)))],
  ['Credential stuffing', true, '5 networks', spread(5, 10 * minute - 1, (n) => failed(spelled(n), net(n)))],
  ['Credential stuffing', false, '4 networks', spread(12, 10 * minute - 1, (n) => failed('bob', net(n % 4)))],
  ['Credential stuffing', false, '5 of one /64', spread(5, minute, (n) => failed('bob', `2001:db8::${n + 1}`))],
  ['Credential stuffing', false, '5 networks, nobody', spread(5, minute, (n) => failed('', net(n)))],
  [
    'Unauthorised API access',
    true,
    '5 refusals',
    spread(5, 5 * minute - 1, (n) => ({
      event_type: 'api_call',
      success: false,
      ip_address: net(1),
      details: { status: n % 2 === 0 ? 401 : 403 },
    })),
  ],
  [
    'Unauthorised API access',
    false,
    '4 refusals',
    spread(4, minute, () => ({ event_type: 'api_call', success: false, ip_address: net(1), details: { status: 401 } })),
  ],
  [
    'Data exfiltration by volume',
    true,
    'a byte too many, under two spellings',
    spread(2, 59 * minute, (n) => ({
      event_type: 'data_export',
      success: true,
      actor: spelled(n),
      bytes: n === 0 ? 50_000_001 : 50_000_000,
    })),
  ],
  [
    'Data exfiltration by volume',
    false,
    'just as much',
    spread(2, 59 * minute, () => ({ event_type: 'data_export', success: true, actor: 'bob', bytes: 50_000_000 })),
  ],
  [
    'Data exfiltration by volume',
    false,
    'of nobody',
    spread(4, 59 * minute, () => ({ event_type: 'data_export', success: true, actor: '', bytes: 50_000_000 })),
  ],
  [
    'Refused sudo',
    true,
    '3 wrong passwords',
    spread(1, 0, () => ({
      event_type: 'shell_command',
      actor: 'bob',
      success: false,
      action: 'sudo_wrong_password',
      details: { attempts: 3 },
    })),
  ],
  [
    'Refused sudo',
    false,
    '2 wrong passwords',
    spread(1, 0, () => ({
      event_type: 'shell_command',
      actor: 'bob',
      success: false,
      action: 'sudo_wrong_password',
      details: { attempts: 2 },
    })),
  ],
  [
    'Privileges given to oneself',
    true,
    'under another spelling',
    spread(1, 0, () => ({
      event_type: 'role_change',
      actor: 'BOB ',
      success: true,
      resource_id: 'admin',
      details: { target: 'bob' },
    })),
  ],
  [
    'Privileges given to oneself',
    false,
    'to another',
    spread(1, 0, () => ({
      event_type: 'role_change',
      actor: 'bob',
      success: true,
      resource_id: 'admin',
      details: { target: 'bobby' },
    })),
  ],
  [
    'Privileges given to oneself',
    false,
    'by nobody to nobody',
    spread(1, 0, () => ({
      event_type: 'role_change',
      actor: '',
      success: true,
      resource_id: 'admin',
      details: { target: '' },
    })),
  ],
  [
    'Denied, then granted',
    true,
    'under several spellings',
    [
      ...spread(1, 0, () => ({ event_type: 'api_call', actor: 'Tomas', success: false, details: { status: 403 } })),
      ...spread(1, 0, () => ({
        event_type: 'role_change',
        actor: 'mira',
        success: true,
        resource_id: 'ops',
        details: { target: 'TOMAS ' },
      })).map((event) => ({ ...event, id: 'b', timeMs: start + minute })),
      ...spread(1, 0, () => ({ event_type: 'data_access', actor: 'tomas', success: true })).map((event) => ({
        ...event,
        id: 'c',
        timeMs: start + 2 * minute,
      })),
    ],
  ],
])('%s: %s, %s', (rule, expected, _, events) => {
  expect(raises(rule, events)).toBe(expected);
});
