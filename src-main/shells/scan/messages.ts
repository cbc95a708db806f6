// What the threads of a scan and the program that runs them say to each other, and the shapes that travel.

import type { FormatName } from '../../../src-shared/log-formats.ts';
import type { CsvColumns } from '../../engine/formats/format.ts';
import type { Level } from '../../engine/rules/rule.ts';
import type { RuleSource } from '../../engine/rules/rule-info.ts';
import type { RefusedRule } from '../../engine/rules/rule-set.ts';

/** A file, or a stretch of one whose lines stand alone. */
export type Task = {
  readonly number: number;
  readonly path: string;
  /** What it is called in results: its path, or `-`. */
  readonly name: string;
  readonly size: number;
  /** Undefined for packed files unless it was said: what is in them is told when it comes out. */
  readonly format: FormatName | undefined;
  readonly packed: boolean;
  /** Bytes; the lines that begin in there. */
  readonly from: number;
  readonly to: number;
  /** The stretch before it is of the same file: records are counted on from it. */
  readonly continues: boolean;
};

/** How events are read and which matches count; the same in all threads. */
export type ScanOptions = {
  readonly sources: readonly RuleSource[];
  readonly mapping: { readonly file: string; readonly text: string } | undefined;
  /** Values of `%name%` where a rule says `expand`. */
  readonly placeholders: Readonly<Record<string, readonly string[]>>;
  readonly zone: string | undefined;
  readonly columns: CsvColumns | undefined;
  readonly nowMs: number;
  readonly sinceMs: number | undefined;
  readonly leastLevel: Level;
  readonly tags: readonly string[];
  /** Where events wait that correlations need. */
  readonly spillFolder: string;
};

export type ThreadInput = { readonly options: ScanOptions; readonly thread: number; readonly stop: SharedArrayBuffer };

/** What is shown of a rule beside each match. */
export type RuleFacts = {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  readonly techniques: readonly string[];
  readonly description: string;
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
};

export type Match = {
  readonly ruleId: string;
  readonly task: number;
  /** The file in the archive. */
  readonly inner: string | undefined;
  /** Of the task's first record counted from 0. */
  readonly record: number;
  readonly line: number | undefined;
  readonly timeMs: number | undefined;
  /** The event as JSON, on one line. */
  readonly event: string;
  /** What a correlation has to say. */
  readonly sentence: string | undefined;
};

export type BadRecord = {
  readonly inner: string | undefined;
  /** From 1; of EVTX files the record's from 0, as matches name it. */
  readonly line: number;
  readonly unit: 'line' | 'record';
  readonly reason: string;
};

export type TaskEnd = {
  readonly task: number;
  /** Of a stretch: how many lines it has. */
  readonly lines: number;
  readonly records: number;
  readonly rejected: number;
  /** The first of them. */
  readonly bad: readonly BadRecord[];
  /** Records without a time that --since or a correlation could not place. */
  readonly timeless: number;
  readonly failure: string | undefined;
  /** False when it was not read to its end. */
  readonly complete: boolean;
};

export type FromThread =
  | {
      readonly kind: 'ready';
      readonly rules: number;
      readonly refused: readonly RefusedRule[];
      readonly notes: readonly RefusedRule[];
    }
  | { readonly kind: 'unusable'; readonly reason: string }
  /** A rule's title and id. */
  | { readonly kind: 'slow'; readonly rule: string }
  | { readonly kind: 'progress'; readonly bytes: number; readonly records: number }
  | {
      readonly kind: 'matches';
      readonly task: number;
      readonly matches: readonly Match[];
      readonly rules: readonly RuleFacts[];
    }
  | ({ readonly kind: 'done' } & TaskEnd)
  | { readonly kind: 'spilled'; readonly runs: readonly string[] }
  | { readonly kind: 'correlated'; readonly evicted: number };

export type ToThread =
  | { readonly kind: 'task'; readonly task: Task }
  /** The matches have been taken: more may come. */
  | { readonly kind: 'go' }
  | { readonly kind: 'spill' }
  | { readonly kind: 'correlate'; readonly runs: readonly string[] };
