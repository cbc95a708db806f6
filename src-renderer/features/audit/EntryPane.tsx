// One audit entry: what it says, the bytes that are hashed, and the hash. The hash is computed here once more, from the bytes shown.

import { ListFilter } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { AuditEntry } from '../../../src-shared/contract/audit.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { ExactTime, Time } from '../../ui/data/Time.tsx';
import { DetailPane, paneWidth } from '../../ui/layout/DetailPane.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import css from './audit.module.css';
import type { AuditQuery } from './audit-query.ts';
import { isLeafOf } from './leaf-hash.ts';

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly only: Partial<AuditQuery> | undefined;
  readonly onOnly: (conditions: Partial<AuditQuery>) => void;
}

function Fact({ name, value, only, onOnly }: FactProps) {
  if (only === undefined) return value;
  return (
    <span className={css.fact}>
      <span>{value}</span>
      <Button
        size="small"
        tone="quiet"
        icon={ListFilter}
        label={`Only entries of this ${name.toLowerCase()}`}
        onPress={() => onOnly(only)}
      />
    </span>
  );
}

interface EntryPaneProps {
  readonly entry: AuditEntry;
  /** Size of the last checkpoint: entries up to there are covered by a signature. */
  readonly coveredTo: number | undefined;
  readonly takesFocus: boolean;
  /** Shows only the entries of whom or what one stands on. */
  readonly onOnly: (conditions: Partial<AuditQuery>) => void;
  readonly onClose: () => void;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

export function EntryPane({ entry, coveredTo, onOnly, ...pane }: EntryPaneProps) {
  const [width, setWidth] = useState<number>(paneWidth.least);
  const [isSame, setIsSame] = useState<boolean>();
  useEffect(() => {
    setIsSame(isLeafOf(noblePrimitives, entry.canonical, entry.leaf_hash));
  }, [entry]);
  const { actor, session_id: session } = entry;
  const only: Readonly<Record<string, Partial<AuditQuery> | undefined>> = {
    Type: { eventType: entry.event_type },
    Actor: actor.name === '' ? undefined : { actor: actor.name },
    Session: session === null ? undefined : { session },
  };
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
          entries={[
            { name: 'Time', value: <ExactTime at={entry.time} /> },
            ...facts.flatMap(([name, value]) =>
              value === null || value === ''
                ? []
                : [{ name, value: <Fact name={name} value={value} only={only[name]} onOnly={onOnly} /> }],
            ),
          ]}
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
        <p className="small muted">
          No entry has an HMAC of its own. A bundle carries one HMAC-SHA256 over its canonical manifest, which holds the
          digest of all its entries; its key is AUDIT_SIGNING_SECRET, where one is set.
        </p>
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

interface MissingEntryProps extends Pick<EntryPaneProps, 'takesFocus' | 'onClose' | 'onPrevious' | 'onNext'> {
  readonly words: string;
}

export function MissingEntry({ words, ...pane }: MissingEntryProps) {
  const [width, setWidth] = useState<number>(paneWidth.least);
  return (
    <DetailPane {...pane} label="Entry" title="No such entry" width={width} onWidthChange={setWidth}>
      <Block title="Why">
        <p>{words}</p>
      </Block>
    </DetailPane>
  );
}
