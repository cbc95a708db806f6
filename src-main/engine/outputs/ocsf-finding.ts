// A detection as OCSF Detection Finding (2004): what a rule found, be it an alert of the console or a match of a scan. Status, activity
// and evidence are the same in 1.1.0 and 1.8.0; what only the later one has a field for is `unmapped` in the earlier one.
import { plainAddress } from '../../base/addresses.ts';
import type { OcsfVersion } from './ocsf.ts';
import type { OutputSource } from './output-event.ts';

export type FindingOutput = {
  /** Stable for the same finding. */
  readonly id: string;
  /** Which state of the finding this is; `id` alone where it has but one. */
  readonly stateId?: string;
  readonly timeMs: number;
  readonly createdAtMs: number;
  readonly changedAtMs?: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly rule: { readonly id: string; readonly title: string; readonly version?: string };
  readonly title: string;
  readonly message: string;
  readonly level: 'info' | 'low' | 'medium' | 'high' | 'critical';
  /** 0 to 100. */
  readonly risk?: number;
  readonly techniques: readonly string[];
  readonly references: readonly string[];
  readonly entities?: readonly FindingEntity[];
  /** The events that it rests on, by id, and how many there are in all. */
  readonly eventIds?: readonly string[];
  readonly events?: number;
  readonly handling?: Handling;
  /** Where the evidence stands, or the evidence itself. */
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly unmapped?: Readonly<Record<string, unknown>>;
};

export type FindingEntity = {
  readonly kind: 'user' | 'ip' | 'host' | 'key' | 'resource';
  readonly value: string;
};

/** What people made of it. */
export type Handling = {
  readonly status: 'open' | 'acknowledged' | 'closed';
  readonly verdict:
    | 'true_positive'
    | 'benign_positive'
    | 'false_positive_logic'
    | 'false_positive_data'
    | 'duplicate'
    | 'undetermined'
    | null;
  readonly assignee: string | null;
};

const severities = {
  info: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
} as const;

