// `gatehouse scan`: rules over log files, offline, with no store and no account. This file reads the flags' meaning, runs the threads and
// says on standard error how it went; what matched goes to standard output or a file.
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { FormatName } from '../../../src-shared/log-formats.ts';
import { systemClock } from '../../adapters/system/host-parts.ts';
import { reasonOf } from '../../base/file-words.ts';
import type { CsvColumns } from '../../engine/formats/format.ts';
import { createLocalClock, parseIsoTime } from '../../engine/formats/time.ts';
import type { Level } from '../../engine/rules/rule.ts';
import type { RefusedRule } from '../../engine/rules/rule-set.ts';
import { createClient } from '../cli/client.ts';
import { CommandFailure } from '../cli/failure.ts';
import { findTarget, type TargetFlags } from '../cli/target.ts';
import { projectFolder, version } from '../project.ts';
import { htmlReport } from './html-report.ts';
import { rankOf } from './levels.ts';
import { createLoading, type Loading, loadedText } from './loading.ts';
import type { Match, RuleFacts, ScanOptions, Task, TaskEnd } from './messages.ts';
import { type Plan, planScan } from './plan.ts';
import { type ScanProgress, scanProgress } from './progress.ts';
import { csvReport, findingOf, ndjsonReport, ocsfReport, type Report, type Summary, tableReport } from './reports.ts';
import { type RuleFiles, readRuleFiles } from './rule-files.ts';
import { sarifReport } from './sarif.ts';
import {
  count,
  createBadRecords,
  createListed,
  percent,
  refusedText,
  say,
  sayEnd,
  sayOthers,
  sayPassedOver,
  sayRefused,
  sayRules,
} from './saying.ts';
import { runThreads, UnusableRules } from './threads.ts';

export type ScanFlags = {
  readonly rules?: string;
  readonly mapping?: string;
  readonly var?: Readonly<Record<string, readonly string[]>>;
  readonly minLevel: Level;
  readonly since?: number;
  readonly tag: readonly string[];
  readonly failLevel?: Level;
  readonly output: 'table' | 'ndjson' | 'csv' | 'ocsf' | 'ocsf-1.1.0' | 'sarif' | 'html';
  readonly format: FormatName | 'auto';
  readonly zone?: string;
  readonly columns?: CsvColumns;
  readonly jobs?: number;
  readonly out?: string;
  readonly force?: boolean;
  /** What is found becomes alerts of a console. */
  readonly load?: boolean;
} & TargetFlags;

/** What stands for "it could not be done": 1 means that something was found. */
const failed = 2;
const bytesAThread = 33_554_432;
/** What logs are packed to, roughly. */
const packedFold = 10;

