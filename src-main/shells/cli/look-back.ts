// `gatehouse rules dry-run` and `what-if`: a rule as it would be, over the events that the console stores. Progress on a terminal; ^C ends
// the look at the console too.
import { readFileSync } from 'node:fs';
import { Presets, SingleBar } from 'cli-progress';
import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import type { WouldBeAlert } from '../../../src-shared/contract/detections.ts';
import { reasonOf } from '../../base/file-words.ts';
import { type Client, createClient, Refused } from './client.ts';
import { CommandFailure } from './failure.ts';
import { printable } from './table.ts';
import { findTarget, type TargetFlags } from './target.ts';

type PeriodFlags = TargetFlags & {
  readonly since?: string;
  readonly until?: string;
  readonly mostEvents?: number;
  readonly json?: boolean;
};
export type DryRunFlags = PeriodFlags & { readonly rule?: string };
export type WhatIfFlags = PeriodFlags & {
  readonly file?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly except?: Readonly<Record<string, string>>;
};

export async function dryRun(file: string, flags: DryRunFlags): Promise<void> {
  using client = createClient(findTarget(flags, process.env));
  const rule = flags.rule === undefined ? {} : { rule: await ruleOf(client, flags.rule) };
  const input = { source: readRule(file), ...rule, ...periodOf(flags) };
  const answer = await looking(client, (task) => client.call('detections.dry_run', { ...input, task }));
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  const { alerts, matched, shown } = answer;
  process.stdout.write(
    `${alerts === 1 ? '1 alert' : `${alerts} alerts`} from ${matched} events${periodWords(answer)}\n`,
  );
  writeAlerts(shown, alerts);
}

/** @returns 1 when an alert that was judged a true positive would have been hidden. */
export async function whatIf(rule: string, flags: WhatIfFlags): Promise<number> {
  using client = createClient(findTarget(flags, process.env));
  const { file, set, except } = flags;
  if (file === undefined && set === undefined && except === undefined)
    throw new CommandFailure('say what would change', {
      hint: '--file RULE.yml, --set limit=20 or --except FIELD=VALUE',
    });
  const input: CallInput<'detections.what_if'> = {
    rule: rule === 'all' ? null : await ruleOf(client, rule),
    ...(file === undefined ? {} : { source: readRule(file) }),
    ...(set === undefined ? {} : { parameters: Object.fromEntries(Object.entries(set).map(typed)) }),
    ...(except === undefined ? {} : { exception: Object.entries(except).map(([field, value]) => ({ field, value })) }),
    ...periodOf(flags),
  };
  return await writeWhatIf(client, input, flags);
}

/** @returns 1 when an alert that was judged a true positive would have been hidden. */
export async function writeWhatIf(
  client: Client,
  input: CallInput<'detections.what_if'>,
  { json }: { readonly json?: boolean },
): Promise<number> {
  const answer = await looking(client, (task) => client.call('detections.what_if', { ...input, task }));
  if (json === true) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else {
    process.stdout.write(`${answer.before} -> ${answer.after} alerts${periodWords(answer)}\n`);
    for (const { number, title, verdict } of answer.hidden)
      process.stdout.write(`- ALR-${number}  ${verdict ?? 'not judged'}  ${printable(title)}\n`);
    writeAlerts(answer.added, answer.added.length, '+ ');
    if (answer.hidden_true_positives > 0)
      process.stderr.write(`would have hidden ${answer.hidden_true_positives} true positives\n`);
  }
  return answer.hidden_true_positives > 0 ? 1 : 0;
}

function periodWords({ events, since, until, truncated }: Output<'detections.what_if'> | Output<'detections.dry_run'>) {
  return `; ${events} events from ${since} to ${until}${truncated ? ', the newest of more' : ''}`;
}

function writeAlerts(alerts: readonly WouldBeAlert[], total: number, sign = '  '): void {
  for (const { severity, title, count, last_at } of alerts)
    process.stdout.write(`${sign}${severity}  ${printable(title)}  x ${count}, ${last_at}\n`);
  if (total > alerts.length) process.stdout.write(`  and ${total - alerts.length} more\n`);
}

/** Numbers and true or false as themselves: the rule says which a parameter wants. */
function typed([name, text]: [string, string]): [string, string | number | boolean] {
  if (text === 'true' || text === 'false') return [name, text === 'true'];
  return [name, text !== '' && Number.isFinite(Number(text)) ? Number(text) : text];
}

function periodOf({ since, until, mostEvents }: PeriodFlags) {
  return {
    ...(since === undefined ? {} : { since: instantOf(since) }),
    ...(until === undefined ? {} : { until: instantOf(until) }),
    ...(mostEvents === undefined ? {} : { most_events: mostEvents }),
  };
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30d` ago, or an instant as it is: the console judges it. */
function instantOf(text: string): string {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  return count === undefined ? text : new Date(Date.now() - Number(count) * (unitMs[unit ?? ''] ?? 0)).toISOString();
}

function readRule(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandFailure(`cannot read ${file}: ${reasonOf(cause)}`, {
      cause,
      exitCode: 2,
    });
  }
}

/** A rule by its own id or that of a detector in it. @throws CommandFailure */
export async function ruleOf(client: Client, wanted: string): Promise<string> {
  const { items } = await client.call('detections.list', {});
  const found = items.find(({ id, rule }) => id === wanted || rule === wanted);
  if (found === undefined)
    throw new CommandFailure(`there is no rule ${wanted}`, { hint: 'gatehouse rules list shows them' });
  return found.rule;
}

const lookEveryMs = 400;

async function looking<T>(client: Client, ask: (task: string) => Promise<T>): Promise<T> {
  const task = crypto.randomUUID();
  const bar = progressBar();
  let isStopped = false;
  const onInterrupt = (): void => {
    isStopped = true;
    client.call('detections.cancel_look', { task }).catch(() => undefined);
  };
  process.once('SIGINT', onInterrupt);
  const timer = setInterval(() => {
    client.call('detections.look', { task }).then(
      ({ done, total, phase }) => {
        if (phase !== 'running') return;
        bar?.setTotal(total);
        bar?.update(done);
      },
      // Not begun yet, or over: the answer says so.
      () => undefined,
    );
  }, lookEveryMs);
  try {
    return await ask(task);
  } catch (error) {
    if (isStopped && error instanceof Refused && error.problem.code === 'detections/cancelled')
      throw new CommandFailure('stopped; nothing was changed', { cause: error, exitCode: 130 });
    throw error;
  } finally {
    clearInterval(timer);
    bar?.stop();
    process.off('SIGINT', onInterrupt);
  }
}

function progressBar(): SingleBar | undefined {
  if (process.stderr.isTTY !== true) return undefined;
  const bar = new SingleBar(
    { format: '{bar} {percentage} %  {value} of {total} events  {eta_formatted} left', stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(1, 0);
  return bar;
}
