// The vault: paths at the left, the list of what lies there, one secret in the pane. The address says where one is and what is open.

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { SecretSummary } from '../../../src-shared/contract/secrets.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { ProviderBanner } from '../../app/ProviderBanner.tsx';
import { useMayDo } from '../../app/services.ts';
import { useNow } from '../../lib/now.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Split } from '../../ui/layout/DetailPane.tsx';
import { Strip } from '../../ui/layout/Page.tsx';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { columnsUnder, labelOf } from './columns.tsx';
import { outcomeSentence } from './import-words.ts';
import { NoSecrets } from './NoSecrets.tsx';
import { PathsLayer, useRoom } from './PathsLayer.tsx';
import { PathTree } from './PathTree.tsx';
import { SecretPane } from './SecretPane.tsx';
import { Counts, FilterButton, FilterChips, PathsButton, SearchField } from './SecretsBar.tsx';
import { SecretsDialogs } from './SecretsDialogs.tsx';
import { paneShortcuts } from './secret-shortcuts.ts';
import { splitName } from './secret-words.ts';
import css from './secrets.module.css';
import type { OpenDialog } from './secrets-dialogs.ts';
import {
  addressOf,
  isFiltered,
  isGone,
  knownTags,
  type SecretsQuery,
  secretsQueryOf,
  viewCounts,
  wantsDeleted,
} from './secrets-query.ts';
import { secrets } from './secrets-state.ts';
import { rowsOf } from './secrets-store.ts';
import { foldersOf } from './secrets-tree.ts';
import { useApiBase } from './use-api-base.ts';

const lookAhead = 60;
/** Paths and list side by side need so much; with less the paths come on demand. */
const roomForPaths = 700;

