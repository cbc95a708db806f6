// The words of alerts: states, verdicts and what they mean, kinds of entities, kinds of activity. One place, so that list, detail and
// dialogs say the same. The ids are the contract's; its schemas stay out of the page.

import { type AlertColumnName, verdicts } from '../../../src-shared/alert-words.ts';
import type { AlertFull, AlertRow, AlertStatus, Verdict } from '../../../src-shared/contract/alerts.ts';

export const statusWords: Readonly<Record<AlertStatus, string>> = {
  open: 'Open',
  acknowledged: 'Ack',
  closed: 'Closed',
};

export const verdictWords: Readonly<Record<Verdict, { readonly label: string; readonly detail: string }>> = {
  true_positive: { label: 'True positive', detail: 'A real attack or violation. Needs a note.' },
  benign_positive: { label: 'Benign', detail: 'It happened and was expected: a test, maintenance.' },
  false_positive_logic: { label: 'False positive, rule', detail: 'The rule is wrong. Tune it.' },
  false_positive_data: { label: 'False positive, data', detail: 'The input was wrong. Leave the rule as it is.' },
  duplicate: { label: 'Duplicate', detail: 'Another alert tells the same. Say which in the note.' },
  undetermined: { label: 'Undetermined', detail: 'It cannot be told from what there is.' },
};

/** 'Benign' for `benign_positive`; a word that this page does not know is shown as it came. */
export function verdictLabel(verdict: string): string {
  return isVerdict(verdict) ? verdictWords[verdict].label : verdict;
}

function isVerdict(text: string): text is Verdict {
  return verdicts.some((verdict) => verdict === text);
}

export const columnWords: Readonly<Record<AlertColumnName, string>> = {
  number: 'Number',
  severity: 'Severity',
  risk: 'Risk',
  title: 'Alert',
  entities: 'Entities',
  technique: 'ATT&CK',
  detector: 'Detector',
  source: 'Source',
  count: 'Count',
  first_seen: 'First seen',
  last_seen: 'Last seen',
  age: 'Age',
  sla: 'SLA left',
  who: 'Who',
  verdict: 'Verdict',
  status: 'Status',
};

export type EntityKind = AlertRow['entities'][number]['kind'];

export const entityWords: Readonly<Record<EntityKind, string>> = {
  user: 'User',
  ip: 'Address',
  host: 'Host',
  key: 'Key',
  resource: 'Resource',
};

export function alertNumber(number: number): string {
  return `ALR-${number}`;
}

type Activity = AlertFull['activity'][number];

/** 'open', 'closed true_positive' → 'open', 'closed as True positive'. */
function stateWords(state: string): string {
  const [status = state, verdict] = state.split(' ');
  return verdict === undefined ? status : `${status} as ${verdictLabel(verdict)}`;
}

export function activityWords({ kind, from, to }: Activity): string {
  switch (kind) {
    case 'raised':
      return 'Raised';
    case 'repeated':
      return to === null ? 'The same again' : `The same again, count ${from ?? ''} to ${to}`;
    case 'acknowledged':
      return 'Acknowledged';
    case 'closed':
      return to === null ? 'Closed' : stateWords(to).replace(/^closed/, 'Closed');
    case 'reopened':
      return from === null ? 'Reopened' : `Reopened, was ${stateWords(from)}`;
    case 'assigned':
      return to === null ? 'Assigned to nobody' : `Assigned to ${to}`;
    case 'noted':
      return 'Note';
    case 'undone':
      return to === null ? 'Change taken back' : `Taken back, now ${stateWords(to)}`;
  }
}

/** 'Critical, risk 92, failed logins alice, open' as a row announces itself; ages and limits follow as they are read. */
export function rowWords(row: AlertRow, severityWord: string): string {
  const repeats = row.count > 1 ? `, ${row.count} times` : '';
  const hidden = row.suppressed > 0 ? `, ${row.suppressed} suppressed` : '';
  const who = row.assignee === null ? 'nobody’s' : `assigned to ${row.assignee}`;
  return `${severityWord}, risk ${row.risk}, ${row.title}${repeats}${hidden}, ${statusWords[row.status]}, ${who}`;
}
