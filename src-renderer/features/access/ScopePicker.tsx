// Picks scopes by resource. A wildcard ticks what it covers; permissions that no wildcard gives say so; the resolved list stands below.

import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import css from './access.module.css';
import {
  coveredBy,
  givenPermissions,
  isWithin,
  type ScopeGroup,
  scopeGroups,
  scopePresets,
  toggleScope,
} from './scopes.ts';

interface ScopePickerProps {
  readonly held: readonly string[];
  readonly scopes: readonly string[];
  readonly onChange: (scopes: readonly string[]) => void;
}

export function ScopePicker({ held, scopes, onChange }: ScopePickerProps) {
  const given = givenPermissions(scopes);
  const toggle = (scope: string) => onChange(toggleScope(scopes, scope));
  return (
    <fieldset>
      <legend className={css.legend}>What it may do</legend>
      <div className="stack">
        <div className={css.presets}>
          {scopePresets
            .filter((preset) => isWithin(preset.scopes, held))
            .map((preset) => (
              <Button
                key={preset.id}
                size="small"
                isPressed={preset.scopes.join() === scopes.join()}
                onPress={() => onChange(preset.scopes)}
              >
                {preset.label}
              </Button>
            ))}
        </div>

        <div className={css.scopes}>
          {isWithin(['*.read'], held) && (
            <Checkbox
              isChecked={scopes.includes('*.read') || scopes.includes('*')}
              isDisabled={scopes.includes('*')}
              onChange={() => toggle('*.read')}
              detail="*.read"
            >
              Read everything but secret values
            </Checkbox>
          )}
          {scopeGroups(held).map((group) => (
            <Group key={group.resource} group={group} held={held} scopes={scopes} onToggle={toggle} />
          ))}
        </div>
        <div>
          <p className={css.note} role="status">
            {given.length === 0
              ? 'Nothing chosen yet.'
              : `Gives ${given.length} of ${held.length} permissions that you hold:`}
          </p>
          <p className={css.given}>
            {given.map((name) => (
              <Tag key={name} tone="line">
                <span className="mono">{name}</span>
              </Tag>
            ))}
          </p>
        </div>
      </div>
    </fieldset>
  );
}

interface GroupProps {
  readonly group: ScopeGroup;
  readonly held: readonly string[];
  readonly scopes: readonly string[];
  readonly onToggle: (scope: string) => void;
}

function Group({ group, held, scopes, onToggle }: GroupProps) {
  const wildcard = `${group.resource}.*`;
  const coverable = group.permissions.filter((permission) => !permission.isNamedOnly);
  const hasWildcard = coverable.length > 1 && isWithin([wildcard], held);
  const byAll = coveredBy(scopes, coverable[0]?.name ?? 'console.read');
  const isWhole = scopes.includes(wildcard);
  return (
    <div className={css.group}>
      {hasWildcard && (
        <Checkbox
          isChecked={isWhole}
          isMixed={!isWhole && group.permissions.some(({ name }) => scopes.includes(name) || coveredBy(scopes, name))}
          isDisabled={byAll === '*'}
          onChange={() => onToggle(wildcard)}
        >
          <span className="mono">{wildcard}</span>
        </Checkbox>
      )}
      <div className={hasWildcard ? css.members : css.group}>
        {group.permissions.map(({ name, words, isNamedOnly }) => {
          const cover = coveredBy(scopes, name);
          return (
            <Checkbox
              key={name}
              isChecked={cover !== undefined || scopes.includes(name)}
              isDisabled={cover !== undefined}
              onChange={() => onToggle(name)}
              detail={
                isNamedOnly ? `${words}; no wildcard gives it` : cover === undefined ? words : `${words}; by ${cover}`
              }
            >
              <span className="mono">{name}</span>
            </Checkbox>
          );
        })}
      </div>
    </div>
  );
}
