// The versions of a rule: each held against what stands in the editor, or against the version before it; and taken back into the editor.

import { useState } from 'react';
import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { DiffView } from './DiffView.tsx';
import css from './editor.module.css';
import { useLoad } from './use-load.ts';

interface VersionsPanelProps {
  readonly rule: RuleFull;
  /** What stands in the editor. */
  readonly text: string;
  /** The newest version came after the text was begun: that is the one to compare with. */
  readonly isOvertaken: boolean;
  /** Takes the text of an older version into the editor; absent where the rule can't be changed. */
  readonly onRestore: ((source: string, number: number) => void) | undefined;
}

const against = [
  { id: 'editor', label: 'with the text in the editor' },
  { id: 'before', label: 'with the version before it' },
] as const;
type Against = (typeof against)[number]['id'];

export function VersionsPanel({ rule, text, isOvertaken, onRestore }: VersionsPanelProps) {
  const { versions, id } = rule;
  const [chosen, setChosen] = useState(
    (isOvertaken ? undefined : versions.find(({ number }) => number !== rule.number)?.number) ?? rule.number,
  );
  const [other, setOther] = useState<Against>('editor');
  const index = versions.findIndex(({ number }) => number === chosen);
  const older = versions[index + 1];
  const isFirst = other === 'before' && older === undefined;
  const wanted = other === 'before' && older !== undefined ? [older.number, chosen] : [chosen];
  const { value, failure } = useLoad(isFirst ? undefined : `${id} ${wanted.join(' ')}`, (signal) =>
    Promise.all(wanted.map((number) => call('rules.version', { id, number }, { signal }))),
  );
  const first = value?.[0];
  const isOfChoice = value !== undefined && value.map(({ number }) => number).join(' ') === wanted.join(' ');
  return (
    <div className={css.part}>
      <ol className={css.versions}>
        {versions.map(({ number, at, by, note }) => (
          <li key={number}>
            <Button size="small" tone="quiet" isPressed={number === chosen} onPress={() => setChosen(number)}>
              {`Version ${number}`}
            </Button>
            <span className="small">
              {number === rule.number && <b>runs now, </b>}
              {by}, <RelativeTime at={at} />
              {note !== null && <span className="muted">: {note}</span>}
            </span>
          </li>
        ))}
      </ol>
      <div className={css.compare}>
        <Select label={`Compare version ${chosen}`} options={against} value={other} onChange={setOther} />
        {onRestore !== undefined && other === 'editor' && (
          <Button
            isDisabled={!isOfChoice || first === undefined || first.source === text}
            onPress={() => {
              if (first !== undefined) onRestore(first.source, first.number);
            }}
          >
            {`Take version ${chosen} into the editor`}
          </Button>
        )}
      </div>
      {failure !== undefined && <p className="warn">{failure}</p>}
      {isFirst && <p className="small muted">There is no version before it.</p>}
      {isOfChoice && first !== undefined && (
        <DiffView
          label={
            other === 'editor'
              ? `From version ${chosen} to the text in the editor`
              : `From version ${older?.number} to version ${chosen}`
          }
          before={first.source}
          after={other === 'editor' ? text : (value?.[1]?.source ?? '')}
        />
      )}
    </div>
  );
}
