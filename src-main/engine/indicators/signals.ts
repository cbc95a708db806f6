// Derived fields that rules can ask for as `signals.NAME`: analyses that the rule language cannot express. What depends on the event
// alone is here; what depends on those before it is history.ts.
import type { Event, JsonValue } from '../event.ts';
import { injectionsIn } from './client-texts.ts';
import { programsRun } from './shell-programs.ts';

export type Signal = (event: Event) => JsonValue | undefined;

/** The programs that a command line runs, or a tool's name, as one text with blanks between. */
function programs({ event_type, details, resource_id }: Event): string | undefined {
  const { command } = details;
  if (typeof command === 'string') return programsRun(command);
  return event_type === 'tool_execution' ? resource_id : undefined;
}

export const signals: ReadonlyMap<string, Signal> = new Map<string, Signal>([
  ['sql_injection', (event) => injectionsIn(event).sql],
  ['script_injection', (event) => injectionsIn(event).script],
  ['command_injection', (event) => injectionsIn(event).command],
  ['path_traversal', (event) => injectionsIn(event).path],
  ['programs', programs],
  ['hour_utc', ({ timeMs }) => new Date(timeMs).getUTCHours()],
  // Monday is 1, Sunday 7.
  ['weekday_utc', ({ timeMs }) => ((new Date(timeMs).getUTCDay() + 6) % 7) + 1],
]);
