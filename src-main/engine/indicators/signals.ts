// Derived fields that rules can ask for as `signals.NAME`: analyses that the rule language cannot express.
import type { Event, JsonValue } from '../event.ts';

export const signals: ReadonlyMap<string, (event: Event) => JsonValue | undefined> = new Map();
