// Matches as a table, NDJSON, CSV or OCSF findings: each line stands alone and is written as it comes.
import type { ScanFinding } from '../../../src-shared/contract/alerts.ts';
import { sha256 } from '../../base/hashes.ts';
import { uuidFromHash } from '../../base/ids.ts';
import type { OcsfVersion } from '../../engine/outputs/ocsf.ts';
import { ocsfFinding } from '../../engine/outputs/ocsf-finding.ts';
import type { Level } from '../../engine/rules/rule.ts';
import { printable } from '../cli/table.ts';
import type { RuleFacts } from './messages.ts';

export type ShownMatch = {
  readonly rule: RuleFacts;
  /** As it was given on the command line; of an archive with the file in it. */
  readonly file: string;
  readonly record: number;
  readonly line: number | undefined;
  readonly timeMs: number | undefined;
  readonly event: string;
  readonly sentence: string | undefined;
};

export type Summary = {
  readonly files: number;
  readonly records: number;
  readonly rejected: number;
  readonly rules: number;
  readonly matches: number;
  /** Why it is not all. */
  readonly partial: string | undefined;
  /** Files that were not read, or not to their end, each with the reason; at most `mostListed` of `unreadFiles`. */
  readonly unread: readonly string[];
  readonly unreadFiles: number;
  /** Something that should have been read was not: the exit code says so too. */
  readonly isIncomplete: boolean;
  /** Rules that could not be used, each with the reason; at most `mostListed` of `refusedRules`. */
  readonly refused: readonly string[];
  readonly refusedRules: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
};

/** Reasons that a report lists; the others are counted. */
export const mostListed = 100;

export type Report = {
  begin(): string;
  match(match: ShownMatch): string;
  end(summary: Summary): string;
};

/** Sigma's own word. */
export function levelWord(level: Level): string {
  return level === 'info' ? 'informational' : level;
}

export function timeText(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}

/** What a console is told of a match. */
export function findingOf({ rule, file, record, timeMs, event, sentence }: ShownMatch): ScanFinding {
  return {
    rule_id: rule.id.slice(0, 200),
    title: rule.title.slice(0, 500),
    level: rule.level,
    tags: rule.tags.slice(0, 100).map((tag) => tag.slice(0, 200)),
    description: rule.description.slice(0, 10_000),
    references: rule.references.slice(0, 50).map((one) => one.slice(0, 2_000)),
    false_positives: rule.falsePositives.slice(0, 50).map((one) => one.slice(0, 2_000)),
    file: file.slice(-4_000),
    record,
    // Beyond the year 9999, and before 0, a console has no name for it.
    time: timeText(timeMs)?.match(/^\d{4}-/) ? timeText(timeMs) : null,
    ...(sentence === undefined ? {} : { sentence: sentence.slice(0, 2_000) }),
    event: JSON.parse(event) as Record<string, unknown>,
  };
}

const nothing = (): string => '';

/** The event is JSON already: it is put in as it is, so that its numbers keep all their digits. */
export function ndjsonReport(): Report {
  return {
    begin: nothing,
    match: ({ rule, file, record, timeMs, event }) => {
      const head = { rule_id: rule.id, title: rule.title, level: levelWord(rule.level), tags: rule.tags, file, record };
      return `${JSON.stringify({ ...head, time: timeText(timeMs) }).slice(0, -1)},"event":${event}}\n`;
    },
    end: nothing,
  };
}

const titleWidth = 64;

export function tableReport(): Report {
  let begun = false;
  return {
    begin: nothing,
    match: ({ rule, file, record, timeMs }) => {
      const head = begun ? '' : `${row('LEVEL', 'TIME', 'RULE', 'FILE:RECORD')}`;
      begun = true;
      return head + row(levelWord(rule.level), timeText(timeMs) ?? '-', rule.title, `${file}:${record}`);
    },
    end: nothing,
  };
}

function row(level: string, time: string, title: string, place: string): string {
  const shown = printable(title);
  const short = shown.length > titleWidth ? `${shown.slice(0, titleWidth - 1)}…` : shown;
  return `${level.padEnd(13)}  ${time.padEnd(24)}  ${short.padEnd(titleWidth)}  ${printable(place)}\n`;
}

const columns = ['rule_id', 'title', 'level', 'tags', 'file', 'record', 'time', 'event'] as const;

export function csvReport(): Report {
  return {
    begin: () => `${columns.join(',')}\r\n`,
    match: ({ rule, file, record, timeMs, event }) => {
      const values = [rule.id, rule.title, levelWord(rule.level), rule.tags.join(' '), file, String(record)];
      return `${[...values, timeText(timeMs) ?? '', event].map(csvCell).join(',')}\r\n`;
    },
    end: nothing,
  };
}

/** SECURITY: a spreadsheet would run what begins like a formula; texts come from whoever wrote the log. */
function csvCell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One finding a line. */
export function ocsfReport(version: string, nowMs: number, schema: OcsfVersion): Report {
  return {
    begin: nothing,
    match: ({ rule, file, record, timeMs, event, sentence }) => {
      const finding = ocsfFinding(
        {
          id: uuidFromHash(sha256(JSON.stringify([rule.id, file, record]))),
          timeMs: timeMs ?? nowMs,
          createdAtMs: nowMs,
          firstAtMs: timeMs ?? nowMs,
          lastAtMs: timeMs ?? nowMs,
          rule,
          title: rule.title,
          message: sentence ?? `${rule.title}: ${file}, record ${record}`,
          level: rule.level,
          techniques: rule.techniques,
          references: rule.references,
          evidence: { file, record, event: JSON.parse(event) as unknown },
        },
        schema,
        { version },
      );
      return `${JSON.stringify(finding)}\n`;
    },
    end: nothing,
  };
}
