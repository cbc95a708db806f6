// `gatehouse retention …`: how long audit entries and events are kept, what a run would delete, legal holds.
import { createClient } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export async function showRetention(flags: TargetFlags & { readonly json?: boolean }): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const status = await client.call('retention.status', {});
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(status)}\n`);
    return;
  }
  const rows = status.categories.map(({ category, days, entries, expired, held }) =>
    [category, days, entries, expired, held].map(String),
  );
  printTable(['CATEGORY', 'DAYS', 'ENTRIES', 'EXPIRED', 'HELD'], rows);
  const { events } = status;
  process.stdout.write(
    `events: ${events.days} days, at most ${events.expired} expired, ${events.deleted} deleted so far\n`,
  );
  for (const hold of status.holds) {
    const time = `${hold.since ?? 'the beginning'} to ${hold.until ?? 'now on'}`;
    process.stdout.write(`hold ${hold.id}: ${hold.label} (${hold.category ?? 'everything'}, ${time})\n`);
  }
  const when = status.next_run_at === null ? 'automatic deletion is off' : `will delete on ${status.next_run_at}`;
  process.stdout.write(`${when}; ${status.pruned} entries were deleted so far\n`);
}

export async function runRetention(flags: TargetFlags & { readonly yes?: boolean }): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  if (flags.yes !== true) {
    const { categories, events } = await client.call('retention.status', {});
    const expired = categories.reduce((sum, one) => sum + one.expired, 0);
    const what = `the content of ${expired} audit entries and up to ${events.expired} events`;
    throw new CommandFailure(`this deletes ${what}, for good`, {
      hint: 'add --yes when the decision is taken',
      exitCode: 2,
    });
  }
  const { deleted, events_deleted } = await client.call('retention.run', {});
  process.stdout.write(`${deleted} entries and ${events_deleted} events deleted\n`);
}

export async function placeHold(
  label: string,
  flags: TargetFlags & { readonly since?: string; readonly until?: string },
): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { id } = await client.call('retention.hold', {
    label,
    ...(flags.since === undefined ? {} : { since: flags.since }),
    ...(flags.until === undefined ? {} : { until: flags.until }),
  });
  process.stdout.write(`${id}\n`);
}

export async function releaseHold(id: string, flags: TargetFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  await client.call('retention.release', { id });
}
