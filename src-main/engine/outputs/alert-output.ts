// Alerts as lines of other tools' formats, one each: OCSF Detection Finding (2004), ECS, CEF, RFC 5424, CSV and JSON Lines. What they say
// of an alert is what the API does, except for the content of its events: of those they name ids and hashes.
import type { AlertFull, AlertRow } from '../../../src-shared/contract/alerts.ts';
import type { OutputFormat } from '../../../src-shared/contract/search.ts';
import { plainAddress } from '../../base/addresses.ts';
import { addressPairs, type CefPair, cefText, labelled } from './cef.ts';
import { csvCell } from './csv.ts';
import { ecsVersion } from './ecs.ts';
import type { OcsfVersion } from './ocsf.ts';
import { ocsfFinding } from './ocsf-finding.ts';
import type { OutputSource } from './output-event.ts';
import { syslogText } from './rfc5424.ts';
import { jsonLine } from './wire.ts';

/** What of an alert is written. The API's full alert is one; whoever has it at hand in parts may put it together. */
export type AlertToWrite = Pick<AlertFull, keyof AlertRow | 'sentence' | 'risk_derivation'> & {
  readonly detector: Pick<
    AlertFull['detector'],
    'id' | 'title' | 'version' | 'description' | 'references' | 'parameters'
  >;
  /** The first of `count`. */
  readonly events: readonly { readonly id: string; readonly sha256: string }[];
};

export type AlertOutput = {
  /** What stands before the first line of a file. */
  readonly header: string | null;
  /** Without a line end, and with none in it. */
  line(alert: AlertToWrite): string;
};

export function createAlertOutput(format: OutputFormat, source: OutputSource): AlertOutput {
  switch (format) {
    case 'jsonl':
      return { header: null, line: (alert) => jsonLine(wireOf(alert)) };
    case 'csv':
      return { header: columns.join(','), line: csvLine };
    case 'ocsf-1.1.0':
      return { header: null, line: (alert) => jsonLine(ocsfAlert(alert, '1.1.0', source)) };
    case 'ocsf-1.8.0':
      return { header: null, line: (alert) => jsonLine(ocsfAlert(alert, '1.8.0', source)) };
    case 'ecs':
      return { header: null, line: (alert) => jsonLine(ecsAlert(alert, source)) };
    case 'cef':
      return { header: null, line: (alert) => cefAlert(alert, source) };
    case 'rfc5424':
      return { header: null, line: (alert) => syslogAlert(alert, source) };
  }
}

export function ocsfAlert(alert: AlertToWrite, schema: OcsfVersion, source: OutputSource): Record<string, unknown> {
  const createdAtMs = Date.parse(alert.raised_at);
  const changedAtMs = Date.parse(alert.changed_at);
  const { status, verdict, assignee } = alert;
  return ocsfFinding(
    {
      id: alert.id,
      stateId: `${alert.id}.${alert.revision}`,
      timeMs: changedAtMs,
      createdAtMs,
      changedAtMs,
      firstAtMs: Date.parse(alert.first_seen_at),
      lastAtMs: Date.parse(alert.last_seen_at),
      rule: { id: alert.detector.id, title: alert.detector.title, version: alert.detector.version },
      title: alert.title,
      message: alert.sentence,
      level: alert.severity,
      risk: alert.risk,
      techniques: alert.techniques,
      references: alert.detector.references,
      entities: alert.entities,
      eventIds: alert.events.map((event) => event.id),
      events: alert.count,
      handling: { status, verdict, assignee },
      unmapped: {
        number: alert.number,
        origin: alert.origin,
        due_at: alert.due_at,
        suppressed: alert.suppressed,
        risk_derivation: alert.risk_derivation,
        parameters: alert.detector.parameters,
        events: alert.events.map(({ id, sha256 }) => ({ id, sha256 })),
      },
    },
    schema,
    source,
  );
}

/** Elastic's own detections grade by these numbers, so that a sort by `event.severity` mixes ours and theirs rightly. */
const ecsSeverity = { info: 1, low: 21, medium: 47, high: 73, critical: 99 } as const;

export function ecsAlert(alert: AlertToWrite, { version }: OutputSource): Record<string, unknown> {
  const users = valuesOf(alert, 'user');
  const hosts = valuesOf(alert, 'host');
  const addresses = valuesOf(alert, 'ip');
  const plain = addresses.flatMap((address) => plainAddress(address) ?? []);
  const techniques = [...new Set(alert.techniques.map((id) => id.split('.')[0] ?? id))];
  const subTechniques = alert.techniques.filter((id) => id.includes('.'));
  const [user] = users;
  const [host] = hosts;
  const [address] = addresses;
  return {
    '@timestamp': alert.raised_at,
    ecs: { version: ecsVersion },
    message: alert.sentence,
    event: {
      id: alert.id,
      kind: 'alert',
      category: ['intrusion_detection'],
      type: ['info'],
      action: alert.detector.id,
      reason: alert.sentence,
      severity: ecsSeverity[alert.severity],
      risk_score: alert.risk,
      start: alert.first_seen_at,
      end: alert.last_seen_at,
      created: alert.raised_at,
      module: 'gatehouse',
      dataset: 'gatehouse.alert',
    },
    observer: { vendor: 'Gatehouse', product: 'Gatehouse', version },
    rule: {
      id: alert.detector.id,
      name: alert.detector.title,
      version: alert.detector.version,
      ...(alert.detector.description === '' ? {} : { description: alert.detector.description }),
      ...(alert.detector.references[0] === undefined ? {} : { reference: alert.detector.references[0] }),
    },
    ...(techniques.length === 0
      ? {}
      : {
          threat: {
            framework: 'MITRE ATT&CK',
            technique: {
              id: techniques,
              ...(subTechniques.length === 0 ? {} : { subtechnique: { id: subTechniques } }),
            },
          },
        }),
    ...(user === undefined ? {} : { user: { name: user } }),
    ...(host === undefined ? {} : { host: { name: host } }),
    ...(address === undefined ? {} : { source: { address, ...(plain[0] === undefined ? {} : { ip: plain[0] }) } }),
    related: { user: users, ip: plain, hosts },
    gatehouse: {
      alert: {
        number: alert.number,
        origin: alert.origin,
        title: alert.title,
        severity: alert.severity,
        status: alert.status,
        verdict: alert.verdict,
        assignee: alert.assignee,
        count: alert.count,
        suppressed: alert.suppressed,
        changed: alert.changed_at,
        due: alert.due_at,
        revision: alert.revision,
        entities: alert.entities,
        risk_derivation: alert.risk_derivation,
        parameters: alert.detector.parameters,
        events: alert.events.map(({ id, sha256 }) => ({ id, sha256 })),
      },
    },
  };
}

