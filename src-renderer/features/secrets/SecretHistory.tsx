// What has become of a secret: its versions with what changed between them (never what to), who uses it, who read it last.

import { Check } from 'lucide-react';
import { useStore } from 'zustand';
import type { SecretDetail } from '../../../src-shared/contract/secrets.ts';
import { useMayDo } from '../../app/services.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { Block } from '../../ui/layout/Page.tsx';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { changesOf } from './secret-words.ts';
import css from './secrets.module.css';
import { isGone } from './secrets-query.ts';
import { reveal } from './secrets-state.ts';

interface BlockProps {
  readonly detail: SecretDetail;
}

const days30Ms = 30 * 86_400_000;

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
            width: '88px',
            cell: (read: Read) => <RelativeTime at={read.at} />,
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
