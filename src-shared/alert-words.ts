// The words that alerts are graded and judged by. Plain lists, so that a page can have them without the contract's schemas.

export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;

export const alertStatuses = ['open', 'acknowledged', 'closed'] as const;

/** What an alert comes from: a rule that runs in the console, or a scan of log files elsewhere. */
export const alertOrigins = ['rule', 'scan'] as const;

export const verdicts = [
  'true_positive',
  'benign_positive',
  'false_positive_logic',
  'false_positive_data',
  'duplicate',
  'undetermined',
] as const;

/** What alerts can be grouped by; most are filters of the same name. An alert stands in the group of each of its users, addresses and so on. */
export const groupFields = [
  'severity',
  'status',
  'detector',
  'user',
  'ip',
  'host',
  'key',
  'resource',
  'assignee',
  'verdict',
  'origin',
] as const;
export type GroupField = (typeof groupFields)[number];

/** Fields of which one value, or several, can be left out. */
export const excludableFields = ['detector', 'user', 'ip', 'host', 'key', 'resource'] as const;
export type ExcludableField = (typeof excludableFields)[number];

/** Values that one query leaves out. */
export const mostExcluded = 20;

/** How many fields deep groups go. */
export const mostGroupFields = 3;

/** Alerts that one call changes by what they have in common. */
export const mostMatching = 10_000;

/** The queue's views; `filtered` is any other query. */
export const alertViews = [
  'open',
  'mine',
  'unassigned',
  'critical',
  'suppressed',
  'closed',
  'all',
  'filtered',
] as const;
export type AlertView = (typeof alertViews)[number];

/** What the queue's list can show of an alert. */
export const alertColumns = [
  'number',
  'severity',
  'risk',
  'title',
  'entities',
  'technique',
  'detector',
  'source',
  'count',
  'first_seen',
  'last_seen',
  'age',
  'sla',
  'who',
  'verdict',
  'status',
] as const;
export type AlertColumnName = (typeof alertColumns)[number];

export const alertSorts = ['risk', 'newest'] as const;
export type AlertSort = (typeof alertSorts)[number];

export const alertDensities = ['compact', 'comfortable'] as const;