/** 0 to 10. */
const cefSeverity = { info: 1, low: 3, medium: 5, high: 8, critical: 10 } as const;

export function cefAlert(alert: AlertToWrite, { version }: OutputSource): string {
  const users = valuesOf(alert, 'user');
  const addresses = valuesOf(alert, 'ip');
  const others = alert.entities.filter(
    ({ kind, value }) => !(kind === 'user' && value === users[0]) && !(kind === 'ip' && value === addresses[0]),
  );
  const pairs: CefPair[] = [
    ['rt', Date.parse(alert.raised_at)],
    ['start', Date.parse(alert.first_seen_at)],
    ['end', Date.parse(alert.last_seen_at)],
    ['externalId', alert.id],
    ['cat', 'alert'],
    ['cnt', alert.count],
    ['msg', alert.sentence],
    ['suser', users[0]],
    ...addressPairs(addresses[0]),
    ...labelled('cs1', 'techniques', alert.techniques.join(' ') || undefined),
    ...labelled('cs2', 'status', alert.verdict === null ? alert.status : `${alert.status} ${alert.verdict}`),
    ...labelled('cs3', 'assignee', alert.assignee ?? undefined),
    ...labelled('cs4', 'otherEntities', others.length === 0 ? undefined : entityText(others)),
    ...labelled('cs5', 'events', alert.events.map(({ id }) => id).join(' ') || undefined),
    ...labelled('cs6', 'ruleVersion', alert.detector.version),
    ...labelled('cn1', 'risk', alert.risk),
    ...labelled('cn2', 'number', alert.number),
    ...labelled('cn3', 'suppressed', alert.suppressed),
    ...labelled('deviceCustomDate1', 'changed', Date.parse(alert.changed_at)),
  ];
  return cefText(version, alert.detector.id, alert.title, cefSeverity[alert.severity], pairs);
}

/** Critical, error, warning, notice and informational (RFC 5424 section 6.2.1). */
const syslogSeverity = { critical: 2, high: 3, medium: 4, low: 5, info: 6 } as const;

export function syslogAlert(alert: AlertToWrite, { version }: OutputSource): string {
  const severity = syslogSeverity[alert.severity];
  // The host is the one that the message comes from, and who relays it knows that better than the alert does.
  return syslogText({ severity, at: alert.changed_at, host: '-', kind: 'alert', version }, wireOf(alert));
}

const columns = [
  'number',
  'id',
  'severity',
  'risk',
  'status',
  'verdict',
  'title',
  'sentence',
  'entities',
  'count',
  'assignee',
  'detector_id',
  'origin',
  'techniques',
  'first_seen_at',
  'last_seen_at',
  'raised_at',
  'changed_at',
  'due_at',
  // Last, so that columns that somebody counts stay where they were.
  'suppressed',
] as const;

function csvLine(alert: AlertToWrite): string {
  const cells = { ...alert, entities: entityText(alert.entities), techniques: alert.techniques.join(' ') };
  return columns.map((name) => csvCell(cells[name])).join(',');
}

/** Name by name: the alert may be a full one, whose activity and seen-before are the console's own business. */
function wireOf(alert: AlertToWrite): Record<string, unknown> {
  const { description, references, parameters, ...detector } = alert.detector;
  return {
    id: alert.id,
    number: alert.number,
    title: alert.title,
    sentence: alert.sentence,
    severity: alert.severity,
    risk: alert.risk,
    risk_derivation: alert.risk_derivation,
    status: alert.status,
    verdict: alert.verdict,
    assignee: alert.assignee,
    count: alert.count,
    suppressed: alert.suppressed,
    entities: alert.entities,
    techniques: alert.techniques,
    detector_id: alert.detector_id,
    origin: alert.origin,
    detector: {
      id: detector.id,
      title: detector.title,
      version: detector.version,
      description,
      references,
      parameters,
    },
    events: alert.events.map(({ id, sha256 }) => ({ id, sha256 })),
    first_seen_at: alert.first_seen_at,
    last_seen_at: alert.last_seen_at,
    raised_at: alert.raised_at,
    changed_at: alert.changed_at,
    due_at: alert.due_at,
    revision: alert.revision,
  };
}

function valuesOf({ entities }: AlertToWrite, kind: AlertToWrite['entities'][number]['kind']): string[] {
  return entities.filter((entity) => entity.kind === kind).map(({ value }) => value);
}

function entityText(entities: AlertToWrite['entities']): string {
  return entities.map(({ kind, value }) => `${kind} ${value}`).join('; ');
}
