// Two short lists of alerts by their limits: those that wait for this person, and those whose limit comes next for anybody.

import { formatPlace } from '../../app/navigation.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Severity } from '../../ui/data/Severity.tsx';
import { Timer } from '../../ui/data/Timer.tsx';
import { Panel } from '../../ui/layout/Page.tsx';
import css from './home.module.css';
import type { Due } from './needs.ts';

const needsShown = 6;
const riskShown = 8;

export function NeedsMe({ needs, me }: { readonly needs: readonly Due[]; readonly me: string }) {
  const shown = needs.slice(0, needsShown);
  return (
    <Panel
      title="Needs me"
      end={
        needs.length > shown.length
          ? `${shown.length} of ${formatCount(needs.length)}, nearest limit first`
          : `${needs.length}, nearest limit first`
      }
    >
      {shown.length === 0 ? (
        <p className={css.none}>Nothing is assigned to you, and no critical or high alert is without somebody.</p>
      ) : (
        <ul>
          {shown.map(({ row, dueAt }) => (
            <li key={row.id}>
              <a className={css.need} href={formatPlace({ screen: 'queue', path: [row.id] })}>
                <Severity level={row.severity} />
                <span className="clip">{row.title}</span>
                <span className={css.by}>
                  ALR-{row.number}, {row.assignee === me ? 'mine' : 'nobody’s'}
                </span>
                <Timer startedAt={row.raised_at} dueAt={dueAt} showsLeft />
              </a>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface AtRiskProps {
  readonly atRisk: readonly Due[];
  /** Open and acknowledged, as the service counts them. */
  readonly active: number;
  readonly looked: number;
}

export function AtRisk({ atRisk, active, looked }: AtRiskProps) {
  const shown = atRisk.slice(0, riskShown);
  const isPartial = looked < active;
  return (
    <Panel
      title="SLA at risk"
      end={
        isPartial
          ? `nearest ${shown.length} of the ${formatCount(looked)} riskiest, ${formatCount(active)} active`
          : `${shown.length} of ${formatCount(active)}, the nearest`
      }
    >
      {shown.length === 0 ? (
        <p className={css.none}>No alert has a limit running.</p>
      ) : (
        <ul>
          {shown.map(({ row, dueAt }) => (
            <li key={row.id}>
              <a className={css.risk} href={formatPlace({ screen: 'queue', path: [row.id] })}>
                <Severity level={row.severity} />
                <span className="clip">{row.title}</span>
                <Timer startedAt={row.raised_at} dueAt={dueAt} />
              </a>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
