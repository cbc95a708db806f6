// What an import of a pack is told: the name that it is known by, its version, what its rules start as, and whose signature it must carry.

import type { RulePack } from '../../../src-shared/contract/rule-packs.ts';
import type { ChosenState } from '../../../src-shared/contract/rules.ts';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import css from './detections.module.css';
import type { PackChoices } from './pack-import.ts';
import { chosenStates, countOf } from './rule-words.ts';

interface PackFieldsProps {
  readonly choices: PackChoices;
  readonly onChange: (changes: Partial<PackChoices>) => void;
  /** The pack of this name that is there. */
  readonly installed: RulePack | undefined;
  readonly isSigned: boolean;
  readonly isDisabled: boolean;
  readonly state: ChosenState;
  readonly onState: (state: ChosenState) => void;
}

const packPattern = /^[a-z0-9][a-z0-9-]{0,59}$/;

/** Why a pack can't have this name. */
export function packProblem(pack: string, installed: RulePack | undefined): string | undefined {
  if (installed !== undefined && installed.kind !== 'imported')
    return 'This name is the console’s own. Take another one.';
  if (pack !== '' && !packPattern.test(pack)) return 'Lower-case letters, digits and dashes, such as sigma-core.';
  return undefined;
}

export function PackFields({ choices, onChange, installed, isSigned, isDisabled, state, onState }: PackFieldsProps) {
  const { pack, name, version, signer } = choices;
  return (
    <div className={css.packFields}>
      <TextField
        label="Pack"
        isMono
        isRequired
        isDisabled={isDisabled}
        value={pack}
        maxLength={60}
        onChange={(text) => onChange({ pack: text })}
        description={
          installed === undefined
            ? 'New in this workspace.'
            : `Installed: ${installed.version === '' ? 'no version' : `version ${installed.version}`}, ${countOf(installed.rules, 'rule')}.`
        }
        error={packProblem(pack, installed)}
      />
      <TextField
        label="Name"
        value={name}
        placeholder={pack}
        isDisabled={isDisabled}
        maxLength={200}
        onChange={(text) => onChange({ name: text })}
      />
      <TextField
        label="Version"
        isMono
        value={version}
        isDisabled={isDisabled}
        maxLength={100}
        onChange={(text) => onChange({ version: text })}
      />
      {installed === undefined && (
        <Select label="Its rules are" options={chosenStates} value={state} isDisabled={isDisabled} onChange={onState} />
      )}
      {isSigned && (
        <TextField
          label="Signer that it must be of"
          isMono
          className={css.wide}
          value={signer}
          isDisabled={isDisabled}
          maxLength={1000}
          placeholder="any"
          description="The verifier key of whoever you expect; every other signature is then refused."
          onChange={(text) => onChange({ signer: text })}
        />
      )}
    </div>
  );
}
