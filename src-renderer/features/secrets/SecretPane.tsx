// One secret: its value behind a press, what can be done with it, its versions, who uses it and who may. Everything but the value is metadata.

import { Copy, Ellipsis, KeyRound, Lock, Pencil, RefreshCw, RotateCcw, Trash2, Users } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { SecretDetail, SecretSummary } from '../../../src-shared/contract/secrets.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { DetailPane, paneWidth } from '../../ui/layout/DetailPane.tsx';
import { Menu, type MenuGroup } from '../../ui/overlays/Menu.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { readLines, rotateLines } from './copy-as.ts';
import { copyValue } from './copy-value.ts';
import { copyEntries, StateWord } from './parts.tsx';
import { Facts, GrantsBlock, ParsedFacts } from './SecretBlocks.tsx';
import { Reads, Users as UsersBlock, Versions } from './SecretHistory.tsx';
import { splitName, typeWords } from './secret-words.ts';
import css from './secrets.module.css';
import type { DialogKind } from './secrets-dialogs.ts';
import { isGone } from './secrets-query.ts';
import { secrets } from './secrets-state.ts';
import { ValueBox } from './ValueBox.tsx';

interface SecretPaneProps {
  readonly id: string;
  /** What the list knows of it, until the rest is read. */
  readonly summary: SecretSummary | undefined;
  readonly apiBase: string;
  readonly takesFocus: boolean;
  readonly onDialog: (kind: DialogKind, detail: SecretDetail) => void;
  readonly onRestore: (secret: SecretSummary) => void;
  readonly onClose: () => void;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

export function SecretPane({ id, summary, apiBase, onDialog, onRestore, ...pane }: SecretPaneProps) {
  const [width, setWidth] = useState<number>(paneWidth.least);
  const open = useStore(secrets, (state) => (state.open?.id === id ? state.open : undefined));
  useEffect(() => void secrets.open(id), [id]);
  const detail = open?.detail;
  const secret = detail ?? summary;
  const { folder, leaf } = splitName(secret?.name ?? '');

  return (
    <DetailPane
      {...pane}
      label={secret === undefined ? 'Secret' : `Secret ${secret.name}`}
      title={secret === undefined ? 'Secret' : leaf}
      headline={
        secret && (
          <span className={css.headline}>
            <span className="mono muted clip" title={secret.name}>
              {folder}
              {leaf}
            </span>
            <CopyButton value={secret.name} what="the name" />
            {secret.limited && (
              <Tag tone="line" icon={Lock}>
                {detail === undefined ? 'limited' : `${detail.grants.length} may use it`}
              </Tag>
            )}
          </span>
        )
      }
      facts={
        secret && (
          <>
            <span>
              version {secret.version}, set <RelativeTime at={secret.changed_at} />
            </span>
            <span>{typeWords[secret.type]}</span>
            {secret.state !== 'current' && <StateWord state={secret.state} />}
          </>
        )
      }
      width={width}
      onWidthChange={setWidth}
    >
      <Content
        open={open}
        isGoneFromList={open?.isGone === true}
        apiBase={apiBase}
        onDialog={onDialog}
        onRestore={onRestore}
        onRetry={() => void secrets.open(id)}
      />
    </DetailPane>
  );
}

interface ContentProps extends Pick<SecretPaneProps, 'apiBase' | 'onDialog' | 'onRestore'> {
  readonly open: { readonly detail?: SecretDetail | undefined; readonly failure?: string | undefined } | undefined;
  readonly isGoneFromList: boolean;
  readonly onRetry: () => void;
}

function Content({ open, isGoneFromList, apiBase, onDialog, onRestore, onRetry }: ContentProps) {
  const detail = open?.detail;
  if (isGoneFromList) {
    return (
      <EmptyState reason="nothing" title="There is no such secret">
        The address may be mistyped, or it belongs to another workspace.
      </EmptyState>
    );
  }
  if (detail === undefined) {
    return open?.failure === undefined ? (
      <LoadingSkeleton label="Loading the secret" rows={6} />
    ) : (
      <ErrorState
        title="This secret could not be read"
        detail={open.failure}
        stillWorks="Tools that use it are not concerned."
        onRetry={onRetry}
      />
    );
  }
  return (
    <>
      {isGone(detail.state) ? (
        <Gone detail={detail} onDialog={onDialog} onRestore={onRestore} />
      ) : (
        <ValueBlock detail={detail} apiBase={apiBase} onDialog={onDialog} />
      )}
      <Facts detail={detail} onEdit={() => onDialog('edit', detail)} />
      {detail.parsed !== null && <ParsedFacts parsed={detail.parsed} />}
      <Versions detail={detail} />
      <GrantsBlock detail={detail} onEdit={() => onDialog('grants', detail)} />
      <UsersBlock detail={detail} />
      <Reads detail={detail} />
    </>
  );
}

interface ValueBlockProps extends Pick<SecretPaneProps, 'apiBase' | 'onDialog'> {
  readonly detail: SecretDetail;
}

function ValueBlock({ detail, apiBase, onDialog }: ValueBlockProps) {
  const mayReveal = useMayDo('secrets.reveal');
  const mayManage = useMayDo('secrets.manage');
  const { id, name } = detail;
  const { leaf } = splitName(name);
  const groups: readonly MenuGroup[] = [
    ...(mayManage
      ? [
          {
            id: 'change',
            entries: [
              { id: 'edit', label: 'Edit details', icon: Pencil, keys: 'e', onAction: () => onDialog('edit', detail) },
              { id: 'grants', label: 'Who may use it', icon: Users, onAction: () => onDialog('grants', detail) },
            ],
          },
        ]
      : []),
    {
      id: 'copy',
      title: 'Copy as',
      entries: [
        ...copyEntries(readLines(apiBase, name), 'Read'),
        ...(mayManage ? copyEntries(rotateLines(apiBase, name, id), 'Rotate') : []),
      ],
    },
    ...(mayManage
      ? [
          {
            id: 'end',
            entries: [
              {
                id: 'delete',
                label: 'Delete',
                icon: Trash2,
                isDanger: true,
                onAction: () => onDialog('delete', detail),
              },
            ],
          },
        ]
      : []),
  ];
  return (
    <section className={css.valueBlock}>
      {mayReveal ? (
        <ValueBox secret={detail} fieldNames={detail.field_names} />
      ) : (
        <p className={css.noValue}>
          <Icon of={KeyRound} /> Your role may see that this secret exists, not what it is.
        </p>
      )}
      <div className="line wrap">
        {mayReveal && (
          <Button icon={Copy} keys="c" onPress={() => void copyValue({ id, name }, leaf)}>
            {detail.type === 'key_value' ? 'Copy all as JSON' : 'Copy'}
          </Button>
        )}
        {mayManage && (
          <Button icon={RefreshCw} keys="Shift+r" onPress={() => onDialog('rotate', detail)}>
            Rotate
          </Button>
        )}
        <span className="push">
          <Menu
            label="More actions"
            tone="quiet"
            isIconTrigger
            placement="bottom end"
            trigger={<Icon of={Ellipsis} />}
            groups={groups}
          />
        </span>
      </div>
      {mayReveal && <p className="small muted">Copying works without showing. The clipboard is cleared after 30 s.</p>}
    </section>
  );
}

function Gone({
  detail,
  onDialog,
  onRestore,
}: Pick<SecretPaneProps, 'onDialog' | 'onRestore'> & { readonly detail: SecretDetail }) {
  const mayManage = useMayDo('secrets.manage');
  return (
    <section className={css.valueBlock}>
      <p>
        {detail.state === 'purged'
          ? 'Shredded: the key of all its versions was destroyed. Its name and its history stay; nothing brings the value back.'
          : 'Deleted: whoever asks for it is told that there is no such secret. It can be brought back until it is shredded.'}
      </p>
      {mayManage && detail.state === 'deleted' && (
        <div className="line">
          <Button icon={RotateCcw} onPress={() => onRestore(detail)}>
            Restore
          </Button>
          <Button icon={Trash2} onPress={() => onDialog('purge', detail)}>
            Shred
          </Button>
        </div>
      )}
    </section>
  );
}
