// A detection as OCSF Detection Finding (2004), the same for 1.1.0 and 1.8.0.
import type { OcsfVersion } from './ocsf.ts';
import type { OutputSource } from './output.ts';

export type FindingOutput = {
  /** Stable for the same finding. */
  readonly id: string;
  readonly timeMs: number;
  readonly createdAtMs: number;
  readonly ruleId: string;
  readonly title: string;
  readonly message: string;
  readonly level: 'info' | 'low' | 'medium' | 'high' | 'critical';
  readonly techniques: readonly string[];
  readonly references: readonly string[];
  /** Where the evidence stands: file and record, or the like. */
  readonly evidence: Readonly<Record<string, unknown>>;
};

const severities = {
  info: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
} as const;

export function ocsfFinding(
  finding: FindingOutput,
  schema: OcsfVersion,
  { version }: OutputSource,
): Record<string, unknown> {
  const [severityId, severity] = severities[finding.level];
  return {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    type_uid: 200_401,
    type_name: 'Detection Finding: Create',
    time: finding.timeMs,
    severity_id: severityId,
    severity,
    status_id: 1,
    status: 'New',
    message: finding.message,
    metadata: {
      version: schema,
      uid: finding.id,
      product: { name: 'Gatehouse', vendor_name: 'Gatehouse', version },
      profiles: [],
    },
    finding_info: {
      uid: finding.id,
      title: finding.title,
      desc: finding.message,
      created_time: finding.createdAtMs,
      first_seen_time: finding.timeMs,
      last_seen_time: finding.timeMs,
      analytic: { name: finding.title, uid: finding.ruleId, type_id: 1, type: 'Rule' },
      ...(finding.techniques.length === 0 ? {} : { attacks: finding.techniques.map(attack) }),
      ...(finding.references.length === 0 ? {} : { src_url: finding.references[0] }),
    },
    evidences: [{ data: finding.evidence }],
  };
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
