// The limits of a rule: what it runs with, and values of its own, tried on the past before they are saved.

import { useState } from 'react';
import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Block } from '../../ui/layout/Page.tsx';
import { changeRule } from './change-rule.ts';
import css from './detections.module.css';
import { useWhatIf, WhatIfPanel } from './HistoryPanels.tsx';

interface ParametersProps {
  readonly rule: RuleFull;
  readonly mayManage: boolean;
  readonly onChanged: () => void;
}

type Value = string | number | boolean;

export function Parameters({ rule, mayManage, onChanged }: ParametersProps) {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const whatIf = useWhatIf();
  if (rule.parameters.length === 0) return null;
  const changed: Record<string, Value> = {};
  const wrong = new Map<string, string>();
  for (const parameter of rule.parameters) {
    const text = typed[parameter.name];
    if (text === undefined) {
      if (parameter.overridden) changed[parameter.name] = parameter.value;
      continue;
    }
    const value = typedValue(text, parameter.default);
    const { minimum, maximum } = parameter;
    if (value === undefined) wrong.set(parameter.name, 'a number is needed');
    else if (
      typeof value === 'number' &&
      ((minimum !== null && value < minimum) || (maximum !== null && value > maximum))
    )
      wrong.set(parameter.name, `${minimum ?? 'any'} to ${maximum ?? 'any'}`);
    else changed[parameter.name] = value;
  }
  const isChanged = Object.keys(typed).length > 0;
  const isOwn = rule.parameters.some(({ overridden }) => overridden);
  return (
    <Block title="Limits" end={isOwn ? 'of this rule alone' : 'as the settings say'}>
      <div className={css.parameters}>
        {rule.parameters.map(({ name, label, value, default: usual }) => (
          <TextField
            key={name}
            label={label}
            value={typed[name] ?? String(value)}
            isDisabled={!mayManage}
            inputMode={typeof usual === 'number' ? 'decimal' : 'text'}
            error={wrong.get(name)}
            onChange={(text) => setTyped({ ...typed, [name]: text })}
          />
        ))}
      </div>
      {mayManage && (
        <>
          {isChanged && wrong.size === 0 && (
            <WhatIfPanel change={{ rule: rule.id, parameters: changed }} look={whatIf} />
          )}
          <div className="line">
            {isChanged && (
              <Button
                tone="primary"
                isDisabled={wrong.size > 0}
                onPress={() =>
                  void changeRule(rule, { parameters: changed }, `${rule.title}: limits changed`).then((done) => {
                    if (done) onChanged();
                  })
                }
              >
                Save limits
              </Button>
            )}
            {isOwn && (
              <Button
                onPress={() =>
                  void changeRule(rule, { parameters: null }, `${rule.title}: limits of the settings`).then(onChanged)
                }
              >
                Use those of the settings
              </Button>
            )}
          </div>
        </>
      )}
    </Block>
  );
}

function typedValue(text: string, like: Value): Value | undefined {
  if (typeof like === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (typeof like === 'string') return text;
  const number = Number(text);
  return text.trim() === '' || !Number.isFinite(number) ? undefined : number;
}
