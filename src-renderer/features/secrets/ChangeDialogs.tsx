// Dialogs over one secret that leave its value alone: its details, who may use it, deleting and shredding it.

import { useState } from 'react';
import type { SecretDetail } from '../../../src-shared/contract/secrets.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import { deleteLines, grantLines } from './copy-as.ts';
import { draftsOf, GrantsField, grantsFault, grantsOf } from './GrantsField.tsx';
import { type MetadataDraft, MetadataFields, metadataFaults } from './MetadataFields.tsx';
import { CopyAs } from './parts.tsx';
import { parseDay, parseDays, tagsOf } from './value-draft.ts';

interface ChangeDialogProps {
  readonly detail: SecretDetail;
  readonly apiBase: string;
  readonly onChanged: (detail: SecretDetail) => void;
  readonly onClose: () => void;
}

export function EditDialog({ detail, onChanged, onClose }: ChangeDialogProps) {
  const [draft, setDraft] = useState<MetadataDraft>({
    description: detail.description,
    owner: detail.owner,
    tags: detail.tags.join(', '),
    expires: detail.expires_at?.slice(0, 10) ?? '',
    rotation: detail.rotation_days === null ? '' : String(detail.rotation_days),
  });
  const { isBusy, submit, fields, words } = useSubmit(save, onChanged);
  const isReady = Object.keys(metadataFaults(draft)).length === 0;

  function save(): Promise<SecretDetail> {
    const day = detail.expires_at?.slice(0, 10) ?? '';
    return call('secrets.update', {
      id: detail.id,
      description: draft.description.trim(),
      owner: draft.owner.trim(),
      tags: [...tagsOf(draft.tags)],
      // A day that was left alone keeps its hour.
      ...(draft.expires.trim() === day ? {} : { expires_at: parseDay(draft.expires) ?? null }),
      rotation_days: parseDays(draft.rotation) ?? null,
    });
  }

  return (
    <FormDialog
      title={`Details of ${detail.name}`}
      verb="Save"
      isReady={isReady}
      problem={words}
      onSubmit={submit}
      {...{ isBusy, onClose }}
    >
      <MetadataFields draft={draft} onChange={setDraft} faults={fields} autoFocus />
    </FormDialog>
  );
}

export function GrantsDialog({ detail, apiBase, onChanged, onClose }: ChangeDialogProps) {
  const [grants, setGrants] = useState(() => draftsOf(detail.grants));
  const { isBusy, submit, fields, words } = useSubmit(
    () => call('secrets.set_grants', { id: detail.id, grants: grantsOf(grants) }),
    onChanged,
  );
  const fault = grantsFault(grants);
  return (
    <FormDialog
      title={`Who may use ${detail.name}`}
      verb="Save"
      fault={fault}
      footnote={<CopyAs lines={grantLines(apiBase, detail.name, detail.id)} what="This" />}
      size="large"
      problem={words}
      onSubmit={submit}
      {...{ isBusy, onClose }}
    >
      <GrantsField grants={grants} onChange={setGrants} faults={fields} />
    </FormDialog>
  );
}

interface EndDialogProps {
  readonly detail: SecretDetail;
  readonly apiBase: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

const days30Ms = 30 * 86_400_000;

export function DeleteDialog({ detail, apiBase, onDone, onClose }: EndDialogProps) {
  const now = useNow(60_000);
  const recent = detail.consumers.filter(({ last_at }) => now - toMillis(last_at) < days30Ms);
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Delete ${detail.name}`}
      confirmLabel="Delete"
      isDanger
      describeError={failureWords}
      footnote={<CopyAs lines={deleteLines(apiBase, detail.name, detail.id)} what="This" />}
      consequences={[
        {
          label: 'Read it in the last 30 days',
          value:
            recent.length === 0
              ? 'nobody'
              : `${recent
                  .slice(0, 3)
                  .map(({ by }) => by)
                  .join(', ')}${recent.length > 3 ? ` and ${formatCount(recent.length - 3)} more` : ''}`,
        },
        { label: 'Versions', value: formatCount(detail.version) },
      ]}
      onConfirm={async () => {
        await call('secrets.delete', { id: detail.id });
        onDone();
      }}
    >
      <p>
        Whoever asks for it is told from now on that there is no such secret. Undo brings it back with all its versions,
        until it is shredded.
      </p>
    </ConfirmDialog>
  );
}

export function ShredDialog({ detail, onDone, onClose }: EndDialogProps) {
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Shred ${detail.name}`}
      confirmLabel="Shred"
      isDanger
      typeToConfirm={detail.name}
      describeError={failureWords}
      consequences={[
        { label: 'Versions destroyed', value: `${formatCount(detail.version)} of ${formatCount(detail.version)}` },
      ]}
      onConfirm={async () => {
        const answer = await withStepUp(() => call('secrets.purge', { id: detail.id, name: detail.name }));
        if (answer !== undefined) onDone();
      }}
    >
      <p>The key of all its versions is destroyed. Nothing brings them back but a backup made before.</p>
    </ConfirmDialog>
  );
}
