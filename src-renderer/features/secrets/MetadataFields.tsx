// The fields of what is known of a secret, shared by making and editing one.

import { TextField } from '../../ui/controls/TextField.tsx';
import css from './secrets.module.css';
import { parseDay, parseDays, tagsOf } from './value-draft.ts';

export interface MetadataDraft {
  readonly description: string;
  readonly owner: string;
  readonly tags: string;
  readonly expires: string;
  readonly rotation: string;
}

export const mostTags = 20;

/** What is wrong, by field. */
export function metadataFaults(draft: MetadataDraft): Partial<Record<keyof MetadataDraft, string>> {
  return {
    ...(parseDay(draft.expires) === undefined ? { expires: 'Expected a day such as 2027-01-31, or nothing.' } : {}),
    ...(parseDays(draft.rotation) === undefined ? { rotation: 'Expected 1 to 3650 days, or nothing.' } : {}),
    ...(tagsOf(draft.tags).length > mostTags ? { tags: `At most ${mostTags} tags.` } : {}),
    ...(tagsOf(draft.tags).some((tag) => tag.length > 60) ? { tags: 'A tag has at most 60 characters.' } : {}),
  };
}

interface MetadataFieldsProps {
  readonly draft: MetadataDraft;
  readonly onChange: (draft: MetadataDraft) => void;
  /** Said by the console. */
  readonly faults: Readonly<Record<string, string>>;
  readonly autoFocus?: boolean;
}

export function MetadataFields({ draft, onChange, faults, autoFocus }: MetadataFieldsProps) {
  const own = metadataFaults(draft);
  return (
    <>
      <TextField
        label="What it is for"
        value={draft.description}
        onChange={(description) => onChange({ ...draft, description })}
        error={faults.description}
        maxLength={500}
        autoComplete="off"
        autoFocus={autoFocus}
      />
      <div className={css.pair}>
        <TextField
          label="Owner"
          description="Who answers for it."
          className={css.wide}
          value={draft.owner}
          onChange={(owner) => onChange({ ...draft, owner })}
          error={faults.owner}
          maxLength={200}
          autoComplete="off"
        />
        <TextField
          label="Tags"
          description="With commas between them."
          className={css.wide}
          value={draft.tags}
          onChange={(tags) => onChange({ ...draft, tags })}
          error={own.tags ?? faults.tags}
          autoComplete="off"
        />
      </div>
      <div className={css.pair}>
        <TextField
          label="Rotate every"
          description="Days. Empty: not planned."
          className={css.wide}
          inputMode="numeric"
          value={draft.rotation}
          onChange={(rotation) => onChange({ ...draft, rotation })}
          error={own.rotation ?? faults.rotation_days}
          autoComplete="off"
        />
        <TextField
          label="Expires on"
          description="The end of that day, UTC. Empty: never."
          placeholder="2027-01-31"
          className={css.wide}
          value={draft.expires}
          onChange={(expires) => onChange({ ...draft, expires })}
          error={own.expires ?? faults.expires_at}
          autoComplete="off"
        />
      </div>
    </>
  );
}
