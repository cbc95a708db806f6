// What a rule's `logsource` means on our events: an expression that an event must fulfil besides the rule's own condition.
// A log source without a mapping is refused, because a rule that sees the wrong events is worse than one that is listed as refused.
import { all, any } from './detection.ts';
import { type Expression, type Operator, RuleError } from './rule.ts';

const channels: Readonly<Record<string, string>> = {
  security: 'Security',
  system: 'System',
  application: 'Application',
  sysmon: 'Microsoft-Windows-Sysmon/Operational',
  powershell: 'Microsoft-Windows-PowerShell/Operational',
};
const programs: Readonly<Record<string, readonly string[]>> = {
  sshd: ['sshd', 'sshd-session', 'sshd-auth'],
  sudo: ['sudo'],
  cron: ['cron', 'crond'],
};

/** The restriction, or undefined when every event may be looked at. */
export function logSourceExpression(place: string, source: Record<string, unknown>): Expression | undefined {
  const { product, category, service } = source;
  for (const [name, value] of Object.entries({ product, category, service })) {
    if (value !== undefined && value !== null && typeof value !== 'string')
      throw new RuleError(`${place}: logsource.${name} is not a text`);
  }
  if (product === 'gatehouse') return undefined;
  if (product === 'windows' && !category) {
    if (!service) return test('EventID', 'exists', '');
    const channel = own(channels, service);
    if (channel !== undefined) return test('Channel', 'equals', channel.toLowerCase());
  }
  if (product === 'windows' && category === 'process_creation' && (!service || service === 'sysmon')) {
    return all([test('EventID', 'equals', '1'), test('Channel', 'equals', 'microsoft-windows-sysmon/operational')]);
  }
  if (product === 'linux' && !category) {
    if (!service || service === 'auth' || service === 'syslog') return test('app', 'exists', '');
    const apps = own(programs, service);
    if (apps !== undefined) return any(apps.map((app) => test('app', 'equals', app)));
  }
  const said = [product && `product ${product}`, category && `category ${category}`, service && `service ${service}`];
  throw new RuleError(
    `${place}: log source (${said.filter(Boolean).join(', ') || 'empty'}) has no mapping to events yet`,
  );
}

function test(field: string, operator: Operator, value: string): Expression {
  return { kind: 'predicate', predicate: { field, operator, value, cased: false } };
}

function own<T>(table: Readonly<Record<string, T>>, key: unknown): T | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}
