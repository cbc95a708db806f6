// What the rest of the core may call of retention.
export { createRetention } from './feature.ts';
export { eventsDeleted } from './progress-table.ts';
