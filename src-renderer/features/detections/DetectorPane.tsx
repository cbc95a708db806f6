// One detector: its state and limits, what it means, when it is wrong, what to do, its exceptions, its versions and the rule itself.

import { Copy, Pencil } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { Detector } from '../../../src-shared/contract/detections.ts';
import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { formatPlace, navigate } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { cx } from '../../lib/cx.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { Severity } from '../../ui/data/Severity.tsx';
import { severities, severityWords } from '../../ui/data/severity-levels.ts';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { DetailPane, paneWidth } from '../../ui/layout/DetailPane.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { changeRule } from './change-rule.ts';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import { ExceptionDialog } from './ExceptionDialog.tsx';
import { ExceptionList } from './ExceptionsView.tsx';
import { Parameters } from './Parameters.tsx';
import { chosenStates, countOf, stateWords } from './rule-words.ts';
import { Suppression } from './Suppression.tsx';
import { useLoad } from './use-load.ts';

interface DetectorPaneProps {
  readonly detector: Detector;
  /** Conditions of an exception that an alert proposes, as JSON. */
  readonly except: string | undefined;
  readonly takesFocus: boolean;
  readonly onClose: () => void;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

export function DetectorPane({ detector, except, ...pane }: DetectorPaneProps) {
  const reading = useStore(detections, (state) => state.reading);
  const [width, setWidth] = useState<number>(paneWidth.least);
  const [excepting, setExcepting] = useState(except !== undefined);
  const mayManage = useMayDo('detections.manage');
  const {
    value: rule,
    failure,
    reload,
  } = useLoad(`${detector.rule} ${reading}`, (signal) => call('rules.get', { id: detector.rule }, { signal }));
  const full = rule?.detectors.find(({ id }) => id === detector.id) ?? rule?.detectors[0];
  const alertsOfIt = `status:open,ack,closed detector:"${detector.id.replace(/["\\]/g, '\\$&')}"`;

  return (
    <DetailPane
      {...pane}
      label={`Detector ${detector.title}`}
      title={detector.title}
      severity={detector.severity}
      headline={
        <>
          <Severity level={detector.severity} isTinted />
          {detector.state !== 'on' && (
            <Tag tone={detector.state === 'simulated' ? 'dashed' : 'line'}>{stateWords[detector.state]}</Tag>
          )}
          {detector.techniques.map((id) => (
            <Tag key={id} tone="line">
              {id}
            </Tag>
          ))}
        </>
      }
      facts={
        <>
          <span className="mono clip">
            {detector.pack}/{detector.name}
          </span>
          <span>
            {formatCount(detector.alerts_24h)} alerts in 24 h,{' '}
            {detector.last_alert_at === null ? (
              'none ever'
            ) : (
              <>
                last <RelativeTime at={detector.last_alert_at} />
              </>
            )}
          </span>
          <a href={formatPlace({ screen: 'queue', query: { q: alertsOfIt } })}>show its alerts</a>
        </>
      }
      actions={
        <>
          <Button icon={Pencil} onPress={() => navigate({ screen: 'detections', path: ['edit', detector.rule] })}>
            {rule?.editable === true && mayManage ? 'Edit' : 'Try and test'}
          </Button>
          {mayManage && (
            <>
              <Button
                icon={Copy}
                onPress={() => navigate({ screen: 'detections', path: ['new'], query: { copy: detector.rule } })}
              >
                Copy
              </Button>
              <Button onPress={() => setExcepting(true)}>Add exception</Button>
            </>
          )}
        </>
      }
      width={width}
      onWidthChange={setWidth}
    >
      {failure !== undefined && rule === undefined && (
        <ErrorState
          title="This rule could not be read"
          detail={failure}
          stillWorks="It goes on as it is."
          onRetry={reload}
        />
      )}
      {rule === undefined && failure === undefined && <LoadingSkeleton label="Loading the rule" rows={6} />}
      {rule !== undefined && (
        <>
          {rule.reason !== null && (
            <Banner>
              {stateWords[rule.state]}: {rule.reason}
            </Banner>
          )}
          <Choices rule={rule} mayManage={mayManage} onChanged={reload} />
          <Simulated rule={rule} />
          {full !== undefined && full.description !== '' && (
            <Block title="What it looks for">
              <p>{full.description}</p>
            </Block>
          )}
          <Parameters key={rule.revision} rule={rule} mayManage={mayManage} onChanged={reload} />
          <Suppression key={`suppression ${rule.revision}`} rule={rule} mayManage={mayManage} onChanged={reload} />
          <List title="When it is wrong" items={full?.false_positives ?? []} />
          <List title="What to do" items={full?.runbook ?? []} isOrdered />
          {rule.exceptions.length > 0 && (
            <Block title="Exceptions" end={`${rule.exceptions.length}`}>
              <ExceptionList items={rule.exceptions} mayManage={mayManage} onChanged={reload} />
            </Block>
          )}
          {/* Addresses are shown, not linked: the console opens nothing outside of itself. */}
          <List title="References" items={full?.references ?? []} />
          <Versions rule={rule} />
          <Block title="Rule" end={<CopyButton value={rule.source} what="the rule as YAML" />}>
            {full !== undefined && (
              <p className={cx('small muted', css.version)}>
                Detector version <span className="mono">{full.version}</span>
              </p>
            )}
            <pre className={css.source}>{rule.source}</pre>
          </Block>
        </>
      )}
      {excepting && (
        <ExceptionDialog
          rule={detector.rule}
          title={detector.title}
          proposed={except}
          onClose={() => {
            setExcepting(false);
            reload();
          }}
        />
      )}
    </DetailPane>
  );
}

interface PartProps {
  readonly rule: RuleFull;
  readonly mayManage: boolean;
  readonly onChanged: () => void;
}

function Choices({ rule, mayManage, onChanged }: PartProps) {
  if (!mayManage) return null;
  const chosen = rule.state === 'refused' || rule.state === 'switched_off' ? undefined : rule.state;
  return (
    <div className={cx(css.choicesRow, css.paneRow)}>
      <Select
        label="State"
        value={chosen}
        placeholder={stateWords[rule.state]}
        options={chosenStates}
        onChange={(state) =>
          void changeRule(rule, { state }, `${rule.title}: ${stateWords[state].toLowerCase()}`).then(onChanged)
        }
      />
      <Select
        label="Severity"
        value={rule.severity_override ?? 'own'}
        options={[
          {
            id: 'own',
            label: `As the rule says${rule.own_severity === null ? '' : `: ${severityWords[rule.own_severity]}`}`,
          },
          ...severities.map((id) => ({ id, label: severityWords[id] })),
        ]}
        onChange={(id) =>
          void changeRule(
            rule,
            { severity: severities.find((one) => one === id) ?? null },
            `${rule.title}: severity changed`,
          ).then(onChanged)
        }
      />
    </div>
  );
}

function Simulated({ rule }: { readonly rule: RuleFull }) {
  const { total, since, latest } = rule.simulated;
  if (total === 0 && rule.state !== 'simulated') return null;
  return (
    <Block title="Simulated" end={since === null ? undefined : <RelativeTime at={since} />}>
      <p className="small">
        {total === 0 ? 'Would have raised nothing so far.' : `Would have raised ${countOf(total, 'alert')}.`}
      </p>
      <ul className={css.wouldBe}>
        {latest.map((one) => (
          <li key={`${one.at} ${one.title}`}>
            <Severity level={one.severity} /> <span className="clip">{one.title}</span>{' '}
            <span className="small muted nowrap">
              × {formatCount(one.count)}, <RelativeTime at={one.last_at} />
            </span>
          </li>
        ))}
      </ul>
    </Block>
  );
}

function Versions({ rule }: { readonly rule: RuleFull }) {
  if (rule.versions.length < 2) return null;
  return (
    <Block
      title="Versions"
      end={
        <a href={formatPlace({ screen: 'detections', path: ['edit', rule.id], query: { show: 'versions' } })}>
          Compare {rule.versions.length}
        </a>
      }
    >
      <KeyValues
        nameWidth="48px"
        entries={rule.versions.map(({ number, at, by, note }) => ({
          name: `${number}`,
          value: (
            <>
              {by}, <RelativeTime at={at} />
              {note !== null && <span className="muted">: {note}</span>}
            </>
          ),
        }))}
      />
    </Block>
  );
}

interface ListProps {
  readonly title: string;
  readonly items: readonly string[];
  readonly isOrdered?: boolean;
}

function List({ title, items, isOrdered = false }: ListProps) {
  if (items.length === 0) return null;
  const Items = isOrdered ? 'ol' : 'ul';
  return (
    <Block title={title}>
      <Items className={isOrdered ? css.ordered : css.plain}>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </Items>
    </Block>
  );
}
