// Which entries a bundle is to hold, as it was asked for: the selection in the log's terms, the filter in the manifest's, and what is kept back.
import type { Redaction } from '../../../../src-shared/contract/bundles.ts';
import type { Input } from '../../../../src-shared/contract/contract.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import type { JsonObject } from '../../../../src-shared/evidence/canonical-json.ts';
import type { EntryBody } from '../../../../src-shared/evidence/entry.ts';
import type { Selection } from '../audit/index.ts';
import { type Catalogue, chosenBy } from '../frameworks/index.ts';
import { isThing, saysNobody } from './about-people.ts';

export type Asked = {
  readonly selection: Selection;
  /** The filter as it was asked for, for the manifest. */
  readonly filter: JsonObject;
  readonly redaction: Redaction;
  readonly reason: string;
};

/** @throws ProblemError request/invalid for conditions that can't go together. */
export function askedOf(input: Input<'audit.export'>, catalogue: () => Catalogue): Asked {
  const { reason = '', redact = 'nothing', framework, control, incident, ...given } = input;
  const chosen = chosenBy(catalogue, { framework, control, event_type: given.event_type });
  const fields = incident === undefined ? given : { ...given, ...aboutIncident(given, incident) };
  if (redact !== 'nothing' && (fields.actor !== undefined || fields.session_id !== undefined)) {
    throw new ProblemError(
      'request/invalid',
      'redact: the filter stands in the bundle and would name whom the redaction keeps back; leave out actor and session_id',
    );
  }
  if (redact === 'all' && fields.resource_id !== undefined) {
    throw new ProblemError(
      'request/invalid',
      'redact: the filter stands in the bundle and would name what the redaction keeps back; leave out resource_id',
    );
  }
  if (fields.resource_id !== undefined && fields.resource_type === undefined) {
    throw new ProblemError('request/invalid', 'resource_id: say with resource_type what it is the id of');
  }
  const { resource_type: type, resource_id: id } = fields;
  if (redact === 'people' && type !== undefined && id !== undefined && !isThing({ type, id })) {
    throw new ProblemError(
      'request/invalid',
      'resource_id: the filter stands in the bundle and would name what the redaction keeps back; leave it out, or give the id of a thing such as an alert',
    );
  }
  // The types as well as the names: whoever checks the bundle need not know the catalogue.
  const filter: JsonObject = chosen === undefined ? {} : { ...chosen, event_types: [...chosen.event_types] };
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) filter[name] = value;
  const { since, until, ...rest } = fields;
  return {
    selection: {
      ...rest,
      event_types: chosen?.event_types,
      since: since === undefined ? undefined : Date.parse(since),
      until: until === undefined ? undefined : Date.parse(until),
    },
    filter,
    redaction: redact,
    reason,
  };
}

function aboutIncident({ resource_type, resource_id }: Input<'audit.export'>, id: string) {
  if (resource_type === undefined && resource_id === undefined) return { resource_type: 'incident', resource_id: id };
  throw new ProblemError(
    'request/invalid',
    'incident: it says already what the entries are about; leave out resource_type and resource_id',
  );
}

/** Whether the bundle opens a committed field of the entry. */
export function isDisclosed(redaction: Redaction, entry: EntryBody, path: string): boolean {
  switch (redaction) {
    case 'nothing':
      return true;
    case 'people':
      return saysNobody(entry, path);
    case 'all':
      return false;
  }
}
