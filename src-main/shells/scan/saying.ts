// What a scan says on standard error: what is not read and why, which rules can't be used, and how it went.
import type { RefusedRule } from '../../engine/rules/rule-set.ts';
import { printable } from '../cli/table.ts';
import type { Plan } from './plan.ts';
import type { ScanProgress } from './progress.ts';
import { mostListed, type Summary } from './reports.ts';

const passedOverShown = 20;
const badShown = 200;

/** @returns how much of what was asked for can't be read. */
export function sayPassedOver({ passedOver }: Plan): number {
  for (const { path, reason } of passedOver.slice(0, passedOverShown)) say(`${path}: ${reason}`);
  if (passedOver.length > passedOverShown)
    say(`and ${passedOver.length - passedOverShown} more files that were not read`);
  return passedOver.filter(({ given }) => given).length;
}

export function sayRefused(refused: readonly RefusedRule[], tell: (text: string) => void): void {
  for (const one of refused) tell(`rule refused: ${refusedText(one)}`);
}

const othersNamed = 3;

/** A rule whose key is misspelt is none: so what was taken for something else is said. */
export function sayOthers(others: readonly string[]): void {
  if (others.length === 0) return;
  const named = others.slice(0, othersNamed).join(', ');
  const rest = others.length > othersNamed ? `, and ${others.length - othersNamed} more` : '';
  say(`no rule in ${count(others.length, 'YAML file')}: ${named}${rest}`);
}

export function refusedText({ name, reason }: RefusedRule): string {
  return reason.startsWith(name) ? reason : `${name}: ${reason}`;
}

export function sayRules(refused: readonly RefusedRule[], notes: readonly RefusedRule[], progress: ScanProgress): void {
  sayRefused(refused, progress.say);
  const waiting = notes.filter(({ reason }) => reason.startsWith('log source')).length;
  if (waiting > 0)
    progress.say(`${count(waiting, 'rule')} wait for events that declare a log source (docs/rules.md, "Log sources")`);
  for (const { name, reason } of notes) if (!reason.startsWith('log source')) progress.say(`${name}: ${reason}`);
}

export function createBadRecords() {
  const shown: string[] = [];
  return {
    add(text: string): void {
      if (shown.length < badShown) shown.push(text);
    },
    say(all: number): void {
      for (const text of shown) say(text);
      if (all > shown.length) say(`and ${all - shown.length} more records that could not be read`);
    },
  };
}

export function sayEnd({ files, records, rejected, rules, matches, partial, startedAtMs, endedAtMs }: Summary): void {
  const seconds = Math.max(0.001, (endedAtMs - startedAtMs) / 1000);
  const badly = rejected === 0 ? '' : ` (${rejected.toLocaleString('en')} not readable)`;
  say(
    `${count(files, 'file')}, ${count(records, 'record')}${badly}, ${count(rules, 'rule')}: ${matches.toLocaleString('en')} ${matches === 1 ? 'match' : 'matches'} in ${seconds.toFixed(1)} s, ${Math.round(records / seconds).toLocaleString('en')} records/s`,
  );
  if (partial !== undefined) say(partial);
}

export function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}

export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.floor((part / whole) * 100)} %`;
}

export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** What a report lists, up to a number, and how many there were. */
export function createListed(first: readonly string[]) {
  const shown: string[] = [];
  let count = 0;
  function add(text: string): void {
    count++;
    if (shown.length < mostListed) shown.push(text);
  }
  for (const text of first) add(text);
  return { shown, add, count: () => count };
}
