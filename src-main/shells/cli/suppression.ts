// `gatehouse rules suppress`: after an alert of a group, for how long others of it are not raised. `gatehouse alerts suppressed`: which
// an alert kept quiet.
import type { RuleSuppression } from '../../../src-shared/contract/rules.ts';
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { ruleOf, writeWhatIf } from './look-back.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type SuppressFlags = TargetFlags & {
  readonly by?: readonly string[];
  readonly for: number;
  readonly missing: 'null' | 'raise';
  readonly off?: boolean;
  readonly preview?: boolean;
  readonly json?: boolean;
};

/** @returns 1 when a preview says that a true positive would have been hidden. */
export async function suppress(rule: string, flags: SuppressFlags): Promise<number> {
  const { by, off = false, preview = false } = flags;
  if (by !== undefined && off)
    throw new CommandFailure('--by and --off contradict each other', { hint: 'give one of them' });
  using client = createClient(findTarget(flags, process.env));
  const id = await ruleOf(client, rule);
  if (by === undefined && !off) {
    const { suppression } = await client.call('rules.get', { id });
    write(suppression, flags);
    return 0;
  }
  const suppression: RuleSuppression | null =
    by === undefined
      ? null
      : { fields: [...by], minutes: flags.for, missing: flags.missing === 'null' ? 'as_null' : 'not_suppressed' };
  if (preview) return await writeWhatIf(client, { rule: id, suppression }, flags);
  const changed = await client.call('rules.update', { id, suppression });
  write(changed.suppression, flags);
  return 0;
}

function write(suppression: RuleSuppression | null, { json }: SuppressFlags): void {
  process.stdout.write(`${json === true ? JSON.stringify(suppression) : words(suppression)}\n`);
}

function words(suppression: RuleSuppression | null): string {
  if (suppression === null) return 'not suppressed: every alert is raised';
  const { fields, minutes, missing } = suppression;
  const without = missing === 'as_null' ? 'a group of their own' : 'always raised';
  return printable(
    `one alert in ${minutes} minutes of the same ${fields.join(' and ')}; those without ${fields.length === 1 ? 'it' : 'one of them'}: ${without}`,
  );
}

export async function listSuppressed(alert: string, flags: TargetFlags & { readonly json?: boolean }): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  for (let cursor: string | undefined; ; ) {
    const page = await client.call('alerts.suppressed', { id: alert, ...(cursor === undefined ? {} : { cursor }) });
    for (const one of page.items) {
      const line =
        flags.json === true
          ? JSON.stringify(one)
          : printable(`${one.last_seen_at}  ${one.severity}  ${one.title}  x ${one.events_total}`);
      process.stdout.write(`${line}\n`);
    }
    if (page.next_cursor === null) return;
    cursor = page.next_cursor;
  }
}
