// `gatehouse rules exceptions`, `except`, `extend`, `transfer` and `end`: what rules do not alert on, why, and until when.
import type { RuleException } from '../../../src-shared/contract/rules.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { ruleOf, writeWhatIf } from './look-back.ts';
import { printable, printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type ExceptFlags = TargetFlags & {
  readonly if: Readonly<Record<string, string>>;
  readonly reason?: string;
  readonly preview?: boolean;
  readonly json?: boolean;
} & EndFlags;
type EndFlags = { readonly days: number; readonly never?: boolean };
export type ExtendFlags = TargetFlags & EndFlags & { readonly reason?: string };

const dayMs = 86_400_000;

export async function listExceptions(flags: TargetFlags & { readonly json?: boolean }): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { items } = await client.call('exceptions.list', {});
  if (flags.json === true) {
    for (const one of items) process.stdout.write(`${JSON.stringify(one)}\n`);
    return;
  }
  printTable(
    ['EXCEPTION', 'RULE', 'ENDS', 'KEPT AWAY', 'SAVED ALERTS', 'OWNER', 'EVENTS', 'REASON'],
    items.map((one) => [
      one.id,
      one.rule ?? 'all',
      one.expires_at === null ? 'never' : one.expired ? `${one.expires_at} (ended)` : one.expires_at,
      String(one.hits),
      String(one.alerts),
      one.owner,
      conditionWords(one),
      one.reason,
    ]),
  );
}

/** @returns 1 when a preview says that a true positive would have been hidden. */
export async function except(rule: string, flags: ExceptFlags): Promise<number> {
  const { reason, preview = false } = flags;
  if (reason === undefined && !preview)
    throw new CommandFailure('say why events are kept off the rule', {
      hint: '--reason TEXT; or --preview, which makes no exception',
    });
  using client = createClient(findTarget(flags, process.env));
  const target = rule === 'all' ? null : await ruleOf(client, rule);
  const conditions = Object.entries(flags.if).map(([field, value]) => ({ field, value }));
  if (reason === undefined || preview) return await writeWhatIf(client, { rule: target, exception: conditions }, flags);
  const made = await client.call('exceptions.create', { rule: target, conditions, reason, expires_at: endOf(flags) });
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(made)}\n`
      : `${made.id}  ends ${made.expires_at ?? 'never'}  ${printable(conditionWords(made))}\n`,
  );
  return 0;
}

export async function extend(id: string, flags: ExtendFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const reason = flags.reason === undefined ? {} : { reason: flags.reason };
  const made = await client.call('exceptions.extend', { id, expires_at: endOf(flags), ...reason });
  process.stdout.write(`${made.id}  ends ${made.expires_at ?? 'never'}\n`);
}

export async function transfer(id: string, owner: string, flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await client.call('exceptions.transfer', { id, owner });
}

export async function end(id: string, flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await client.call('exceptions.delete', { id });
}

function endOf({ days, never }: EndFlags): string | null {
  return never === true ? null : new Date(Date.now() + days * dayMs).toISOString();
}

function conditionWords({ conditions }: RuleException): string {
  return conditions.map(({ field, value }) => `${field} = ${value}`).join(' and ');
}
