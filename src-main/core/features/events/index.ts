// What the rest of the core may call of the events.
export { type EventItem, eventOf, type StoredEvent } from './event-record.ts';
export { countEvents, eventsFrom, findHashes, findRecords, firstRecent } from './events-table.ts';
export { createEvents } from './feature.ts';
export { createIntake, type Detect, type Intake, type NewEvent } from './intake.ts';
