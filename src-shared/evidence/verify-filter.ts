// Whether the entries of a filtered bundle are such as its filter chooses. That no other entry matches can't be proven; that one of these
// does not match can be seen, as far as its fields are open.

import { readEntry } from './bundle-reader.ts';
import type { BundleSource } from './bundle-source.ts';
import type { JsonObject, JsonValue } from './canonical-json.ts';
import type { BundleEntry } from './entry.ts';
import type { EntryTable } from './entry-reader.ts';
import { instantOf } from './instant-form.ts';
import { count, type Findings } from './verdict.ts';

/** Undefined: it can't be seen, since the field is not open. */
type Condition = (entry: BundleEntry) => boolean | undefined;

/** The members of a filter that are judged; others are the exporter's own words. Undefined for a value that is none of this member. */
const members: { readonly [name: string]: (asked: JsonValue) => Condition | undefined } = {
  workspace: text((asked) => (entry) => entry.leaf.workspace === asked),
  event_type: text((asked) => (entry) => entry.leaf.event_type === asked),
  event_types: texts((asked) => (entry) => asked.has(entry.leaf.event_type)),
  // What the types were chosen by: names of the exporter's catalogue, of which a verifier knows nothing.
  framework: text(() => () => true),
  control: text(() => () => true),
  catalogue_version: whole(() => () => true),
  success: (asked) => (typeof asked === 'boolean' ? (entry) => entry.leaf.success === asked : undefined),
  from_seq: whole((asked) => (entry) => entry.leaf.seq >= asked),
  to_seq: whole((asked) => (entry) => entry.leaf.seq <= asked),
  since: instant((asked) => (entry) => Date.parse(entry.leaf.time) >= asked),
  until: instant((asked) => (entry) => Date.parse(entry.leaf.time) <= asked),
  actor: text((asked) => field('actor', (value) => memberOf(value, 'name') === asked)),
  session_id: text((asked) => field('session_id', (value) => value === asked)),
  resource_type: text((asked) => field('resource', (value) => memberOf(value, 'type') === asked)),
  resource_id: text((asked) => field('resource', (value) => memberOf(value, 'id') === asked)),
};

export function checkFilter(source: BundleSource, filter: JsonObject, entries: EntryTable, findings: Findings): void {
  const conditions: [name: string, condition: Condition][] = [];
  for (const [name, make] of Object.entries(members)) {
    const asked = Object.hasOwn(filter, name) ? filter[name] : undefined;
    if (asked === undefined) continue;
    const condition = make(asked);
    if (condition !== undefined) conditions.push([name, condition]);
    else
      findings.add(
        'filter-malformed',
        `manifest.filter.${name}`,
        `what the filter says of ${name} can't be understood`,
      );
  }
  checkNames(filter, findings);
  if (conditions.length === 0) return;
  entries.seqs.forEach((seq, i) => {
    if (seq === 0) return;
    const entry = readEntry(source, entries, i);
    for (const [name, condition] of conditions) {
      if (condition(entry) !== false) continue;
      const detail = `entry #${count(seq)} is not what the filter asks for: ${name}`;
      findings.add('filter-contradicted', `entries[${i}]`, detail, seq);
    }
  });
}

/** A framework without the types that it stands for would be a claim that nobody can hold an entry against. */
function checkNames(filter: JsonObject, findings: Findings): void {
  const named = ['framework', 'control', 'catalogue_version'].find((name) => Object.hasOwn(filter, name));
  if (named === undefined) return;
  const missing = ['framework', 'catalogue_version', 'event_types'].find((name) => !Object.hasOwn(filter, name));
  if (missing === undefined) return;
  findings.add('filter-malformed', `manifest.filter.${named}`, `the filter has ${named} without ${missing}`);
}

function text(make: (asked: string) => Condition): (asked: JsonValue) => Condition | undefined {
  return (asked) => (typeof asked === 'string' ? make(asked) : undefined);
}

function texts(make: (asked: ReadonlySet<string>) => Condition): (asked: JsonValue) => Condition | undefined {
  return (asked) => {
    if (!Array.isArray(asked)) return undefined;
    const words = asked.filter((each) => typeof each === 'string');
    return words.length === asked.length ? make(new Set(words)) : undefined;
  };
}

function whole(make: (asked: number) => Condition): (asked: JsonValue) => Condition | undefined {
  return (asked) => (typeof asked === 'number' && Number.isInteger(asked) ? make(asked) : undefined);
}

function instant(make: (asked: number) => Condition): (asked: JsonValue) => Condition | undefined {
  return (asked) => {
    const at = typeof asked === 'string' ? instantOf(asked) : undefined;
    return at === undefined ? undefined : make(at);
  };
}

/** A field that the entry does not have matches nothing. */
function field(path: string, matches: (value: JsonValue) => boolean): Condition {
  return ({ leaf, open }) => {
    if (!Object.hasOwn(leaf.commitments, path)) return false;
    const opening = Object.hasOwn(open, path) ? open[path] : undefined;
    return opening === undefined ? undefined : matches(opening.value);
  };
}

function memberOf(value: JsonValue, name: string): JsonValue | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, name) ? value[name] : undefined;
}
