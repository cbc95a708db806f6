// What the rest of the core may call of the events.
export { type EventItem, eventOf, type StoredEvent, wireEvent } from './event-record.ts';
export { eventsAfter } from './events-after-table.ts';
export {
  countBetween,
  countEvents,
  type EventKey,
  edgesOf,
  eventsById,
  eventsFrom,
  eventsNewest,
  eventsNumbered,
  eventsOf,
  findHashes,
  findRecords,
  firstRecent,
  keysOf,
  lastNumber,
  type NumberedEvent,
} from './events-table.ts';
export { type KeepEvidence, keepEvidence } from './evidence.ts';
export { deleteEvents, firstReceivedSince, type OldEvent, oldEvents } from './expired-table.ts';
export { createEvents } from './feature.ts';
export { createIntake, type Detect, type Intake, type NewEvent } from './intake.ts';
export { deleteRejectionsBefore } from './rejections-table.ts';
