// One audit entry: what it says, the bytes that are hashed, and the hash. The hash is computed here once more, from the bytes shown.

import { useEffect, useState } from 'react';
import type { AuditEntry } from '../../../src-shared/contract/audit.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { formatCount } from '../../lib/numbers.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { DetailPane, paneWidth } from '../../ui/layout/DetailPane.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import css from './audit.module.css';
import { isLeafOf } from './leaf-hash.ts';

interface EntryPaneProps {
  readonly entry: AuditEntry;
  /** Size of the last checkpoint: entries up to there are covered by a signature. */
  readonly coveredTo: number | undefined;
  readonly takesFocus: boolean;
  readonly onClose: () => void;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

export function EntryPane({ entry, coveredTo, ...pane }: EntryPaneProps) {
  const [width, setWidth] = useState<number>(paneWidth.least);
  const [isSame, setIsSame] = useState<boolean>();
  useEffect(() => {
    setIsSame(isLeafOf(noblePrimitives, entry.canonical, entry.leaf_hash));
  }, [entry]);
  const facts: readonly (readonly [string, string | null])[] = [
    ['Type', entry.event_type],
    ['Actor', [entry.actor.kind, entry.actor.name].filter(Boolean).join(' ')],
    ['Target', entry.resource && [entry.resource.type, entry.resource.id].filter(Boolean).join(' ')],
    ['Result', entry.success ? 'done' : 'refused'],
    ['Address', entry.ip_address],
    ['User agent', entry.user_agent],
    ['Session', entry.session_id],
    ['Trace', entry.trace_id],
    ['Workspace', entry.workspace],
    ['Data read', entry.data_accessed],
    ['Health data', entry.phi ? 'yes' : null],
  ];
  const details = Object.entries(entry.details);
  return (
    <DetailPane
      {...pane}
      label={`Entry #${entry.seq}`}
      title={entry.action}
      facts={
        <>
          <span className="mono">#{formatCount(entry.seq)}</span>
          <Time at={entry.time} />
        </>
      }
      width={width}
      onWidthChange={setWidth}
    >
      <Block title="What happened">
        <KeyValues
          entries={facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [{ name, value }]))}
        />
      </Block>
      {details.length + entry.erased.length > 0 && (
        <Block title="Details">
          <KeyValues
            entries={[
              ...details.map(([name, value]) => ({
                name,
                value: <span className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</span>,
              })),
              ...entry.erased.map((path) => ({
                name: path.replace(/^details\./, ''),
                value: <i>erased: the key of the person it was about was destroyed; the proof below still holds</i>,
              })),
            ]}
          />
        </Block>
      )}
      <Block title="Proof">
        <ul className={css.proof}>
          <li>
            {isSame === undefined ? (
              <Outcome kind="running">Hashing</Outcome>
            ) : isSame ? (
              <Outcome kind="good">Hash matches</Outcome>
            ) : (
              <Outcome kind="bad">Hash differs</Outcome>
            )}
            <span className="small muted">SHA-256 of 0x00 and the bytes below, computed in this window</span>
          </li>
          <li>
            {coveredTo !== undefined && entry.seq <= coveredTo ? (
              <Outcome kind="good">Covered</Outcome>
            ) : (
              <Outcome kind="none">Not yet covered</Outcome>
            )}
            <span className="small muted">
              {coveredTo !== undefined && entry.seq <= coveredTo
                ? `by the signed checkpoint of #${formatCount(coveredTo)}. A bundle carries the proof.`
                : 'The next checkpoint covers it, within a minute.'}
            </span>
          </li>
        </ul>
        <p className={css.hash}>
          {entry.leaf_hash} <CopyButton value={entry.leaf_hash} what="the leaf hash" />
        </p>
      </Block>
      <Block title="Canonical bytes" end={<CopyButton value={entry.canonical} what="the canonical bytes" />}>
        <p className="small muted">What the tree holds. Fields that may be erased later stand as salted commitments.</p>
        <pre className={css.json}>{entry.canonical}</pre>
      </Block>
    </DetailPane>
  );
}