/** @returns the exit code. */
export async function scan(paths: readonly string[], flags: ScanFlags): Promise<number> {
  const startedAtMs = Date.now();
  const rules = await rulesOf(flags.rules ?? join(projectFolder, 'resources/rules'));
  const mapping = flags.mapping === undefined ? undefined : mappingOf(flags.mapping);
  checkZone(flags.zone);
  if (flags.out !== undefined && flags.force !== true && existsSync(flags.out))
    throw new CommandFailure(`${flags.out} is there already`, {
      hint: 'add --force to overwrite it',
      exitCode: failed,
    });
  const spillFolder = mkdtempSync(join(tmpdir(), 'gatehouse-scan-'));
  const clearUp = (): void => rmSync(spillFolder, { recursive: true, force: true });
  process.once('exit', clearUp);
  const interrupted = new AbortController();
  const onInterrupt = (): void => {
    // The second time somebody means it.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  };
  const onTerminate = (): void => process.exit(143);
  process.on('SIGINT', onInterrupt);
  process.once('SIGTERM', onTerminate);
  try {
    const input = paths.includes('-') ? await putAside(join(spillFolder, 'standard-input')) : undefined;
    const plan = planScan(paths, flags.format, input);
    const unread = sayPassedOver(plan);
    if (plan.files === 0 && unread > 0) return failed;
    const options: ScanOptions = {
      sources: rules.sources,
      mapping,
      placeholders: flags.var ?? {},
      zone: flags.zone ?? systemClock.zone,
      columns: flags.columns,
      nowMs: startedAtMs,
      sinceMs: flags.since,
      leastLevel: flags.minLevel,
      tags: flags.tag,
      spillFolder,
    };
    using client = flags.load === true ? createClient(findTarget(flags, process.env)) : undefined;
    const loading = client === undefined ? undefined : createLoading(client);
    const outcome = await run(plan, rules.unreadable, options, flags, interrupted.signal, loading);
    if (loading !== undefined) await finishLoading(loading, outcome);
    if (outcome.summary.partial !== undefined && interrupted.signal.aborted) return 130;
    if (outcome.isFound) return 1;
    return unread > 0 || outcome.failures > 0 ? failed : 0;
  } catch (error) {
    if (error instanceof UnusableRules) throw new CommandFailure(error.message, { exitCode: failed, cause: error });
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      throw new CommandFailure('the memory set aside for a thread does not suffice for these rules', {
        hint: 'use fewer rules at once',
        exitCode: failed,
        cause: error,
      });
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
    process.off('exit', clearUp);
    clearUp();
  }
}

/** Standard input as a file: what is read must be looked at twice, and in stretches. @returns `path` */
async function putAside(path: string): Promise<string> {
  if (process.stdin.isTTY === true) say('reading from the terminal; end with ^D');
  await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
  return path;
}

type Outcome = {
  readonly summary: Summary;
  readonly isFound: boolean;
  readonly failures: number;
  /** Why the console does not have all that was found. */
  readonly loadFailure: unknown;
};

async function run(
  plan: Plan,
  unreadable: readonly RefusedRule[],
  options: ScanOptions,
  flags: ScanFlags,
  signal: AbortSignal,
  loading: Loading | undefined,
): Promise<Outcome> {
  const report = reportFor(flags.output, options.nowMs);
  const target: Writable = flags.out === undefined ? process.stdout : createWriteStream(flags.out, { mode: 0o600 });
  // A place that can't be written to is said before hours of work, and by its reason.
  if (flags.out !== undefined) await once(target, 'open');
  const facts = new Map<string, RuleFacts>();
  const counts = { records: 0, rejected: 0, timeless: 0, matches: 0, rules: 0, failures: 0, bytes: 0 };
  const bad = createBadRecords();
  const unread = createListed(plan.passedOver.map(({ path, reason }) => `${path}: ${reason}`));
  const refusedRules = createListed(unreadable.map(refusedText));
  const slow = new Set<string>();
  let highest = -1;
  let loadFailure: unknown;
  let lastFailure: string | undefined;
  using progress: ScanProgress = scanProgress(plan.bytes);

  async function write(text: string): Promise<void> {
    if (text === '') return;
    // On one terminal the results would begin behind the bar.
    if (target === process.stdout && process.stdout.isTTY) progress.clear();
    if (!target.write(text)) await once(target, 'drain');
  }
  async function writeMatches(matches: readonly Match[], firstRecord: (task: number) => number): Promise<void> {
    let text = '';
    for (const match of matches) {
      const rule = facts.get(match.ruleId);
      const task = plan.tasks[match.task];
      if (rule === undefined || task === undefined) throw new Error('a match of nothing that was asked for');
      highest = Math.max(highest, rankOf(rule.level));
      counts.matches++;
      const first = firstRecord(match.task);
      const line = match.line === undefined ? undefined : match.line + first;
      const shown = { ...match, rule, file: nameOf(task, match.inner), record: match.record + first, line };
      text += report.match(shown);
      // A console that is away costs the alerts, not the report.
      if (loading !== undefined && loadFailure === undefined)
        await loading.add(findingOf(shown)).catch((error: unknown) => {
          loadFailure = error;
        });
      if (text.length > 1_000_000) {
        await write(text);
        text = '';
      }
    }
    await write(text);
    progress.matches(counts.matches);
  }
  function ended(task: Task, end: TaskEnd, firstRecord: number): void {
    counts.records += end.records;
    counts.rejected += end.rejected;
    counts.timeless += end.timeless;
    for (const { inner, line, unit, reason } of end.bad)
      bad.add(`${nameOf(task, inner)}, ${unit} ${line + firstRecord}: ${reason}`);
    if (end.failure === undefined) return;
    counts.failures++;
    // Of a large file each stretch says it.
    if (task.continues && end.failure === lastFailure) return;
    lastFailure = end.failure;
    unread.add(`${task.name}: ${end.failure}; what came before was read`);
    progress.say(`${task.name}: ${end.failure}; what came before was read`);
  }
  await write(report.begin());
  const jobs = Math.max(1, Math.min(flags.jobs ?? threadsFor(plan), plan.tasks.length));
  const { evicted, stopped } = await runThreads(plan.tasks, jobs, options, signal, facts, {
    ready(number, refused, notes) {
      counts.rules = number;
      for (const one of refused) refusedRules.add(refusedText(one));
      sayRules(refused, notes, progress);
    },
    matches: writeMatches,
    progress(bytes, records) {
      counts.bytes += bytes;
      progress.add(bytes, records);
    },
    slow(rule) {
      if (slow.has(rule)) return;
      slow.add(rule);
      progress.say(`rule ${rule} takes long at these records: mend its patterns, or leave it out`);
    },
    ended,
  });
  const endedAtMs = Date.now();
  const partial = stopped
    ? `Stopped after ${percent(counts.bytes, plan.bytes)} of the data: these results are partial, and correlations were not evaluated.`
    : undefined;
  const summary: Summary = {
    ...counts,
    files: plan.files,
    partial,
    unread: unread.shown,
    unreadFiles: unread.count(),
    isIncomplete: stopped || counts.failures > 0 || plan.passedOver.some(({ given }) => given),
    refused: refusedRules.shown,
    refusedRules: refusedRules.count(),
    startedAtMs: options.nowMs,
    endedAtMs,
  };
  await write(report.end(summary));
  if (target !== process.stdout) {
    target.end();
    await finished(target);
  }
  progress.stop();
  bad.say(counts.rejected);
  if (counts.timeless > 0)
    say(`${count(counts.timeless, 'record')} without a time could not be placed by --since or a correlation`);
  if (evicted > 0)
    say(`${count(evicted, 'group')} of correlations had to be given up for want of memory: some may be missing`);
  sayEnd(summary);
  const isFound = flags.failLevel !== undefined && highest >= rankOf(flags.failLevel);
  return { summary, isFound, failures: counts.failures, loadFailure };
}

/** @throws what kept the console from having all findings. */
async function finishLoading(loading: Loading, { loadFailure }: Outcome): Promise<void> {
  if (loadFailure !== undefined) throw notLoaded(loadFailure);
  const loaded = await loading.end().catch((error: unknown) => {
    throw notLoaded(error);
  });
  for (const reason of loaded.reasons) say(reason);
  say(loadedText(loaded));
}

function notLoaded(cause: unknown): CommandFailure {
  return new CommandFailure(`not all findings were loaded: ${reasonOf(cause)}`, {
    cause,
    hint: 'scan again with --load when the console can be reached: nothing is loaded twice',
    exitCode: failed,
  });
}

/** Each thread compiles and holds the rules for itself: one more must have enough to read to be worth that. */
function threadsFor({ tasks }: Plan): number {
  const bytes = tasks.reduce((sum, { from, to, packed }) => sum + (to - from) * (packed ? packedFold : 1), 0);
  return Math.min(availableParallelism(), Math.ceil(bytes / bytesAThread));
}

function reportFor(output: ScanFlags['output'], nowMs: number): Report {
  switch (output) {
    case 'table':
      return tableReport();
    case 'ndjson':
      return ndjsonReport();
    case 'csv':
      return csvReport();
    case 'ocsf':
      return ocsfReport(version, nowMs, '1.8.0');
    case 'ocsf-1.1.0':
      return ocsfReport(version, nowMs, '1.1.0');
    case 'sarif':
      return sarifReport(version);
    case 'html':
      return htmlReport(version);
  }
}

function nameOf(task: Task, inner: string | undefined): string {
  return inner === undefined ? task.name : `${task.name}/${inner}`;
}

async function rulesOf(path: string): Promise<RuleFiles> {
  let found: RuleFiles;
  try {
    found = await readRuleFiles(path);
  } catch (cause) {
    throw new CommandFailure(`cannot read the rules of ${path}: ${reasonOf(cause)}`, {
      cause,
      exitCode: failed,
    });
  }
  sayRefused(found.unreadable, say);
  sayOthers(found.others);
  if (found.sources.length === 0)
    throw new CommandFailure(`there are no rules in ${path}`, {
      hint: 'give a folder, a zip or a .tar.gz with Sigma rules in .yml files',
      exitCode: failed,
    });
  if (found.leftOut.length > 0) say(`not used: ${found.leftOut.join(', ')} (name the folder itself to use its rules)`);
  return found;
}

function mappingOf(path: string): { file: string; text: string } {
  try {
    return { file: basename(path), text: readFileSync(path, 'utf8') };
  } catch (cause) {
    throw new CommandFailure(`cannot read ${path}: ${reasonOf(cause)}`, {
      cause,
      exitCode: failed,
    });
  }
}

function checkZone(zone: string | undefined): void {
  try {
    createLocalClock(zone);
  } catch (cause) {
    throw new CommandFailure(reasonOf(cause), { cause, exitCode: failed });
  }
}

/** RFC 3339, a date alone, or how long ago: `7d`, `12h`, `30m`. */
export function sinceTime(text: string, nowMs: number): number | undefined {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text);
  const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
  if (ago !== null) return nowMs - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0);
  return parseIsoTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text, createLocalClock());
}
