// What is known of a secret besides its value: rotation and owner, what was read off a certificate or key, who may use it.

import type { ParsedSecret, SecretDetail } from '../../../src-shared/contract/secrets.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import { useKeys } from './GrantsField.tsx';
import { DueChip } from './parts.tsx';
import { grantWords } from './secret-words.ts';
import css from './secrets.module.css';
import { isGone } from './secrets-query.ts';

interface BlockProps {
  readonly detail: SecretDetail;
}

export function Facts({ detail, onEdit }: BlockProps & { readonly onEdit: () => void }) {
  const mayManage = useMayDo('secrets.manage') && !isGone(detail.state);
  const { rotation_days: every, rotation_due_at: due, expires_at: ends } = detail;
  return (
    <Block
      title="Details"
      end={
        mayManage && (
          <Button size="small" onPress={onEdit}>
            Edit
          </Button>
        )
      }
    >
      <KeyValues
        entries={[
          ...(detail.description === '' ? [] : [{ name: 'For', value: detail.description }]),
          { name: 'Owner', value: detail.owner === '' ? <span className="faint">nobody</span> : detail.owner },
          {
            name: 'Rotation',
            value:
              every === null || due === null ? (
                <span className="faint">not planned</span>
              ) : (
                <span className="line wrap">
                  every {every} d, next <Time at={due} format="date" /> <DueChip at={due} what="rotation due" />
                </span>
              ),
          },
          {
            name: 'Expires',
            value:
              ends === null ? (
                <span className="faint">never</span>
              ) : (
                <span className="line wrap">
                  <Time at={ends} format="minute" /> <DueChip at={ends} what="expires" />
                </span>
              ),
          },
          ...(detail.tags.length === 0
            ? []
            : [
                {
                  name: 'Tags',
                  value: (
                    <span className="line wrap">
                      {detail.tags.map((tag) => (
                        <Tag key={tag} tone="line">
                          {tag}
                        </Tag>
                      ))}
                    </span>
                  ),
                },
              ]),
          { name: 'Kept since', value: <Time at={detail.created_at} format="minute" /> },
        ]}
      />
    </Block>
  );
}

export function ParsedFacts({ parsed }: { readonly parsed: ParsedSecret }) {
  const words: readonly (readonly [string, string | null])[] = [
    ['Kind', parsed.kind],
    ['Subject', parsed.subject],
    ['Issuer', parsed.issuer],
    ['Algorithm', parsed.algorithm],
  ];
  return (
    <Block title="Read off it">
      <KeyValues
        entries={[
          ...words.flatMap(([name, value]) => (value === null || value === '' ? [] : [{ name, value }])),
          ...(parsed.fingerprint === null
            ? []
            : [
                {
                  name: 'Fingerprint',
                  value: (
                    <span className={css.fingerprint}>
                      {parsed.fingerprint} <CopyButton value={parsed.fingerprint} what="the fingerprint" />
                    </span>
                  ),
                },
              ]),
          ...(parsed.not_after === null
            ? []
            : [
                {
                  name: 'Valid until',
                  value: (
                    <span className="line wrap">
                      <Time at={parsed.not_after} format="minute" />{' '}
                      <DueChip at={parsed.not_after} what="valid until" />
                    </span>
                  ),
                },
              ]),
        ]}
      />
    </Block>
  );
}

export function GrantsBlock({ detail, onEdit }: BlockProps & { readonly onEdit: () => void }) {
  const mayManage = useMayDo('secrets.manage') && !isGone(detail.state);
  const keys = useKeys(detail.grants.some(({ kind }) => kind === 'key'));
  const nameOf = (id: string) => keys?.find((key) => key.id === id)?.label;
  return (
    <Block
      title="Who may use it"
      end={
        mayManage && (
          <Button size="small" onPress={onEdit}>
            Edit
          </Button>
        )
      }
    >
      {detail.grants.length === 0 ? (
        <p className="small muted">Not limited: whoever holds the permission secrets.reveal may read the value.</p>
      ) : (
        <ul className={css.plainList}>
          {detail.grants.map((grant) => (
            <li key={`${grant.kind} ${grant.subject}`}>
              {grantWords(grant, grant.kind === 'key' ? nameOf(grant.subject) : undefined)}
            </li>
          ))}
        </ul>
      )}
    </Block>
  );
}
