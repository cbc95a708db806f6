// Derived fields that rules can ask for as `signals.NAME`: analyses that the rule language cannot express. What depends on the event
// alone is here; what depends on those before it is history.ts.
import type { Event, JsonValue } from '../event.ts';
import { injectionsIn } from './client-texts.ts';
import { addressKey, userKey } from './one-party.ts';
import { readShellLine, type ShellLine } from './shell-line.ts';

export type Signal = (event: Event) => JsonValue | undefined;

const rememberedLines = 1_024;
const longestRemembered = 1_024;
const remembered = new Map<string, ShellLine>();
let last: { readonly line: string; readonly read: ShellLine } | undefined;

/** Several rules ask of one line, and many lines come again. */
function shellLine({ details }: Event): ShellLine | undefined {
  const line = details.command;
  if (typeof line !== 'string') return undefined;
  if (last?.line === line) return last.read;
  const read = remembered.get(line) ?? readShellLine(line);
  last = { line, read };
  if (line.length <= longestRemembered) {
    if (remembered.size >= rememberedLines) remembered.clear();
    remembered.set(line, read);
  }
  return read;
}

/** The programs that a command line runs, or a tool's name, as one text with blanks between. */
function programs(event: Event): string | undefined {
  const read = shellLine(event);
  if (read !== undefined) return read.programs.length === 0 ? undefined : read.programs.join(' ');
  return event.event_type === 'tool_execution' ? event.resource_id : undefined;
}

function userOf(name: JsonValue | undefined): string | undefined {
  // Nobody is no user, and two of them are not the same.
  return typeof name === 'string' && name !== '' ? userKey(name) || undefined : undefined;
}

function ofLine(name: 'commands' | 'pipelines' | 'runs'): Signal {
  return (event) => {
    const found = shellLine(event)?.[name];
    return found === undefined || found.length === 0 ? undefined : found;
  };
}

export const signals: ReadonlyMap<string, Signal> = new Map<string, Signal>([
  ['sql_injection', (event) => injectionsIn(event).sql],
  ['script_injection', (event) => injectionsIn(event).script],
  ['command_injection', (event) => injectionsIn(event).command],
  ['path_traversal', (event) => injectionsIn(event).path],
  ['user', ({ actor }) => userOf(actor)],
  // Whose account, role or group was changed, in the same form.
  ['target', ({ details }) => userOf(details.target)],
  ['network', ({ ip_address }) => (ip_address === undefined ? undefined : addressKey(ip_address))],
  ['programs', programs],
  ['commands', ofLine('commands')],
  ['pipelines', ofLine('pipelines')],
  ['runs', ofLine('runs')],
  ['hour_utc', ({ timeMs }) => new Date(timeMs).getUTCHours()],
  // Monday is 1, Sunday 7.
  ['weekday_utc', ({ timeMs }) => ((new Date(timeMs).getUTCDay() + 6) % 7) + 1],
]);
