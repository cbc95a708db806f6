// `gatehouse audit status` and `gatehouse audit checkpoint`: the health of the running console's log, and where its checkpoints are kept.
import type { Output } from '../../../src-shared/contract/contract.ts';
import { createClient } from './client.ts';
import { printable, printTable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

export type AuditStatusFlags = TargetFlags & { readonly json?: boolean };
type Status = Output<'audit.status'>;

/** @returns the exit code: 1 where the log does not agree with itself or with what an anchor holds */
export async function printAuditStatus(flags: AuditStatusFlags): Promise<number> {
  using client = createClient(findTarget(flags, process.env));
  const status = await client.call('audit.status', {});
  if (flags.json === true) process.stdout.write(`${JSON.stringify(status)}\n`);
  else print(status);
  return status.check.state === 'broken' ? 1 : 0;
}

/** The signed note alone on stdout, so that it can be kept: `gatehouse audit checkpoint > today.checkpoint`. */
export async function signCheckpoint(flags: AuditStatusFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const checkpoint = await client.call('audit.checkpoint', {});
  process.stdout.write(flags.json === true ? `${JSON.stringify(checkpoint)}\n` : checkpoint.note);
}

function print({ size, check, checkpoint, anchors, origin }: Status): void {
  const lines = [
    `log         ${origin}, ${size} entries`,
    `chain       ${chainWords(check)}`,
    `checkpoint  ${checkpoint === null ? 'none yet' : `#${checkpoint.size}, signed ${checkpoint.signed_at}`}`,
    ...(anchors.length === 0
      ? ['anchors     none: who has this machine and its keys could put an older log back']
      : []),
  ];
  process.stdout.write(`${lines.map(printable).join('\n')}\n`);
  if (anchors.length === 0) return;
  process.stdout.write('\n');
  printTable(
    ['ANCHOR', 'KIND', 'STATE', 'HOLDS', 'BEHIND', 'SINCE', 'WHY'],
    anchors.map(({ name, kind, state, anchored_size, behind, at, error }) => [
      name,
      kind,
      state,
      at === null ? 'nothing yet' : `#${anchored_size}`,
      String(behind),
      at ?? '-',
      error ?? '',
    ]),
  );
}

function chainWords({ state, checked_to, first_bad_seq, detail }: Status['check']): string {
  switch (state) {
    case 'intact':
      return `intact to #${checked_to}`;
    case 'checking':
      return `being checked, intact to #${checked_to} so far`;
    case 'broken':
      return `BROKEN${first_bad_seq === null ? '' : ` from #${first_bad_seq}`}: ${detail}`;
  }
}
