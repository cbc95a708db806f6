// What may stand where in a rule: words to choose from, and what each means. The console itself judges a rule; this only helps.

export interface Completion {
  readonly label: string;
  readonly insert: string;
  readonly help: string;
}

interface Entry {
  readonly name: string;
  readonly help: string;
  /** Behind the colon. */
  readonly value?: string;
}

const sections: Readonly<Record<string, readonly Entry[]>> = {
  '': [
    { name: 'title', help: 'What it is called, for people', value: ' ' },
    { name: 'id', help: 'A UUID of its own', value: ' ' },
    { name: 'description', help: 'What it means when this fires', value: ' ' },
    { name: 'status', help: 'stable, test, experimental, deprecated', value: ' ' },
    { name: 'level', help: 'informational, low, medium, high, critical', value: ' ' },
    { name: 'tags', help: 'attack.t1110.001 and the like', value: '\n  - ' },
    { name: 'references', help: 'Addresses to read on', value: '\n  - ' },
    { name: 'falsepositives', help: 'When it is wrong', value: '\n  - ' },
    { name: 'logsource', help: 'product, category, service: which events', value: '\n  product: ' },
    { name: 'detection', help: 'Selections and the condition that joins them', value: '\n  selection:\n    ' },
    { name: 'correlation', help: 'Counts or joins what other rules match', value: '\n  type: event_count\n  ' },
    { name: 'filter', help: 'Keeps events off rules that it names', value: '\n  rules: []\n  ' },
    { name: 'gatehouse', help: 'Title, sentence, entities, runbook, cases', value: '\n  ' },
  ],
  logsource: [
    { name: 'product', help: 'gatehouse is every event; windows, linux, aws …', value: ' ' },
    { name: 'category', help: 'process_creation, webserver …', value: ' ' },
    { name: 'service', help: 'security, sysmon, auth, cloudtrail …', value: ' ' },
  ],
  correlation: [
    { name: 'type', help: 'event_count, value_count, value_sum, temporal, temporal_ordered …', value: ' ' },
    { name: 'rules', help: 'Names or ids of the rules that it counts', value: ' []' },
    { name: 'group-by', help: 'Fields; each combination is counted by itself', value: ' []' },
    { name: 'timespan', help: '90s, 5m, 1h, 7d', value: ' ' },
    { name: 'condition', help: '{gt: 10}; gt gte lt lte eq neq', value: ' {gt: 10}' },
    { name: 'aliases', help: 'One name for fields that rules call differently', value: '\n    ' },
    { name: 'generate', help: 'true: the rules that it names raise alerts too', value: ' true' },
  ],
  gatehouse: [
    { name: 'title', help: 'Row of the queue; {field} is filled in', value: ' "{actor}"' },
    {
      name: 'sentence',
      help: 'Why it fired: {count} {span} {threshold} {window}',
      value: ' "{count} events in {span}."',
    },
    {
      name: 'parameters',
      help: 'Limits that people may set',
      value: '\n    limit: {setting: own.limit, label: Limit, default: 10}',
    },
    { name: 'entities', help: 'Who and what it is about', value: '\n    - {kind: user, field: actor}' },
    { name: 'risk', help: 'base 0 to 100, confidence 0.1 to 1', value: ' {confidence: 0.9}' },
    { name: 'dedup', help: 'Which findings are one alert', value: ' {window: 1h}' },
    { name: 'runbook', help: 'What to do, at most six steps', value: '\n    - ' },
    {
      name: 'cases',
      help: 'Tests that travel with the rule',
      value: '\n    - name: \n      matches: true\n      events: [{event: {}}]',
    },
  ],
};

const values: Readonly<Record<string, readonly Entry[]>> = {
  level: ['informational', 'low', 'medium', 'high', 'critical'].map((name) => ({ name, help: 'how grave it is' })),
  status: ['stable', 'test', 'experimental', 'deprecated', 'unsupported'].map((name) => ({
    name,
    help: 'how far it is',
  })),
  type: [
    { name: 'event_count', help: 'how many events' },
    { name: 'value_count', help: 'how many distinct values of a field' },
    { name: 'value_sum', help: 'the sum of a field' },
    { name: 'value_avg', help: 'the average of a field' },
    { name: 'value_percentile', help: 'a percentile of a field' },
    { name: 'temporal', help: 'all of the rules within the time' },
    { name: 'temporal_ordered', help: 'all of the rules, in their order' },
  ],
};

const modifiers: readonly Entry[] = [
  { name: 'contains', help: 'somewhere in the value' },
  { name: 'startswith', help: 'at its beginning' },
  { name: 'endswith', help: 'at its end' },
  { name: 'all', help: 'all of the values, not any' },
  { name: 'cased', help: 'with case' },
  { name: 'exists', help: 'true or false: is the field there' },
  { name: 'neq', help: 'there, and none of the values' },
  { name: 're', help: 'regular expression (RE2)' },
  { name: 'cidr', help: 'network such as 10.0.0.0/8' },
  { name: 'gt', help: 'greater than' },
  { name: 'gte', help: 'at least' },
  { name: 'lt', help: 'less than' },
  { name: 'lte', help: 'at most' },
  { name: 'base64offset', help: 'the value within Base64' },
  { name: 'windash', help: 'all kinds of dashes are one' },
  { name: 'fieldref', help: "another field's value" },
];

