// `gatehouse rules exceptions`, `except`, `extend` and `end`: what rules do not alert on, why, and until when.
import type { RuleException } from '../../../src-shared/contract/rules.ts';
import { createClient } from './client.ts';
import { ruleOf } from './look-back.ts';
import { printable, printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type ExceptFlags = TargetFlags & {
  readonly if: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly days: number;
};
export type ExtendFlags = TargetFlags & { readonly days: number; readonly reason?: string };

const dayMs = 86_400_000;

export async function listExceptions(flags: TargetFlags & { readonly json?: boolean }): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { items } = await client.call('exceptions.list', {});
  if (flags.json === true) {
    for (const one of items) process.stdout.write(`${JSON.stringify(one)}\n`);
    return;
  }
  printTable(
    ['EXCEPTION', 'RULE', 'ENDS', 'KEPT AWAY', 'OWNER', 'EVENTS', 'REASON'],
    items.map((one) => [
      one.id,
      one.rule ?? 'all',
      one.expired ? `${one.expires_at} (ended)` : one.expires_at,
      String(one.hits),
      one.owner,
      conditionWords(one),
      one.reason,
    ]),
  );
}

export async function except(rule: string, flags: ExceptFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const made = await client.call('exceptions.create', {
    rule: rule === 'all' ? null : await ruleOf(client, rule),
    conditions: Object.entries(flags.if).map(([field, value]) => ({ field, value })),
    reason: flags.reason,
    expires_at: inDays(flags.days),
  });
  process.stdout.write(`${made.id}  ends ${made.expires_at}  ${printable(conditionWords(made))}\n`);
}

export async function extend(id: string, flags: ExtendFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const reason = flags.reason === undefined ? {} : { reason: flags.reason };
  const made = await client.call('exceptions.extend', { id, expires_at: inDays(flags.days), ...reason });
  process.stdout.write(`${made.id}  ends ${made.expires_at}\n`);
}

export async function end(id: string, flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await client.call('exceptions.delete', { id });
}

function inDays(days: number): string {
  return new Date(Date.now() + days * dayMs).toISOString();
}

function conditionWords({ conditions }: RuleException): string {
  return conditions.map(({ field, value }) => `${field} = ${value}`).join(' and ');
}
