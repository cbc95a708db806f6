// Whom a secret is limited to, as a form, with what it would mean in words.

import { Plus, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { SecretGrant } from '../../../src-shared/contract/secrets.ts';
import { roleNames } from '../../../src-shared/permissions.ts';
import { call } from '../../api/client.ts';
import { useMayDo, useSessionFacts } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { Select, type SelectOption } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { grantConsequence } from './secret-words.ts';
import css from './secrets.module.css';

export interface GrantDraft extends SecretGrant {
  /** Of the row: subjects are typed. */
  readonly key: number;
}

export function draftsOf(grants: readonly SecretGrant[]): readonly GrantDraft[] {
  return grants.map((grant, key) => ({ ...grant, key }));
}

export function grantsOf(drafts: readonly GrantDraft[]): SecretGrant[] {
  return drafts.map(({ kind, subject, actions }) => ({ kind, subject: subject.trim(), actions }));
}

/** What keeps the drafts from being saved; undefined: nothing. */
export function grantsFault(drafts: readonly GrantDraft[]): string | undefined {
  if (drafts.some(({ subject }) => subject.trim() === '')) return 'Say who each grant is for, or remove it.';
  if (drafts.some(({ actions }) => actions.length === 0)) return 'Say what each may do, or remove the grant.';
  return undefined;
}

const kinds: readonly SelectOption<SecretGrant['kind']>[] = [
  { id: 'user', label: 'User' },
  { id: 'role', label: 'Role' },
  { id: 'key', label: 'API key' },
];
const roles = roleNames.map((id) => ({ id: id as string, label: id }));
const actions: readonly { readonly id: SecretGrant['actions'][number]; readonly label: string }[] = [
  { id: 'read', label: 'See it' },
  { id: 'reveal', label: 'Read the value' },
  { id: 'manage', label: 'Change it' },
];

interface GrantsFieldProps {
  readonly grants: readonly GrantDraft[];
  readonly onChange: (grants: readonly GrantDraft[]) => void;
  /** Path of a grant's subject → what the console says of it. */
  readonly faults?: Readonly<Record<string, string>>;
}

export function GrantsField({ grants, onChange, faults = {} }: GrantsFieldProps) {
  const { user } = useSessionFacts();
  const keys = useKeys();
  const { words, warning } = grantConsequence(grantsOf(grants), user);
  const change = (key: number, part: Partial<SecretGrant>) =>
    onChange(grants.map((grant) => (grant.key === key ? { ...grant, ...part } : grant)));
  const nextKey = Math.max(-1, ...grants.map(({ key }) => key)) + 1;
  return (
    <div className={css.valueFields}>
      <ul className={css.grants}>
        {grants.map((grant, position) => (
          <li key={grant.key} className={css.grant}>
            <Select
              label={`Kind of grant ${position + 1}`}
              hideLabel
              className={css.kind}
              options={kinds}
              value={grant.kind}
              onChange={(kind) => change(grant.key, { kind, subject: '' })}
            />
            <Subject
              label={`Who grant ${position + 1} is for`}
              grant={grant}
              keys={keys}
              error={faults[`grants.${position}.subject`]}
              onChange={(subject) => change(grant.key, { subject })}
            />
            <fieldset className={css.actions} aria-label={`What grant ${position + 1} allows`}>
              {actions.map(({ id, label }) => (
                <Checkbox
                  key={id}
                  isChecked={grant.actions.includes(id)}
                  onChange={(isChecked) =>
                    change(grant.key, {
                      actions: isChecked ? [...grant.actions, id] : grant.actions.filter((each) => each !== id),
                    })
                  }
                >
                  {label}
                </Checkbox>
              ))}
            </fieldset>
            <Button
              tone="quiet"
              size="small"
              icon={X}
              label={`Remove grant ${position + 1}`}
              onPress={() => onChange(grants.filter(({ key }) => key !== grant.key))}
            />
          </li>
        ))}
      </ul>
      <div>
        <Button
          size="small"
          icon={Plus}
          onPress={() =>
            onChange([
              ...grants,
              // The first one is most often meant for oneself, and nobody should lock themselves out by it.
              {
                key: nextKey,
                kind: 'user',
                subject: grants.length === 0 ? user.username : '',
                actions: grants.length === 0 ? ['read', 'reveal', 'manage'] : ['read', 'reveal'],
              },
            ])
          }
        >
          Add a grant
        </Button>
      </div>
      <p className={css.consequence} role="status">
        {words}
        {warning !== undefined && <span className="warn"> {warning}</span>}
      </p>
    </div>
  );
}

interface SubjectProps {
  readonly label: string;
  readonly grant: GrantDraft;
  readonly keys: readonly SelectOption<string>[] | undefined;
  readonly error: string | undefined;
  readonly onChange: (subject: string) => void;
}

function Subject({ label, grant, keys, error, onChange }: SubjectProps) {
  const options = grant.kind === 'role' ? roles : grant.kind === 'key' ? keys : undefined;
  const known = options?.some(({ id }) => id === grant.subject) === true || grant.subject === '';
  if (options !== undefined && known && options.length > 0) {
    return (
      <Select
        label={label}
        hideLabel
        className={css.subject}
        options={options}
        value={grant.subject === '' ? undefined : grant.subject}
        onChange={onChange}
        error={error}
      />
    );
  }
  return (
    <TextField
      label={label}
      hideLabel
      className={css.subject}
      placeholder={grant.kind === 'key' ? 'id of the key' : grant.kind === 'role' ? 'role' : 'user name'}
      maxLength={100}
      autoComplete="off"
      value={grant.subject}
      onChange={onChange}
      error={error}
    />
  );
}

/** The keys there are, where this person may see them and somebody asks. */
export function useKeys(isAsked = true): readonly SelectOption<string>[] | undefined {
  const mayRead = useMayDo('keys.read') && isAsked;
  const [keys, setKeys] = useState<readonly SelectOption<string>[]>();
  useEffect(() => {
    if (!mayRead) return;
    const stop = new AbortController();
    call('keys.list', { limit: 500 }, { signal: stop.signal }).then(
      ({ items }) =>
        setKeys(
          items
            .filter(({ state }) => state === 'active')
            .map(({ id, name }) => ({ id, label: name, detail: `gh_${id}_…` })),
        ),
      () => undefined,
    );
    return () => stop.abort();
  }, [mayRead]);
  return keys;
}
