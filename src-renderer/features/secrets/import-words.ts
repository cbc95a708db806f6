// A file of secrets before it is sent, and what came of it, in words. Pure.

import type { CallInput, Output } from '../../../src-shared/contract/contract.ts';
import { formatCount } from '../../lib/numbers.ts';

export type Format = CallInput<'secrets.import'>['format'];
export type Outcome = Output<'secrets.import'>;

/** As the contract takes it. */
export const longestFile = 900_000;

/** What a file most likely is, by its name and its first characters. */
export function formatOf(name: string, start: string): Format {
  if (/\.csv$/i.test(name)) return 'csv';
  if (/\.(fernet|json)$/i.test(name) || start.startsWith('gAAAA')) return 'fernet_json';
  return 'env';
}

export function outcomeSentence({ created, rotated, skipped }: Outcome): string {
  return [
    `${formatCount(created)} new`,
    ...(rotated === 0 ? [] : [`${formatCount(rotated)} with a new version`]),
    ...(skipped === 0 ? [] : [`${formatCount(skipped)} skipped`]),
  ].join(', ');
}