const fields: readonly Entry[] = [
  { name: 'event_type', help: 'login, api_call, shell_command …' },
  { name: 'actor', help: 'who did it' },
  { name: 'success', help: 'true or false' },
  { name: 'ip_address', help: 'from where' },
  { name: 'source', help: 'who recorded it' },
  { name: 'action', help: 'what was done' },
  { name: 'user_agent', help: 'with which program' },
  { name: 'resource_type', help: 'what kind of thing' },
  { name: 'resource_id', help: 'which thing' },
  { name: 'bytes', help: 'bytes moved to the actor' },
  { name: 'details.', help: 'whatever else the event says' },
  { name: 'signals.sql_injection', help: 'derived: SQL in what a client sent' },
];

const keyOnly = /^(\s*)(- )?([\w.-]*)$/;

/** The words that fit at an offset, and where the word begins that they would replace. */
export function completionsAt(
  text: string,
  offset: number,
): { readonly list: readonly Completion[]; readonly from: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(start, offset);
  const modifier = /\|([a-z0-9]*)$/.exec(line);
  if (modifier !== null) return pick(modifiers, modifier[1] ?? '', offset, () => '');
  const value = /^\s*([a-z-]+):\s*([\w]*)$/.exec(line);
  if (value !== null) return pick(values[value[1] ?? ''] ?? [], value[2] ?? '', offset, () => '');
  const key = keyOnly.exec(line);
  if (key === null) return { list: [], from: offset };
  const section = sectionAt(text.slice(0, start), key[1]?.length ?? 0);
  const inDetection = section === 'detection' && (key[1]?.length ?? 0) > 2;
  const entries = inDetection
    ? fields
    : section === 'detection'
      ? [{ name: 'condition', help: 'selection and not filter', value: ' selection' }]
      : (sections[section] ?? []);
  return pick(entries, key[3] ?? '', offset, (entry) => (entry.name.endsWith('.') ? '' : `:${entry.value ?? ' '}`));
}

/** The top-level key that a line of this indentation lies under. */
export function sectionAt(before: string, indent: number): string {
  if (indent === 0) return '';
  const lines = before.split('\n');
  for (let at = lines.length - 1; at >= 0; at--) {
    const key = /^([a-z]+):/.exec(lines[at] ?? '');
    if (key?.[1] !== undefined) return key[1];
  }
  return '';
}

/** What the key of the line at an offset means. */
export function helpAt(text: string, offset: number): string | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(start, text.indexOf('\n', start) < 0 ? undefined : text.indexOf('\n', start));
  const [, blanks = '', name = '', modifier] = /^(\s*)(?:- )?([\w.-]+)(?:\|([a-z0-9|]+))?:/.exec(line) ?? [];
  const last = modifiers.find((one) => one.name === modifier?.split('|').at(-1));
  if (last !== undefined) return `|${last.name}: ${last.help}`;
  const section = sectionAt(text.slice(0, start), blanks.length);
  const entries = section === 'detection' ? fields : (sections[section] ?? []);
  const found = entries.find((one) => one.name === name);
  return found === undefined ? undefined : `${name}: ${found.help}`;
}

function pick(entries: readonly Entry[], typed: string, offset: number, behind: (entry: Entry) => string) {
  const list = entries
    .filter(({ name }) => name.startsWith(typed) && name !== typed)
    .map((entry) => ({ label: entry.name, insert: `${entry.name}${behind(entry)}`, help: entry.help }));
  return { list, from: offset - typed.length };
}

export const newRule = `title: 
id: 
description: 
level: medium
tags: []
falsepositives: []
logsource:
  product: gatehouse
detection:
  selection:
    event_type: login
    success: false
  condition: selection
gatehouse:
  title: "Failed login of {actor}"
  runbook:
    - Ask the person whether it was them.
  cases:
    - name: a failed login
      matches: true
      events: [{event: {event_type: login, success: false, actor: ada}}]
    - name: one that worked
      matches: false
      events: [{event: {event_type: login, success: true, actor: ada}}]
`;

/** A copy has ids of its own: the one that it was made of goes on beside it. */
export function copyOf(source: string, freshId: () => string): string {
  return source
    .replace(/^id:[ \t]*\S+/gm, () => `id: ${freshId()}`)
    .replace(
      /^title:[ \t]*(['"]?)([^\n'"]*)/m,
      (_, quote: string, title: string) => `title: ${quote}${title.trim()} (copy)`,
    );
}
