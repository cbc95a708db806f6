// Invented alerts in documentation address ranges, for the gallery's queue and for lists of any length.

import type { SeverityLevel } from '../../../../src-renderer/ui/data/severity-levels.ts';

export interface SampleAlert {
  readonly id: string;
  readonly severity: SeverityLevel;
  readonly risk: number;
  readonly title: string;
  readonly repeats: number;
  readonly raisedAt: number;
  readonly dueAt: number;
  readonly assignee: string | undefined;
  readonly status: 'Open' | 'Ack';
}

const minuteMs = 60_000;

const written: readonly (readonly [
  SeverityLevel,
  number,
  string,
  number,
  number,
  number,
  string | undefined,
  'Open' | 'Ack',
])[] = [
  ['critical', 98, 'svc-deploy made itself admin outside the window', 1, 4, 11, undefined, 'Open'],
  ['critical', 95, '412 MB from carla.mendes to 198.51.100.23 in 18 min', 6, 86, 158, 'jonas.weber', 'Ack'],
  ['critical', 93, '63 secrets read by key ci-runner-eu in 41 min', 63, 12, 3, 'mira.solberg', 'Open'],
  ['high', 88, '5 users tried from 203.0.113.7 in 10 min', 27, 14, 46, 'mira.solberg', 'Open'],
  ['high', 84, '11 failed logins for alice.tan from 203.0.113.7', 11, 16, 44, undefined, 'Open'],
  ['high', 82, 'Forbidden command on build-07 by agent-reindex', 1, 22, 38, undefined, 'Open'],
  ['high', 81, 'SQL injection in /api/orders from 198.51.100.77', 19, 31, 29, 'priya.nair', 'Ack'],
  ['high', 79, 'Refresh token of ben.hartmann used twice', 2, 38, 22, undefined, 'Open'],
  ['high', 77, 'Path traversal on docs-gw from 192.0.2.44', 8, 47, 13, 'priya.nair', 'Open'],
  ['high', 74, 'Key billing-sync used from a new network', 3, 63, -3, undefined, 'Open'],
  ['medium', 62, 'First login of lena.brandt from a new device', 1, 41, 199, undefined, 'Open'],
  ['medium', 57, 'Branch protection off on nordkai/payments', 1, 72, 168, 'jonas.weber', 'Ack'],
  ['medium', 45, 'Clock of build-07 moved by −02:14', 1, 268, -28, undefined, 'Open'],
  ['low', 31, 'Key ci-artifacts is 91 days old, rotation at 90', 1, 188, 1252, undefined, 'Open'],
  ['info', 8, 'Limit of data_exfiltration cut to 100 MB', 1, 1010, 4000, undefined, 'Open'],
];

/** Repeats the written ones as often as needed; every alert has its own id and a slightly later time. */
export function sampleAlerts(count: number, now: number): readonly SampleAlert[] {
  return Array.from({ length: count }, (_, index) => {
    const from = written[index % written.length];
    if (from === undefined) throw new Error('no sample alerts');
    const [severity, risk, title, repeats, age, left, assignee, status] = from;
    return {
      id: `ALR-${20924 + index}`,
      severity,
      risk,
      title,
      repeats,
      raisedAt: now - age * minuteMs,
      dueAt: now + left * minuteMs,
      assignee,
      status,
    };
  });
}
