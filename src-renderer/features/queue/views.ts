// The built-in views: a name, and the query it stands for. A query that is none of them is called a filter.

import type { AlertView } from '../../../src-shared/alert-words.ts';

export interface View {
  readonly id: AlertView;
  readonly name: string;
  readonly query: string;
  /** Said when it is empty. */
  readonly emptyTitle: string;
}

export const views = [
  { id: 'open', name: 'Open, last 24 h', query: 'status:open,ack age:<24h', emptyTitle: 'Nothing open' },
  { id: 'mine', name: 'Mine', query: 'status:open,ack assignee:me', emptyTitle: 'Nothing is assigned to you' },
  {
    id: 'unassigned',
    name: 'Unassigned',
    query: 'status:open,ack assignee:none',
    emptyTitle: 'Nothing is waiting for somebody',
  },
  { id: 'critical', name: 'Critical now', query: 'status:open,ack severity:critical', emptyTitle: 'Nothing critical' },
  {
    id: 'suppressed',
    name: 'Suppressed',
    query: 'status:open,ack,closed suppressed:yes',
    emptyTitle: 'No alert keeps others quiet',
  },
  // The service filters by when an alert was raised, not by when it was closed; the name says what is shown.
  {
    id: 'closed',
    name: 'Closed, raised in 24 h',
    query: 'status:closed age:<24h',
    emptyTitle: 'Nothing of the last 24 h is closed',
  },
  { id: 'all', name: 'All', query: 'status:open,ack,closed', emptyTitle: 'No alert was ever raised' },
] as const satisfies readonly View[];

export const defaultView: View = views[0];

export function viewOf(query: string): View | undefined {
  return views.find((view) => view.query === query);
}