export function SecretsPage({ path, query: address }: ScreenProps) {
  const mayManage = useMayDo('secrets.manage');
  const mayReveal = useMayDo('secrets.reveal');
  const apiBase = useApiBase();
  const addressKey = JSON.stringify(address);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the address, which is a new object each time
  const query = useMemo(() => secretsQueryOf(address), [addressKey]);
  const state = useStore(secrets);
  const now = useNow(60_000);
  const rows = useMemo(() => rowsOf(state, now), [state, now]);
  const [currentId, setCurrentId] = useState<string>();
  const [takesFocus, setTakesFocus] = useState(false);
  const [dialog, setDialog] = useState<OpenDialog>();
  const [isTreeOpen, setIsTreeOpen] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const side = useRef<HTMLDivElement>(null);
  const hasRoom = useRoom(side, roomForPaths);
  const asked = path[0];
  const openId = asked === 'new' || asked === 'import' ? undefined : asked;
  const currentIndex = rows.findIndex((row) => row.id === (currentId ?? openId));
  const open = rows.find((row) => row.id === openId);

  useEffect(() => {
    void secrets.load();
    return secrets.listen();
  }, []);
  // Before anything is drawn for the new address: the rows of the one before must not stand under its name.
  useLayoutEffect(() => secrets.show(query), [query]);
  useEffect(() => {
    if (openId !== undefined) setCurrentId(openId);
    else void secrets.open(undefined);
  }, [openId]);

  const go = useCallback(
    (id: string | undefined, to: SecretsQuery = query) =>
      navigate(
        { screen: 'secrets', ...(id === undefined ? {} : { path: [id] }), query: addressOf(to) },
        { replace: to === query || to.text !== query.text },
      ),
    [query],
  );
  useEffect(() => {
    // The palette's commands come as an address, which does not stay.
    if ((asked === 'new' || asked === 'import') && mayManage)
      setDialog({ kind: asked === 'new' ? 'create' : 'import' });
    if (asked === 'new' || asked === 'import') go(undefined);
  }, [asked, mayManage, go]);
  const moveTo = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row === undefined) return;
      setCurrentId(row.id);
      if (openId !== undefined) go(row.id);
    },
    [rows, openId, go],
  );
  const show = useCallback(
    (index: number, focus: boolean) => {
      const row = rows[index];
      if (row === undefined) return;
      setCurrentId(row.id);
      setTakesFocus(focus);
      go(row.id);
    },
    [rows, go],
  );
  const onQuery = (to: SecretsQuery) => {
    setIsTreeOpen(false);
    go(openId, to);
  };
  const onRange = useCallback((_first: number, last: number) => {
    const { found } = secrets.getState();
    if (found !== undefined && last > found.rows.length - lookAhead) void secrets.findMore();
  }, []);

  const detail = state.open?.id === openId ? state.open?.detail : undefined;
  useListShortcuts('secrets', 'Secrets', {
    count: rows.length,
    currentIndex,
    onCurrentChange: moveTo,
    onFilter: () => search.current?.focus(),
    onOpen: (index) => show(index, true),
  });
  useShortcuts('secrets', 'Secrets', [
    ...(mayManage
      ? [
          { id: 'secrets.new', keys: 'n', label: 'New secret', run: () => setDialog({ kind: 'create' }) },
          { id: 'secrets.import', keys: 'i', label: 'Import secrets', run: () => setDialog({ kind: 'import' }) },
        ]
      : []),
    ...paneShortcuts(detail, { mayManage, mayReveal }, setDialog),
    ...(openId === undefined
      ? []
      : [{ id: 'secrets.close', keys: 'Escape', label: 'Close the pane', run: () => go(undefined) }]),
  ]);

  const folders = useMemo(() => foldersOf(state.secrets.map(({ name }) => name)), [state.secrets]);
  const views = useMemo(
    () => viewCounts(state.secrets, state.deleted.length, now),
    [state.secrets, state.deleted, now],
  );
  const tags = useMemo(() => knownTags(state.secrets), [state.secrets]);
  const shownPath = query.text === '' ? query.path : '';
  const columns = useMemo(() => columnsUnder(shownPath), [shownPath]);
  const hasSecrets = state.secrets.length > 0 || state.deleted.length > 0;
  const focusList = () => side.current?.querySelector<HTMLElement>('[data-index][tabindex="0"]')?.focus();

  const searchField = (
    <SearchField
      text={query.text}
      onText={(text) => onQuery({ ...query, text })}
      onLeave={focusList}
      inputRef={search}
    />
  );
  const filter = <FilterButton query={query} tags={tags} onQuery={onQuery} />;
  const tree = (
    <PathTree
      folders={folders}
      total={state.secrets.length}
      views={views}
      query={query}
      onPath={(to) => onQuery({ ...query, path: to, text: '', view: wantsDeleted(query) ? undefined : query.view })}
      onView={(view) => onQuery({ ...query, view })}
    />
  );

  return (
    <>
      <Split
        list={
          <div ref={side} className={css.side}>
            {hasSecrets && hasRoom && (
              <div className={css.tree}>
                <Strip isPane>{searchField}</Strip>
                {tree}
              </div>
            )}
            <div className={css.page}>
              <Strip isPane>
                <h1 className="title-s clip" title={shownPath}>
                  {shownPath === '' ? 'Secrets' : shownPath.split('/').join(' / ')}
                </h1>
                <Counts shown={rows.length} />
                <span className="grow" />
                {hasSecrets && hasRoom && filter}
                {mayManage && (
                  <>
                    <Button onPress={() => setDialog({ kind: 'import' })}>Import</Button>
                    <Button tone="primary" onPress={() => setDialog({ kind: 'create' })}>
                      New secret
                    </Button>
                  </>
                )}
              </Strip>
              <ProviderBanner />
              {hasSecrets && (!hasRoom || isFiltered(query)) && (
                <div className={css.bar}>
                  {!hasRoom && (
                    <>
                      <PathsButton isOpen={isTreeOpen} onPress={() => setIsTreeOpen(!isTreeOpen)} />
                      {searchField}
                      {filter}
                    </>
                  )}
                  <FilterChips query={query} onQuery={onQuery} />
                </div>
              )}
              <div className={css.rows}>
                {rows.length === 0 ? (
                  <NoSecrets
                    query={query}
                    mayManage={mayManage}
                    onQuery={onQuery}
                    onCreate={() => setDialog({ kind: 'create' })}
                    onImport={() => setDialog({ kind: 'import' })}
                  />
                ) : (
                  <VirtualList
                    label="Secrets"
                    columns={columns}
                    count={rows.length}
                    rowAt={(index) => rows[index]}
                    keyOf={(row) => row.id}
                    labelOf={labelOf}
                    currentIndex={currentIndex}
                    onCurrentChange={moveTo}
                    onOpen={(index) => show(index, true)}
                    onPreview={(index) => show(index, false)}
                    isMuted={(row) => isGone(row.state)}
                    onRange={onRange}
                  />
                )}
                {!hasRoom && isTreeOpen && <PathsLayer onClose={() => setIsTreeOpen(false)}>{tree}</PathsLayer>}
              </div>
            </div>
          </div>
        }
        pane={
          openId !== undefined && (
            <SecretPane
              id={openId}
              summary={open}
              apiBase={apiBase}
              takesFocus={takesFocus}
              onDialog={(kind, of) => setDialog({ kind, detail: of })}
              onRestore={restore}
              onClose={() => go(undefined)}
              onPrevious={currentIndex > 0 ? () => moveTo(currentIndex - 1) : undefined}
              onNext={currentIndex >= 0 && currentIndex < rows.length - 1 ? () => moveTo(currentIndex + 1) : undefined}
            />
          )
        }
      />
      <SecretsDialogs
        dialog={dialog}
        path={shownPath}
        apiBase={apiBase}
        onClose={() => setDialog(undefined)}
        onMade={(made) => {
          setDialog(undefined);
          secrets.took(made);
          setTakesFocus(false);
          setCurrentId(made.id);
          // Where it can be seen: under its own path, and nothing hiding it.
          const folder = splitName(made.name).folder.replace(/\/$/, '');
          const isSeen = !isFiltered(query) && (query.path === '' || `${folder}/`.startsWith(`${query.path}/`));
          go(made.id, isSeen ? query : { ...secretsQueryOf({}), path: folder });
          toasts.show({ text: `${made.name} is kept` });
        }}
        onChanged={(changed, words) => {
          setDialog(undefined);
          secrets.took(changed);
          toasts.show({ text: words });
        }}
        onDeleted={(gone) => {
          setDialog(undefined);
          if (!wantsDeleted(query)) go(undefined);
          void secrets.moved(gone.id);
          toasts.show({ text: `${gone.name} deleted`, undo: () => void restore(gone) });
        }}
        onShredded={(gone) => {
          setDialog(undefined);
          void secrets.moved(gone.id);
          toasts.show({ text: `${gone.name} shredded` });
        }}
        onImported={(outcome) => {
          setDialog(undefined);
          void secrets.load();
          toasts.show({ text: `Imported: ${outcomeSentence(outcome)}` });
        }}
      />
    </>
  );
}

async function restore(secret: Pick<SecretSummary, 'id' | 'name'>): Promise<void> {
  try {
    secrets.took(await call('secrets.restore', { id: secret.id }));
    toasts.show({ text: `${secret.name} is back` });
  } catch (error) {
    toasts.show({ text: failureWords(error), tone: 'warn' });
  }
}
