// `gatehouse mirrors …`: the running console's mirrors.
import type { MirrorStatus } from '../../../src-shared/contract/mirrors.ts';
import { createClient } from './client.ts';
import { printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type MirrorFlags = TargetFlags & { readonly json?: boolean };

/** @returns the exit code: 1 where one of them does not take what it should */
export async function listMirrors(flags: MirrorFlags): Promise<number> {
  using client = createClient(findTarget(flags, process.env));
  const { items } = await client.call('mirrors.list', {});
  if (flags.json === true) process.stdout.write(`${JSON.stringify(items)}\n`);
  else if (items.length === 0) process.stdout.write('no mirror is set: who loses this computer loses the log\n');
  else print(items);
  return items.some(({ state }) => state === 'failing' || state === 'lagging') ? 1 : 0;
}

export async function retryMirrors(flags: MirrorFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const { failing } = await client.call('mirrors.retry', {});
  process.stdout.write(failing === 0 ? 'none fails\n' : `${failing} tried again; see gatehouse mirrors\n`);
}

function print(items: readonly MirrorStatus[]): void {
  printTable(
    ['MIRROR', 'STREAM', 'STATE', 'HOLDS', 'BEHIND', 'LAST', 'WHY'],
    items.flatMap(({ name, state, streams, last_at, error, failing_since, encrypted }) =>
      streams.map(({ stream, position, behind, rejected }) => [
        encrypted ? name : `${name} (in the clear)`,
        stream,
        state,
        position === 0 ? 'nothing yet' : `#${position}`,
        String(behind),
        last_at ?? '-',
        [
          error === null ? '' : `${error}, since ${failing_since ?? '?'}`,
          rejected === 0 ? '' : `${rejected} refused by the receiver`,
        ]
          .filter((part) => part !== '')
          .join('; '),
      ]),
    ),
  );
}
