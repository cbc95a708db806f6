// Makes an API key and shows it once, with the line that uses it. Closing forgets the key; nothing can show it again.

import { useState } from 'react';
import type { ApiKey } from '../../../src-shared/contract/access.ts';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { curlLine } from '../../app/curl-line.ts';
import { useSessionFacts } from '../../app/services.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { type Choice, ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { FormDialog } from '../../ui/overlays/FormDialog.tsx';
import css from './access.module.css';
import { createKey } from './access-store.ts';
import { ScopePicker } from './ScopePicker.tsx';
import { givenPermissions } from './scopes.ts';

const dayMs = 24 * 60 * 60 * 1000;

const expiries = [
  { id: '7', label: '7 days' },
  { id: '30', label: '30 days' },
  { id: '90', label: '90 days' },
  { id: '365', label: '1 year' },
  { id: 'never', label: 'Never' },
] as const;
type Expiry = (typeof expiries)[number]['id'];

const signings: readonly Choice<ApiKey['event_signing']>[] = [
  { id: 'none', label: 'None' },
  { id: 'optional', label: 'Optional' },
  { id: 'required', label: 'Required' },
];

function expiryInstant(expiry: Expiry, now: number): string | undefined {
  return expiry === 'never' ? undefined : new Date(now + Number(expiry) * dayMs).toISOString();
}

interface CreateKeyDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Base address of the API, for the line to copy. */
  readonly apiBase: string;
}

export function CreateKeyDialog({ isOpen, onClose, apiBase }: CreateKeyDialogProps) {
  const [made, setMade] = useState<Output<'keys.create'>>();
  function close(): void {
    setMade(undefined);
    onClose();
  }
  if (made !== undefined) return <MadeKey made={made} apiBase={apiBase} isOpen={isOpen} onClose={close} />;
  // Mounted anew each time, so that no earlier draft is offered.
  return isOpen ? <KeyForm onClose={close} onMade={setMade} /> : null;
}

interface KeyFormProps {
  readonly onClose: () => void;
  readonly onMade: (made: Output<'keys.create'>) => void;
}

function KeyForm({ onClose, onMade }: KeyFormProps) {
  const { permissions: held } = useSessionFacts();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>(['events.write']);
  const [expiry, setExpiry] = useState<Expiry>('30');
  const [signing, setSigning] = useState<ApiKey['event_signing']>('none');
  const sendsEvents = givenPermissions(scopes).includes('events.write');
  const { isBusy, submit, fields, words } = useSubmit(() => {
    const expires = expiryInstant(expiry, Date.now());
    return createKey({
      name: name.trim(),
      scopes: [...scopes],
      ...(expires === undefined ? {} : { expires_at: expires }),
      ...(sendsEvents ? { event_signing: signing } : {}),
    });
  }, onMade);

  return (
    <FormDialog
      title="New API key"
      verb="Create key"
      isReady={name.trim() !== '' && scopes.length > 0}
      problem={words}
      onSubmit={submit}
      {...{ isBusy, onClose }}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        description="Who or what uses it: one key for each tool, so that one can be revoked alone."
        error={fields.name}
        placeholder="ci-runner-eu"
        maxLength={80}
        autoComplete="off"
        autoFocus
      />
      <ScopePicker held={held} scopes={scopes} onChange={setScopes} />
      <ChoiceList label="Expires after" layout="row" value={expiry} onChange={setExpiry} choices={expiries} />
      {expiry === 'never' && <p className={css.note}>A key that never expires stays good until somebody revokes it.</p>}
      {sendsEvents && (
        <ChoiceList label="Event signing" layout="row" value={signing} onChange={setSigning} choices={signings} />
      )}
      {sendsEvents && signing !== 'none' && (
        <p className={css.note}>
          The key gets a secret to sign events with.{' '}
          {signing === 'required'
            ? 'Unsigned events are refused, and so are imports of files.'
            : 'Unsigned events are taken too; signed ones are marked.'}
        </p>
      )}
    </FormDialog>
  );
}

/** The first call to make with the key. */
function lineToTry({ key, scopes, event_signing }: Output<'keys.create'>, apiBase: string): string {
  if (!scopes.includes('events.write')) return curlLine({ url: `${apiBase}/api/v1/admin/security/alerts`, key });
  if (event_signing === 'required') return signedLine;
  const rest = ['-H "Content-Type: application/x-ndjson"', '--data-binary @events.ndjson'];
  return curlLine({ url: `${apiBase}/api/v1/events`, key, rest });
}

const signedLine = 'gatehouse emit --type note --sign';

interface MadeKeyProps {
  readonly made: Output<'keys.create'>;
  readonly apiBase: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

function MadeKey({ made, apiBase, isOpen, onClose }: MadeKeyProps) {
  const { hmac_secret: secret } = made;
  const test = lineToTry(made, apiBase);
  return (
    <Dialog
      title={`Key ${made.name}`}
      isOpen={isOpen}
      onClose={onClose}
      size="medium"
      footnote={
        made.expires_at === null ? (
          'Never expires'
        ) : (
          <>
            Expires <Time at={made.expires_at} format="minute" />
          </>
        )
      }
      footer={
        <Button tone="primary" onPress={onClose}>
          I kept it
        </Button>
      }
    >
      <p>
        {secret === undefined
          ? 'Copy it now. Gatehouse stores only its hash and cannot show it again.'
          : 'Copy both now. Gatehouse cannot show them again.'}
      </p>
      <CopyLine line={made.key} what="API key" isNext />
      {secret !== undefined && (
        <div>
          <p className={css.legend}>Event secret</p>
          <CopyLine line={secret} what="event secret" isNext />
          <p className={css.note}>Signs events and never travels with them: keep it from whoever may see the key.</p>
        </div>
      )}
      <div>
        <p className={css.legend}>Use it</p>
        <CopyLine line={test} />
        <p className={css.note}>
          {test === signedLine
            ? 'With both in the environment: GATEHOUSE_API_KEY and GATEHOUSE_EVENT_SECRET.'
            : 'gatehouse-ca.pem is the CA certificate that set-up offers to save; it also lies as ca.pem in the data folder.'}
        </p>
      </div>
    </Dialog>
  );
}
