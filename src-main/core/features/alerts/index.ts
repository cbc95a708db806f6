// What the rest of the core may use of alerts.
export { changesAfter, lastChange } from './changes-table.ts';
export { type Alerts, type AlertsDependencies, createAlerts } from './feature.ts';
export type { StoredEventView } from './queue.ts';
export type { DetectorDescription, Raised } from './raise.ts';