const riskLevels = { info: 'Info', low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' } as const;

const verdicts = {
  true_positive: [2, 'True Positive'],
  benign_positive: [5, 'Benign'],
  false_positive_logic: [1, 'False Positive'],
  false_positive_data: [1, 'False Positive'],
  duplicate: [10, 'Duplicate'],
  undetermined: [7, 'Insufficient Data'],
} as const;

export function ocsfFinding(
  finding: FindingOutput,
  schema: OcsfVersion,
  { version }: OutputSource,
): Record<string, unknown> {
  const [severityId, severity] = severities[finding.level];
  const [activityId, activity] = activityOf(finding);
  const [statusId, status] = statusOf(finding.handling);
  const { evidences, resources, observables } = evidenceOf(finding);
  const later = schema === '1.1.0' ? undefined : incidentOf(finding.handling);
  const unmapped = { ...finding.unmapped, ...(later === undefined ? finding.handling : undefined) };
  return {
    activity_id: activityId,
    activity_name: activity,
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    type_uid: 200_400 + activityId,
    type_name: `Detection Finding: ${activity}`,
    time: finding.timeMs,
    start_time: finding.firstAtMs,
    end_time: finding.lastAtMs,
    ...(finding.events === undefined ? {} : { count: Math.max(1, finding.events) }),
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    message: finding.message,
    ...(finding.risk === undefined
      ? {}
      : { risk_score: finding.risk, risk_level_id: severityId - 1, risk_level: riskLevels[finding.level] }),
    ...(schema === '1.1.0' ? {} : { is_alert: activityId !== 3 }),
    ...later,
    metadata: {
      version: schema,
      uid: finding.stateId ?? finding.id,
      product: { name: 'Gatehouse', vendor_name: 'Gatehouse', version },
      profiles: later === undefined ? [] : ['incident'],
    },
    finding_info: {
      uid: finding.id,
      title: finding.title,
      desc: finding.message,
      created_time: finding.createdAtMs,
      ...(finding.changedAtMs === undefined ? {} : { modified_time: finding.changedAtMs }),
      first_seen_time: finding.firstAtMs,
      last_seen_time: finding.lastAtMs,
      analytic: {
        name: finding.rule.title,
        uid: finding.rule.id,
        ...(finding.rule.version === undefined ? {} : { version: finding.rule.version }),
        type_id: 1,
        type: 'Rule',
      },
      ...(finding.techniques.length === 0 ? {} : { attacks: finding.techniques.map(attack) }),
      ...(finding.references.length === 0 ? {} : { src_url: finding.references[0] }),
      ...(finding.eventIds === undefined || finding.eventIds.length === 0
        ? {}
        : { related_events: finding.eventIds.map((uid) => ({ uid })) }),
      ...(schema === '1.1.0' || finding.events === undefined ? {} : { related_events_count: finding.events }),
    },
    ...(evidences.length === 0 ? {} : { evidences }),
    ...(resources.length === 0 ? {} : { resources }),
    ...(observables.length === 0 ? {} : { observables }),
    ...(Object.keys(unmapped).length === 0 ? {} : { unmapped }),
  };
}

function activityOf({ createdAtMs, changedAtMs, handling }: FindingOutput): readonly [id: 1 | 2 | 3, name: string] {
  if (handling?.status === 'closed') return [3, 'Close'];
  return changedAtMs === undefined || changedAtMs === createdAtMs ? [1, 'Create'] : [2, 'Update'];
}

/** A finding that was judged harmless is "suppressed" there, any other closed one "resolved". */
function statusOf(handling: Handling | undefined): readonly [id: number, name: string] {
  if (handling === undefined || handling.status === 'open') return [1, 'New'];
  if (handling.status === 'acknowledged') return [2, 'In Progress'];
  const harmless = handling.verdict === 'benign_positive' || handling.verdict?.startsWith('false_positive') === true;
  return harmless ? [3, 'Suppressed'] : [4, 'Resolved'];
}

/** The attributes of the profile "incident". */
function incidentOf(handling: Handling | undefined): Record<string, unknown> | undefined {
  if (handling === undefined) return undefined;
  const [verdictId, verdict] = handling.verdict === null ? [0, 'Unknown'] : verdicts[handling.verdict];
  return {
    verdict_id: verdictId,
    verdict,
    ...(handling.assignee === null ? {} : { assignee: { name: handling.assignee } }),
  };
}

/** Who and from where is evidence, on what a resource. Each stands among the observables too, named by its place. */
function evidenceOf({ entities = [], evidence }: FindingOutput) {
  const evidences: Record<string, unknown>[] = evidence === undefined ? [] : [{ data: evidence }];
  const resources: Record<string, unknown>[] = [];
  const observables: Record<string, unknown>[] = [];
  for (const { kind, value } of entities) {
    const address = kind === 'ip' ? plainAddress(value) : undefined;
    if (kind === 'user') {
      observables.push(observable(`evidences[${evidences.length}].actor.user.name`, 4, 'User Name', value));
      evidences.push({ actor: { user: { name: value } } });
    } else if (address !== undefined) {
      observables.push(observable(`evidences[${evidences.length}].src_endpoint.ip`, 2, 'IP Address', address));
      evidences.push({ src_endpoint: { ip: address } });
    } else if (kind === 'ip') {
      // What a log wrote in place of an address.
      observables.push(observable(`evidences[${evidences.length}].src_endpoint.name`, 99, 'Other', value));
      evidences.push({ src_endpoint: { name: value } });
    } else {
      observables.push(observable(`resources[${resources.length}].name`, 99, 'Other', value));
      resources.push({ name: value, type: kind });
    }
  }
  return { evidences, resources, observables };
}

function observable(name: string, type_id: number, type: string, value: string): Record<string, unknown> {
  return { name, type_id, type, value };
}

/** `T1110.001` as technique and sub-technique. */
function attack(id: string): Record<string, unknown> {
  const [technique = id] = id.split('.');
  return {
    version: '16',
    technique: { uid: technique },
    ...(technique === id ? {} : { sub_technique: { uid: id } }),
  };
}
