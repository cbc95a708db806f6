// Keeps a new secret: what it is called and what kind of thing it is, its value, and what should be known of it. Nothing typed outlives it.

import { useState } from 'react';
import type { SecretDetail, SecretType } from '../../../src-shared/contract/secrets.ts';
import { call } from '../../api/client.ts';
import { useSessionFacts } from '../../app/services.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import { createLines } from './copy-as.ts';
import { type GrantDraft, GrantsField, grantsFault, grantsOf } from './GrantsField.tsx';
import { type MetadataDraft, MetadataFields, metadataFaults } from './MetadataFields.tsx';
import { CopyAs } from './parts.tsx';
import { secretTypes, typeWords } from './secret-words.ts';
import css from './secrets.module.css';
import { ValueFields } from './ValueFields.tsx';
import { contentOf, draftFault, emptyDraft, parseDay, parseDays, tagsOf } from './value-draft.ts';

interface CreateDialogProps {
  /** The folder one is in, put before the name. */
  readonly path: string;
  readonly apiBase: string;
  readonly onMade: (detail: SecretDetail) => void;
  readonly onClose: () => void;
}

export function CreateDialog({ path, apiBase, onMade, onClose }: CreateDialogProps) {
  const { user } = useSessionFacts();
  const [name, setName] = useState(path === '' ? '' : `${path}/`);
  const [type, setType] = useState<SecretType>('password');
  const [value, setValue] = useState(() => ({ ...emptyDraft(), isGenerated: true }));
  const [metadata, setMetadata] = useState<MetadataDraft>({
    description: '',
    owner: user.username,
    tags: '',
    expires: '',
    rotation: '',
  });
  const [grants, setGrants] = useState<readonly GrantDraft[]>([]);
  const [isTried, setIsTried] = useState(false);
  const { isBusy, submit, fields, words } = useSubmit(make, onMade);
  const valueFault = draftFault(type, value);
  const nameFault =
    name.trim() === '' || name.endsWith('/') ? 'Give it a name, such as db/orders/password.' : undefined;
  const grantFault = grantsFault(grants);
  const isReady =
    valueFault === undefined &&
    nameFault === undefined &&
    grantFault === undefined &&
    Object.keys(metadataFaults(metadata)).length === 0;

  function make(): Promise<SecretDetail> {
    const expiresAt = parseDay(metadata.expires);
    const days = parseDays(metadata.rotation);
    return call('secrets.create', {
      name: name.trim(),
      type,
      ...contentOf(type, value),
      ...(metadata.description.trim() === '' ? {} : { description: metadata.description.trim() }),
      ...(metadata.owner.trim() === '' ? {} : { owner: metadata.owner.trim() }),
      ...(metadata.tags.trim() === '' ? {} : { tags: [...tagsOf(metadata.tags)] }),
      ...(typeof expiresAt === 'string' ? { expires_at: expiresAt } : {}),
      ...(typeof days === 'number' ? { rotation_days: days } : {}),
      ...(grants.length === 0 ? {} : { grants: grantsOf(grants) }),
    });
  }

  return (
    <FormDialog
      title="New secret"
      verb="Keep it"
      size="large"
      footnote={<CopyAs lines={createLines(apiBase, name)} what="This" />}
      problem={words ?? (isTried ? grantFault : undefined)}
      onSubmit={() => {
        setIsTried(true);
        if (isReady) void submit();
      }}
      {...{ isBusy, onClose }}
    >
      <TextField
        label="Name"
        isMono
        value={name}
        onChange={setName}
        description="Slashes make paths. Tools ask for it by this name."
        error={(isTried ? nameFault : undefined) ?? fields.name}
        maxLength={200}
        autoComplete="off"
        autoFocus
      />
      <ChoiceList
        label="Type"
        layout="row"
        value={type}
        onChange={setType}
        choices={secretTypes.map((id) => ({ id, label: typeWords[id] }))}
      />
      <ValueFields type={type} draft={value} onChange={setValue} error={isTried ? valueFault : undefined} />
      <MetadataFields draft={metadata} onChange={setMetadata} faults={fields} />
      <details className={css.more} open={grants.length > 0}>
        <summary>Limit it to named users, roles or keys</summary>
        <GrantsField grants={grants} onChange={setGrants} faults={fields} />
      </details>
    </FormDialog>
  );
}
