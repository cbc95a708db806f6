// One detector: what it means, when it is wrong, what to do, and the rule itself as it is loaded. Read-only.

import { useState } from 'react';
import type { Detector } from '../../../src-shared/contract/detections.ts';
import { formatPlace } from '../../app/navigation.ts';
import { formatCount } from '../../lib/numbers.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Severity } from '../../ui/data/Severity.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { DetailPane, paneWidth } from '../../ui/layout/DetailPane.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import css from './detections.module.css';

interface DetectorPaneProps {
  readonly detector: Detector;
  readonly takesFocus: boolean;
  readonly onClose: () => void;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

export function DetectorPane({ detector, ...pane }: DetectorPaneProps) {
  const [width, setWidth] = useState<number>(paneWidth.least);
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
          {detector.techniques.map((id) => (
            <Tag key={id} tone="line">
              {id}
            </Tag>
          ))}
        </>
      }
      facts={
        <>
          <span className="mono clip">{detector.name}</span>
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
      width={width}
      onWidthChange={setWidth}
    >
      <Block title="What it looks for">
        <p>{detector.description}</p>
      </Block>
      {Object.keys(detector.parameters).length > 0 && (
        <Block title="Parameters">
          <KeyValues
            nameWidth="160px"
            entries={Object.entries(detector.parameters).map(([name, value]) => ({
              name,
              value: <span className="mono">{String(value)}</span>,
            }))}
          />
        </Block>
      )}
      <List title="When it is wrong" items={detector.false_positives} />
      <List title="What to do" items={detector.runbook} isOrdered />
      {/* Addresses are shown, not linked: the console opens nothing outside of itself. */}
      <List title="References" items={detector.references} />
      <Block title="Rule" end={<CopyButton value={detector.source} what="the rule as YAML" />}>
        <p className="small muted">
          Version <span className="mono">{detector.version}</span>
        </p>
        <pre className={css.source}>{detector.source}</pre>
      </Block>
    </DetailPane>
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
