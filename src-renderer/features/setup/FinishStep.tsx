// What is on now and what is not yet, before the queue opens.

import { useEffect } from 'react';
import { useStore } from 'zustand';
import { formatInstant } from '../../lib/instants.ts';
import { Outcome, type OutcomeKind } from '../../ui/data/Outcome.tsx';
import type { FirstSource, SetUp, SetUpState } from './set-up-store.ts';
import css from './setup.module.css';
import { WizardFrame } from './WizardFrame.tsx';

interface Row {
  readonly name: string;
  readonly detail: string;
  readonly outcome: OutcomeKind;
  readonly word: string;
}

const sourceDetails: Readonly<Record<FirstSource, string>> = {
  import: 'The import opens next.',
  api: 'Make an API key under Access, then send events.',
  later: 'The queue stays empty until events come.',
};

const keyDetails: Readonly<Record<string, string>> = {
  keychain: 'Encrypted; its key is in the system’s keychain.',
  passphrase: 'Encrypted; the passphrase is asked for at each start.',
  environment: 'Encrypted; the environment gives the key.',
  key_file: 'Encrypted; a key file gives the key.',
};

export function summaryRows(state: SetUpState): readonly Row[] {
  const { protection, username, certificate, firstSource } = state;
  return [
    {
      name: 'Store',
      detail: keyDetails[protection ?? ''] ?? 'Encrypted.',
      outcome: 'good',
      word: 'On',
    },
    {
      name: 'Owner',
      detail: username === '' ? 'Password and second factor.' : `${username}, with password and second factor.`,
      outcome: 'good',
      word: 'Ready',
    },
    { name: 'Recovery kit', detail: 'You confirmed one code of it.', outcome: 'good', word: 'Kept' },
    {
      name: 'Audit log',
      detail: 'Every step of this set-up is in it, hashed and signed.',
      outcome: 'good',
      word: 'On',
    },
    {
      name: 'Local API',
      detail:
        certificate === undefined
          ? 'Over TLS, on this computer only.'
          : `${certificate.url}, certificate valid until ${formatInstant(certificate.not_after, 'utc', 'date')}.`,
      outcome: 'good',
      word: 'On',
    },
    { name: 'First source', detail: sourceDetails[firstSource], outcome: 'none', word: 'Not yet' },
  ];
}

export function FinishStep({ setUp }: { readonly setUp: SetUp }) {
  const state = useStore(setUp.store);
  useEffect(() => void setUp.loadCertificate(), [setUp]);
  return (
    <WizardFrame
      setUp={setUp}
      title="Ready"
      lead="What is on now, and what is not yet. Finishing signs you in; the set-up cannot be run again."
      next={{
        label: state.firstSource === 'import' ? 'Sign in and import' : 'Sign in and open the queue',
        onPress: () => void setUp.finish(),
      }}
    >
      <ul className={css.lines}>
        {summaryRows(state).map((row) => (
          <li key={row.name} className={css.done}>
            <b>{row.name}</b>
            <span className="muted">{row.detail}</span>
            <Outcome kind={row.outcome}>{row.word}</Outcome>
          </li>
        ))}
      </ul>
    </WizardFrame>
  );
}
