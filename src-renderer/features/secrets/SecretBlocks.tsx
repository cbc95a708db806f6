// What is known of a secret besides its value, block by block: rotation and owner, what was read off a certificate or key, versions with
// what changed between them (never what to), grants, users, readings.

import { Check } from 'lucide-react';
import { useStore } from 'zustand';
import type { ParsedSecret, SecretDetail } from '../../../src-shared/contract/secrets.ts';
import { useMayDo } from '../../app/services.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { useKeys } from './GrantsField.tsx';
import { DueChip } from './parts.tsx';
import { changesOf, grantWords } from './secret-words.ts';
import css from './secrets.module.css';
import { isGone } from './secrets-query.ts';
import { reveal } from './secrets-state.ts';

interface BlockProps {
  readonly detail: SecretDetail;
}

const days30Ms = 30 * 86_400_000;

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

type Version = SecretDetail['versions'][number];

export function Versions({ detail }: BlockProps) {
  const kept = detail.versions.filter(({ state }) => state !== 'purged').length;
  return (
    <Block title="Versions" end={`${formatCount(kept)} of ${formatCount(detail.version)} kept`}>
      <ul className={css.versions}>
        {detail.versions.map((version) => (
          <VersionRow key={version.version} detail={detail} version={version} />
        ))}
      </ul>
    </Block>
  );
}

function VersionRow({ detail, version }: BlockProps & { readonly version: Version }) {
  const mayReveal = useMayDo('secrets.reveal');
  const mayManage = useMayDo('secrets.manage');
  const isShown = useStore(
    reveal.store,
    (state) => state.kind === 'shown' && state.id === detail.id && state.version === version.version,
  );
  const isOlder = version.state === 'overlapping' || version.state === 'old';
  // Whose overlap has ended is for those who manage it.
  const canReveal = mayReveal && !isGone(detail.state) && (version.state === 'overlapping' || (isOlder && mayManage));
  return (
    <li className={css.version}>
      <b className="tn">v{version.version}</b>
      <span className={css.versionWords}>
        <span className={version.state === 'purged' ? 'muted' : undefined}>
          {version.version === 1 ? 'Made' : 'Set'} by {version.created_by}{' '}
          <Time at={version.created_at} format="minute" className="small faint" />
        </span>
        <Changes version={version} isOneValue={detail.type !== 'key_value'} />
      </span>
      <span className="line">
        {canReveal && (
          <Button
            size="small"
            onPress={() =>
              isShown ? reveal.hide() : void reveal.show({ id: detail.id, name: detail.name, version: version.version })
            }
          >
            {isShown ? 'Hide' : 'Reveal'}
          </Button>
        )}
        <VersionState version={version} />
      </span>
    </li>
  );
}

function VersionState({ version }: { readonly version: Version }) {
  switch (version.state) {
    case 'current':
      return (
        <Tag tone="ok" icon={Check}>
          current
        </Tag>
      );
    case 'overlapping':
      return (
        <Tag tone="accent">
          still answers{version.usable_until !== null && ', '}
          {version.usable_until !== null && <RelativeTime at={version.usable_until} form="short" />}
        </Tag>
      );
    case 'old':
      return <span className="small faint">replaced</span>;
    case 'purged':
      return <span className="small faint">value destroyed</span>;
  }
}

const shownChanges = 8;

function Changes({ version, isOneValue }: { readonly version: Version; readonly isOneValue: boolean }) {
  if (version.version === 1) return null;
  const changes = changesOf(version);
  if (isOneValue) {
    const [only] = changes;
    return only === undefined ? null : <span className="small muted">value {only.change}</span>;
  }
  return (
    <span className={css.changes}>
      {changes.slice(0, shownChanges).map(({ name, change }) => (
        <span key={name} className="nowrap">
          <span className="mono">{name}</span>{' '}
          {change === 'unchanged' ? <span className="faint">{change}</span> : change}
        </span>
      ))}
      {changes.length > shownChanges && <span>and {formatCount(changes.length - shownChanges)} more</span>}
    </span>
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

type Consumer = SecretDetail['consumers'][number];

export function Users({ detail }: BlockProps) {
  const now = useNow(60_000);
  const recent = detail.consumers.filter(({ last_at }) => now - toMillis(last_at) < days30Ms);
  return (
    <Block
      title="Used by"
      end={
        detail.consumers.length === 0
          ? undefined
          : `${formatCount(recent.length)} of ${formatCount(detail.consumers.length)} in 30 d`
      }
    >
      {detail.consumers.length === 0 ? (
        <p className="small muted">Nobody has read its value yet.</p>
      ) : (
        <ConsumerTable consumers={detail.consumers} />
      )}
    </Block>
  );
}

export function ConsumerTable({ consumers }: { readonly consumers: readonly Consumer[] }) {
  return (
    <DataTable
      caption="Who reads it"
      isTight
      isFlush
      columns={[
        { id: 'by', title: 'Who', cell: (each: Consumer) => <span title={each.by}>{each.by}</span> },
        {
          id: 'kind',
          title: 'As',
          width: '72px',
          cell: (each: Consumer) => (each.kind === 'key' ? 'API key' : 'user'),
        },
        { id: 'reads', title: 'Reads', width: '64px', align: 'end', cell: (each: Consumer) => formatCount(each.reads) },
        {
          id: 'last',
          title: 'Last',
          width: '96px',
          align: 'end',
          cell: (each: Consumer) => <RelativeTime at={each.last_at} />,
        },
      ]}
      rows={consumers}
      keyOf={(each) => `${each.kind} ${each.by}`}
    />
  );
}

type Read = SecretDetail['recent_reads'][number];

const viaWords: Readonly<Record<string, string>> = { https: 'API or browser', window: 'desktop window' };

export function Reads({ detail }: BlockProps) {
  if (detail.recent_reads.length === 0) return null;
  return (
    <Block title="Last reads" end={`${formatCount(detail.recent_reads.length)} of ${formatCount(detail.reads)}`}>
      <DataTable
        caption="Last reads"
        isTight
        isFlush
        columns={[
          {
            id: 'at',
            title: 'When',
            width: '136px',
            isMono: true,
            cell: (read: Read) => <Time at={read.at} format="minute" />,
          },
          { id: 'by', title: 'Who', cell: (read: Read) => <span title={read.user_agent ?? undefined}>{read.by}</span> },
          { id: 'version', title: 'Ver.', width: '48px', cell: (read: Read) => `v${read.version}` },
          { id: 'via', title: 'Through', width: '104px', cell: (read: Read) => viaWords[read.via] ?? read.via },
          {
            id: 'ip',
            title: 'Address',
            width: '104px',
            align: 'end',
            isMono: true,
            cell: (read: Read) => read.ip_address ?? '',
          },
        ]}
        rows={detail.recent_reads}
        keyOf={(read) => `${read.at} ${read.by} ${read.version}`}
      />
    </Block>
  );
}
