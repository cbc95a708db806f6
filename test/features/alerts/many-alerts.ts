// A queue of 100,000 alerts, and filters that find all, some and none of them. Plans are tested in scale.test.ts, costs measured in
// test/bench/queue.ts.
import type { Input } from '../../../src-shared/contract/contract.ts';
import { severity } from '../../../src-shared/contract/values.ts';
import type { AlertsConsole } from './alerts-console.ts';

export const total = 100_000;

// The statements below fill the tables as raising would, a hundred times faster than raising one by one.
export function fill(console: AlertsConsole): void {
  console.raise();
  console.store.write('default', (tx) => {
    tx.run(
      `INSERT INTO alert (workspace, id, number, detector, detector_id, severity, risk, status, verdict, assignee, count,
          first_seen_at, last_seen_at, raised_at, changed_at, clock_from_at, acknowledged_at, revision, state_revision,
          dedup_key, dedup_from_at, dedup_window_ms, title, sentence, entities, techniques, risk_derivation, closing_note)
        SELECT a.workspace, printf('0197b000-0000-7000-8000-%012d', n.value), n.value, a.detector, 'detector-' || (n.value % 40),
          json_extract(:severities, '$[' || (n.value % 5) || ']'), (n.value * 7919) % 101,
          CASE n.value % 10 WHEN 0 THEN 'closed' WHEN 1 THEN 'acknowledged' ELSE 'open' END,
          CASE n.value % 10 WHEN 0 THEN 'duplicate' END, CASE n.value % 3 WHEN 0 THEN 'user-' || (n.value % 20) END, 1,
          a.first_seen_at, a.last_seen_at, a.raised_at - (n.value * 1009) % 86400000, a.changed_at, a.clock_from_at,
          CASE n.value % 10 WHEN 1 THEN a.raised_at END, 1, 1,
          'filled-' || n.value, a.dedup_from_at, a.dedup_window_ms, 'Failed logins for user-' || n.value, a.sentence,
          json_array(json_object('kind', 'user', 'value', 'user-' || (n.value % 5000)),
            json_object('kind', 'ip', 'value', '10.0.' || (n.value / 256 % 256) || '.' || (n.value % 256))),
          a.techniques, a.risk_derivation, NULL
        FROM alert AS a, json_each(:numbers) AS n WHERE a.number = 1 AND a.workspace = :workspace`,
      {
        severities: JSON.stringify(severity.options),
        numbers: JSON.stringify(Array.from({ length: total - 1 }, (_, index) => index + 2)),
      },
    );
    tx.run(
      `INSERT INTO alert_words (alert, workspace, words) SELECT key, workspace, lower('alr-' || number || char(10) || title
          || char(10) || sentence || char(10) || detector_id || char(10) || entities)
        FROM alert WHERE number > 1 AND workspace = :workspace`,
    );
    tx.run(
      `INSERT INTO alert_entity (workspace, kind, value, detector_id, alert, address)
        SELECT workspace, 'user', 'user-' || (number % 5000), detector_id, key, NULL
        FROM alert WHERE number > 1 AND workspace = :workspace`,
    );
    tx.run(
      `INSERT INTO alert_entity (workspace, kind, value, detector_id, alert, address)
        SELECT workspace, 'ip', '10.0.' || (number / 256 % 256) || '.' || (number % 256), detector_id, key,
          unhex(printf('040a00%02x%02x', number / 256 % 256, number % 256))
        FROM alert WHERE number > 1 AND workspace = :workspace`,
    );
  });
}

export const filters: Input<'alerts.summary'>[] = [
  {},
  { status: ['open', 'acknowledged', 'closed'] },
  { status: ['closed'], verdict: ['false_positive_data'] },
  { severity: ['critical'] },
  { detector: 'no-such-detector' },
  { assignee: 'nobody-of-that-name' },
  { user: 'user-77' },
  { ip: '10.0.3.0/24' },
  { host: 'web-1' },
  { exclude: ['user:user-77', 'ip:10.0.3.0/24', 'detector:detector-1'] },
  { suppressed: true },
  { suppressed: false },
  { ip: '0.0.0.0/0' },
  { risk_min: 100 },
  { raised_since: '2026-11-21T13:59:00.000Z' },
  { text: 'user-99999' },
  { text: 'no such words anywhere' },
];
