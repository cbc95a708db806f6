// The words of groups: what they are grouped by, and what one is called.

import type { GroupField } from '../../../src-shared/alert-words.ts';
import type { AlertGroup } from '../../../src-shared/contract/alert-groups.ts';
import { severityWords } from '../../ui/data/severity-levels.ts';
import { statusWords, verdictLabel } from './alert-words.ts';

export const fieldWords: Readonly<
  Record<GroupField, { readonly name: string; readonly many: string; readonly none: string }>
> = {
  severity: { name: 'Severity', many: 'severities', none: 'No severity' },
  status: { name: 'Status', many: 'states', none: 'No status' },
  detector: { name: 'Detector', many: 'detectors', none: 'No detector' },
  user: { name: 'User', many: 'users', none: 'No user' },
  ip: { name: 'Address', many: 'addresses', none: 'No address' },
  host: { name: 'Host', many: 'hosts', none: 'No host' },
  key: { name: 'Key', many: 'keys', none: 'No key' },
  resource: { name: 'Resource', many: 'resources', none: 'No resource' },
  assignee: { name: 'Assignee', many: 'people', none: 'Nobody’s' },
  verdict: { name: 'Verdict', many: 'verdicts', none: 'Not judged' },
  origin: { name: 'Origin', many: 'origins', none: 'No origin' },
};

/** A field of which an alert may have several: it is in the group of each. */
export function isShared(field: GroupField): boolean {
  return field === 'user' || field === 'ip' || field === 'host' || field === 'key' || field === 'resource';
}

type Named = Pick<AlertGroup, 'value' | 'name'>;

/** 'High' · 'Open' · 'alice' · 'No user' */
export function valueWords(field: GroupField, { value, name }: Named): string {
  if (value === null) return fieldWords[field].none;
  if (name !== null) return name;
  const words: Readonly<Record<string, string>> =
    field === 'severity' ? severityWords : field === 'status' ? statusWords : {};
  if (Object.hasOwn(words, value)) return words[value] ?? value;
  return field === 'verdict' ? verdictLabel(value) : value;
}

/** 'User alice' · 'No user' */
export function groupName(field: GroupField, group: Named): string {
  return group.value === null ? fieldWords[field].none : `${fieldWords[field].name} ${valueWords(field, group)}`;
}
