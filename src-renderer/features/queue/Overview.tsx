// What one needs to judge an alert, in the order one asks: why, what to do, how it was judged before, who, how the number comes about,
// on which evidence, which technique, and what happened since.

import { Box, Globe, KeyRound, Server, User } from 'lucide-react';
import { useStore } from 'zustand';
import type { AlertFull } from '../../../src-shared/contract/alerts.ts';
import { findTechnique } from '../../lib/attack-names.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { severityWords } from '../../ui/data/severity-levels.ts';
import { Tag } from '../../ui/data/Tag.tsx';
import { Icon, type IconShape } from '../../ui/Icon.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { AlertProof } from './AlertProof.tsx';
import { type EntityKind, entityWords, verdictLabel } from './alert-words.ts';
import { EventTable } from './EventsTab.tsx';
import css from './queue.module.css';
import { queue } from './queue-state.ts';
import { Suppressed } from './Suppressed.tsx';
import { valuesOf } from './value-choices.ts';
import { openValueMenu } from './value-menu.ts';

interface OverviewProps {
  readonly alert: AlertFull;
  readonly onEvents: () => void;
}

const eventsShown = 5;

export function Overview({ alert, onEvents }: OverviewProps) {
  return (
    <>
      <Block title="Why it fired">
        <p>{alert.sentence}</p>
        <div className={css.why}>
          <KeyValues
            nameWidth="minmax(80px, max-content)"
            entries={[
              alert.origin === 'scan'
                ? { name: 'Rule', value: <LoadedRule alert={alert} /> }
                : {
                    name: 'Detector',
                    value: (
                      <span className="line wrap">
                        <a href={`#/detections/${encodeURIComponent(alert.detector.id)}`}>{alert.detector.title}</a>
                        <span className="mono faint">{shortVersion(alert.detector.version)}</span>
                      </span>
                    ),
                  },
              ...Object.entries(alert.detector.parameters).map(([name, value]) => ({
                name,
                value: <span className="mono">{String(value)}</span>,
              })),
            ]}
          />
        </div>
        {alert.origin === 'rule' && <AlertProof key={alert.id} alert={alert} />}
        {alert.detector.false_positives.length > 0 && (
          <div className={css.also}>
            <p>Also raised by</p>
            <ul>
              {alert.detector.false_positives.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </div>
        )}
      </Block>
      <Runbook alert={alert} />
      <SeenBefore alert={alert} />
      <Block title="Entities" end={`${alert.entities.length}`}>
        <div className={css.entities}>
          {alert.entities.map(({ kind, value }, at) => (
            <button
              key={`${kind} ${value}`}
              type="button"
              className={css.entity}
              title={value}
              aria-haspopup="menu"
              onClick={(event) => openValueMenu(valuesOf(alert), at, event.currentTarget)}
              onContextMenu={(event) => {
                event.preventDefault();
                openValueMenu(valuesOf(alert), at, event.currentTarget);
              }}
            >
              <Icon of={entityIcons[kind]} />
              <span className="clip strong">{value}</span>
              <span className="small faint">{entityWords[kind]}</span>
            </button>
          ))}
        </div>
        {alert.entities.length === 0 && <p className="small muted">The events name no user, address, host or key.</p>}
      </Block>
      <Risk alert={alert} />
      <Block
        title="Evidence"
        end={
          <>
            {formatCount(Math.min(eventsShown, alert.events.length))} of {formatCount(alert.events_total)} events
            {alert.events.length > eventsShown && (
              <Button size="small" onPress={onEvents}>
                Show all
              </Button>
            )}
          </>
        }
      >
        <EventTable events={alert.events.slice(0, eventsShown)} />
      </Block>
      {alert.techniques.length > 0 && (
        <Block title="ATT&CK">
          {alert.techniques.map((id) => {
            const known = findTechnique(id);
            return (
              <p key={id}>
                <span className="mono">{id}</span> <b>{known?.name ?? 'not in the local list'}</b>{' '}
                <span className="muted">{known?.tactic}</span>
              </p>
            );
          })}
        </Block>
      )}
      <Suppressed key={alert.id} alert={alert} />
    </>
  );
}

const entityIcons: Readonly<Record<EntityKind, IconShape>> = {
  user: User,
  ip: Globe,
  host: Server,
  key: KeyRound,
  resource: Box,
};

/** A version is a hash: its ends tell it apart, the whole stands in the JSON. */
function shortVersion(version: string): string {
  return version.length > 16 ? `${version.slice(0, 6)}…${version.slice(-4)}` : version;
}

function Runbook({ alert }: { readonly alert: AlertFull }) {
  const ticked = useStore(queue, (state) => state.ticks.get(alert.id));
  if (alert.runbook.length === 0) return null;
  return (
    <Block title="What to do now" end={`${ticked?.size ?? 0} of ${alert.runbook.length} done`}>
      <ol className={css.steps}>
        {alert.runbook.map((step, position) => (
          <li key={step}>
            <Checkbox isChecked={ticked?.has(position) ?? false} onChange={() => queue.tick(position)}>
              {step}
            </Checkbox>
          </li>
        ))}
      </ol>
      <p className="caption faint">Ticks are for you alone and go when this window is locked. Notes are kept.</p>
    </Block>
  );
}

function SeenBefore({ alert }: { readonly alert: AlertFull }) {
  const { total, by_verdict, last_note } = alert.seen_before;
  const verdicts = Object.entries(by_verdict).toSorted((left, right) => right[1] - left[1]);
  const unjudged = verdicts.reduce((left, [, times]) => left - times, total);
  return (
    <Block title="Seen before">
      {total === 0 ? (
        <p className="small muted">Never: the first alert of this detector on these entities.</p>
      ) : (
        <p className="small">
          This detector on these entities: {formatCount(total)} before
          {verdicts.map(([verdict, times]) => (
            <span key={verdict}>
              , <b>{formatCount(times)}</b> of {formatCount(total)} {verdictLabel(verdict).toLowerCase()}
            </span>
          ))}
          {unjudged > 0 && `, ${formatCount(unjudged)} not judged yet`}.
          {last_note !== null && ` Last note: “${last_note}”`}
        </p>
      )}
    </Block>
  );
}

interface RiskLine {
  readonly label: string;
  readonly points: string;
}

function Risk({ alert }: { readonly alert: AlertFull }) {
  const sum = alert.risk_derivation.reduce((total, part) => total + part.points, 0);
  const lines: RiskLine[] = alert.risk_derivation.map(({ label, points }, position) => ({
    label,
    points: position === 0 ? points.toFixed(1) : signed(points),
  }));
  const isRounded = sum !== alert.risk;
  lines.push({ label: 'Risk', points: isRounded ? `${sum.toFixed(1)}, shown as ${alert.risk}` : String(alert.risk) });
  return (
    <Block title={`Risk ${alert.risk}`} end={`${severityWords[alert.severity]}, 0 to 100`}>
      <DataTable
        caption="How the risk adds up"
        isTight
        isFlush
        hasTotal
        rows={lines}
        keyOf={(line) => line.label}
        columns={riskColumns}
      />
    </Block>
  );
}

const riskColumns = [
  { id: 'label', title: 'Part', cell: (line: RiskLine) => line.label },
  { id: 'points', title: 'Points', width: '160px', align: 'end' as const, cell: (line: RiskLine) => line.points },
];

function signed(points: number): string {
  if (points === 0) return '0.0';
  return points > 0 ? `+${points.toFixed(1)}` : `−${Math.abs(points).toFixed(1)}`;
}

/** The rule of a scan need not be one of the console's: there is nothing here to replay or to tune. */
function LoadedRule({ alert }: Pick<OverviewProps, 'alert'>) {
  return (
    <span className="line wrap">
      {alert.detector.title} <Tag tone="line">scan</Tag>
      <span className="small muted">loaded from a scan of log files</span>
    </span>
  );
}
