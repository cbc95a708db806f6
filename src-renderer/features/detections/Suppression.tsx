// Suppression of a detector: by which values, for how long, and what if one is missing; tried on the past before it is saved.

import { useState } from 'react';
import type { RuleFull, RuleSuppression } from '../../../src-shared/contract/rules.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Block } from '../../ui/layout/Page.tsx';
import { changeRule } from './change-rule.ts';
import { suppressLine } from './cli-lines.ts';
import css from './detections.module.css';
import { useWhatIf, WhatIfPanel } from './HistoryPanels.tsx';

interface SuppressionProps {
  readonly rule: RuleFull;
  readonly mayManage: boolean;
  readonly onChanged: () => void;
}

const spans = [
  { id: '5', label: '5 minutes' },
  { id: '15', label: '15 minutes' },
  { id: '60', label: '1 hour' },
  { id: '240', label: '4 hours' },
  { id: '1440', label: '1 day' },
  { id: '10080', label: '7 days' },
] as const;

const missingWords = {
  not_suppressed: { label: 'Always raise it', detail: 'an alert without one of the fields' },
  as_null: { label: 'Group it as missing', detail: 'alerts without it are a group of their own' },
} as const;
const missingChoices = (['not_suppressed', 'as_null'] as const).map((id) => ({ id, ...missingWords[id] }));

export function Suppression({ rule, mayManage, onChanged }: SuppressionProps) {
  const { suppression } = rule;
  const [isChanging, setChanging] = useState(false);
  if (suppression === null && !mayManage) return null;
  return (
    <Block title="Suppression" end={suppression === null ? 'off' : undefined}>
      {isChanging ? (
        <SuppressionForm
          rule={rule}
          onDone={(done) => {
            setChanging(false);
            if (done) onChanged();
          }}
        />
      ) : (
        <div className="stack">
          <p className="small">{wordsOf(suppression)}</p>
          {mayManage && (
            <div className="line">
              <Button size="small" onPress={() => setChanging(true)}>
                {suppression === null ? 'Suppress repeats' : 'Change suppression'}
              </Button>
              {suppression !== null && (
                <Button
                  size="small"
                  onPress={() =>
                    void changeRule(rule, { suppression: null }, `${rule.title}: every alert is raised again`).then(
                      (done) => {
                        if (done) onChanged();
                      },
                    )
                  }
                >
                  Raise every alert
                </Button>
              )}
            </div>
          )}
        </div>
      )}
    </Block>
  );
}

function SuppressionForm({ rule, onDone }: { readonly rule: RuleFull; readonly onDone: (done: boolean) => void }) {
  const before = rule.suppression;
  const whatIf = useWhatIf();
  const [fields, setFields] = useState(before?.fields.join(', ') ?? '');
  const [minutes, setMinutes] = useState(String(before?.minutes ?? 60));
  const [missing, setMissing] = useState<RuleSuppression['missing']>(before?.missing ?? 'not_suppressed');
  const named = fields
    .split(/[\s,]+/)
    .map((field) => field.trim())
    .filter((field) => field !== '');
  const error =
    named.length > 3 ? 'three fields at most' : new Set(named).size < named.length ? 'names a field twice' : undefined;
  const suppression: RuleSuppression = { fields: named, minutes: Number(minutes), missing };
  const isReady = named.length > 0 && error === undefined;
  // What was set over the API may be any number of minutes.
  const known = spans.some(({ id }) => id === minutes);
  const options: readonly { id: string; label: string }[] = known
    ? spans
    : [{ id: minutes, label: `${minutes} minutes` }, ...spans];
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void changeRule(rule, { suppression }, `${rule.title}: suppression changed`).then(onDone);
      }}
    >
      <TextField
        label="Same values in"
        isMono
        value={fields}
        onChange={setFields}
        error={error}
        maxLength={600}
        description="Up to three fields, such as ip_address, actor. Each combination of their values has a window of its own. A rule that counts has only what it groups by."
        autoFocus
      />
      <div className={css.choicesRow}>
        <Select label="Raise one alert in" value={minutes} options={options} onChange={setMinutes} />
        <Select label="If a field is missing" value={missing} options={missingChoices} onChange={setMissing} />
      </div>
      {isReady && <WhatIfPanel change={{ rule: rule.id, suppression }} look={whatIf} />}
      <div className="line">
        <Button tone="primary" type="submit" isDisabled={!isReady}>
          Save suppression
        </Button>
        <Button onPress={() => onDone(false)}>Cancel</Button>
        {isReady && <CopyCommand line={suppressLine(rule.id, suppression)} />}
      </div>
    </form>
  );
}

function wordsOf(suppression: RuleSuppression | null): string {
  if (suppression === null) return 'Every alert is raised.';
  const { fields, minutes, missing } = suppression;
  const span = spans.find(({ id }) => id === String(minutes))?.label ?? `${minutes} minutes`;
  const without = fields.length === 1 ? `${fields[0]}` : 'one of them';
  const then = missing === 'as_null' ? 'are a group of their own' : 'are always raised';
  return `One alert in ${span} of the same ${fields.join(' and ')}; others are counted at it. Alerts without ${without} ${then}.`;
}
