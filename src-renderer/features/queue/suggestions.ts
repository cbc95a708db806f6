// What the filter field offers while one types: keys first, then the values of the key before the cursor.

import { type QueryKey, queryKeys } from '../../../src-shared/alert-query.ts';
import {
  alertOrigins,
  alertStatuses,
  excludableFields,
  groupFields,
  verdicts,
} from '../../../src-shared/alert-words.ts';
import type { Suggestion } from '../../ui/controls/SuggestField.tsx';
import { severities } from '../../ui/data/severity-levels.ts';

/** Values seen in the loaded rows: nothing is fetched for a suggestion. */
export interface KnownValues {
  readonly detector: readonly string[];
  readonly user: readonly string[];
  readonly ip: readonly string[];
  readonly host: readonly string[];
  readonly key: readonly string[];
  readonly resource: readonly string[];
  readonly assignee: readonly string[];
}

const most = 8;

const meanings: Readonly<Record<QueryKey, string>> = {
  status: 'open, ack or closed',
  severity: 'critical to info',
  detector: 'which detector raised it',
  origin: 'rule, or scan: loaded from a scan of files',
  user: 'a user in the alert',
  ip: 'an address or a range',
  host: 'a host in the alert',
  key: 'an API key in the alert',
  resource: 'a resource in the alert',
  assignee: 'a name, me or none',
  verdict: 'how it was closed',
  risk: 'at least, 0 to 100',
  age: 'since it was raised',
  suppressed: 'yes: it kept others quiet',
  group: 'up to three fields, the outermost first',
};

function valuesOf(key: string, known: KnownValues): readonly string[] {
  switch (key) {
    case 'status':
      return alertStatuses.map((status) => (status === 'acknowledged' ? 'ack' : status));
    case 'severity':
      return severities;
    case 'verdict':
      return verdicts;
    case 'origin':
      return alertOrigins;
    case 'risk':
      return ['>=90', '>=70', '>=40'];
    case 'age':
      return ['<1h', '<4h', '<24h', '<7d', '>1h', '>24h'];
    case 'assignee':
      return ['me', 'none', ...known.assignee];
    case 'group':
      return groupFields;
    case 'suppressed':
      return ['yes', 'no'];
    case 'detector':
    case 'user':
    case 'ip':
    case 'host':
    case 'key':
    case 'resource':
      return known[key];
    default:
      return [];
  }
}

export function suggestionsFor(word: string, known: KnownValues): readonly Suggestion[] {
  const found = /^(-?)([a-z]+):(.*)$/.exec(word);
  if (found === null) {
    const minus = word.startsWith('-') ? '-' : '';
    const typed = word.slice(minus.length).toLowerCase();
    const keys = minus === '-' ? (['status', 'severity', ...excludableFields] as const) : queryKeys;
    return keys
      .filter((key) => key.startsWith(typed))
      .map((key) => ({ insert: `${minus}${key}:`, detail: meanings[key] }));
  }
  const [, minus = '', key = '', written = ''] = found;
  const isList = key === 'status' || key === 'severity' || key === 'verdict' || key === 'group';
  const kept = isList ? written.slice(0, written.lastIndexOf(',') + 1) : '';
  const typed = written.slice(kept.length).toLowerCase();
  const chosen = kept.split(',');
  return valuesOf(key, known)
    .filter((value) => value.toLowerCase().includes(typed) && value !== typed && !chosen.includes(value))
    .slice(0, most)
    .map((value) => ({
      insert: `${minus}${key}:${kept}${/[\s"]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value}`,
      detail: '',
    }));
}
