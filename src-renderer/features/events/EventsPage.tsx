// Events: search, one event in full, and importing log files by button or by dropping them anywhere on the screen.

import { FileUp } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { useListCursor } from '../../app/list-cursor.ts';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { cx } from '../../lib/cx.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { DetailPane, paneWidth, Split } from '../../ui/layout/DetailPane.tsx';
import { Strip } from '../../ui/layout/Page.tsx';
import { VirtualList } from '../../ui/lists/VirtualList.tsx';
import { DropZone } from '../../ui/overlays/DropZone.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { EventParts } from './EventParts.tsx';
import { EventsBar } from './EventsBar.tsx';
import { EventsOverview } from './EventsOverview.tsx';
import { labelOf, narrowColumns, slimColumns, wideColumns } from './event-columns.tsx';
import css from './events.module.css';
import { addressOf, isTimeOnly, problemOf, queryOf, withTime } from './events-query.ts';
import { events, imports, rejections } from './events-state.ts';
import { ImportDialog } from './ImportDialog.tsx';
import { ImportPanel } from './ImportPanel.tsx';
import { RejectionsDialog } from './RejectionsDialog.tsx';
import { SaveSearchDialog } from './SaveSearchDialog.tsx';

const lookAhead = 120;

export function EventsPage({ path, query: address }: ScreenProps) {
  const mayWrite = useMayDo('events.write');
  const query = queryOf(address);
  const { rows, phase, failure, hasNews } = useStore(events);
  const [width, setWidth] = useState<number>(paneWidth.least);
  const words = useRef<HTMLInputElement>(null);
  const isNarrow = useNarrowWindow();
  const openId = path[0];
  const open = rows.find((row) => row.id === openId);

  const [isSaving, setIsSaving] = useState(false);
  const [showsRefused, setShowsRefused] = useState(false);
  const refused = useStore(rejections, (state) => state.total);

  useEffect(() => {
    void events.loadSaved();
    void rejections.load();
    return events.listen();
  }, []);
  useEffect(() => void events.load(query), [query]);

  const go = useCallback(
    (id: string | undefined, to: string = query) =>
      navigate(
        { screen: 'events', ...(id === undefined ? {} : { path: [id] }), query: addressOf(to) },
        { replace: to === query },
      ),
    [query],
  );
  const show = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row !== undefined) go(row.id);
    },
    [rows, go],
  );
  const cursor = useListCursor(rows.length, openId !== undefined, show);
  const onFiles = useCallback((files: readonly File[]) => imports.choose(files), []);
  const chosen = useStore(imports, (state) => state.chosen);
  const chooser = useRef<HTMLInputElement>(null);
  const choose = () => chooser.current?.click();
  const onRange = useCallback((_first: number, last: number) => {
    const { rows: loaded, nextCursor } = events.getState();
    if (nextCursor !== null && last > loaded.length - lookAhead) void events.loadMore();
  }, []);

  useListShortcuts('events', 'Events', {
    count: rows.length,
    currentIndex: cursor.currentIndex,
    onCurrentChange: cursor.moveTo,
    onFilter: () => words.current?.focus(),
    onShowNew: () => void events.load(),
    onOpen: cursor.onOpen,
  });
  useShortcuts(
    'events',
    'Events',
    mayWrite ? [{ id: 'events.import', keys: 'i', label: 'Import log files', run: choose }] : [],
  );

  const page = (
    <Split
      list={
        <div className={css.page}>
          {/* In the page, not made when needed: the browser may drop a field that stands nowhere before its dialog opens. */}
          <input
            ref={chooser}
            type="file"
            hidden
            multiple
            onChange={(event) => {
              onFiles(Array.from(event.currentTarget.files ?? []));
              // So that choosing the same file again is a change.
              event.currentTarget.value = '';
            }}
          />
          <Strip>
            <h1 className="title-s">Events</h1>
            <ListWords />
            <span className="grow" />
            {hasNews && (
              <Button size="small" keys="." onPress={() => void events.load()}>
                Newer events came. Show
              </Button>
            )}
            {refused > 0 && (
              <Button size="small" onPress={() => setShowsRefused(true)}>
                {formatCount(refused)} refused
              </Button>
            )}
            {mayWrite && (
              <Button tone="primary" icon={FileUp} keys="i" onPress={choose}>
                Import log files
              </Button>
            )}
          </Strip>
          <ImportPanel />
          {chosen.length > 0 && <ImportDialog files={chosen} />}
          <EventsBar
            query={query}
            onQuery={(to) => go(undefined, to)}
            onSave={() => setIsSaving(true)}
            inputRef={words}
          />
          {showsRefused && <RejectionsDialog onClose={() => setShowsRefused(false)} />}
          {isSaving && <SaveSearchDialog query={query} onClose={() => setIsSaving(false)} />}
          <EventsOverview query={query} onQuery={(to) => go(undefined, to)} />
          {phase === 'loading' && <LoadingSkeleton label="Loading events" rows={16} />}
          {phase === 'failed' && (
            <ErrorState
              title="The events could not be read"
              detail={failure}
              stillWorks="What was taken in is kept."
              onRetry={() => void events.load()}
              diagnostics={`screen: events\nerror: ${failure ?? ''}`}
            />
          )}
          {phase === 'ready' && rows.length === 0 && <NoEvents query={query} mayWrite={mayWrite} onChoose={choose} />}
          {phase === 'ready' && rows.length > 0 && (
            <VirtualList
              label="Events"
              columns={isNarrow ? slimColumns : openId === undefined ? wideColumns : narrowColumns}
              count={rows.length}
              rowAt={(index) => rows[index]}
              keyOf={(row) => row.id}
              labelOf={labelOf}
              {...cursor.list}
              onRange={onRange}
            />
          )}
        </div>
      }
      pane={
        openId !== undefined && (
          <DetailPane
            label="Event"
            title={open === undefined ? 'Event' : open.event_type}
            facts={open && <Time at={open.time} />}
            width={width}
            onWidthChange={setWidth}
            onClose={() => go(undefined)}
            {...cursor.pane}
          >
            {open === undefined ? (
              <EmptyState reason="hidden" title="This event is not in the list shown">
                <Button onPress={() => go(openId, `id:${openId}`)}>Search for its id</Button>
              </EmptyState>
            ) : (
              <EventParts event={open} query={query} onQuery={(to) => go(open.id, to)} />
            )}
          </DetailPane>
        )
      }
    />
  );
  if (!mayWrite) return page;
  return (
    <DropZone
      isScreen
      label="Drop log files to import them"
      detail="auth.log, access logs, JSON lines, syslog, Windows events, CSV. You see how they would be read first."
      onFiles={onFiles}
    >
      {page}
    </DropZone>
  );
}

function ListWords() {
  const { rows, nextCursor, isLoadingMore, isUnfinished, moreFailure, phase } = useStore(events);
  if (phase !== 'ready') return null;
  if (moreFailure !== undefined) {
    return (
      <span className="line small warn">
        More could not be read. {moreFailure}
        <Button size="small" onPress={() => void events.loadMore()}>
          Try again
        </Button>
      </span>
    );
  }
  if (isUnfinished) {
    const last = rows.at(-1);
    return (
      <span className="line small muted tn" role="status">
        {formatCount(rows.length)} found so far
        {last !== undefined && (
          <>
            , back to <Time at={last.time} />
          </>
        )}
        <Button size="small" onPress={() => void events.loadMore()}>
          {isLoadingMore ? 'Searching on' : 'Search on'}
        </Button>
      </span>
    );
  }
  return (
    <span className={cx('muted small tn', css.listWords)}>
      {formatCount(rows.length)}{' '}
      {nextCursor === null ? (rows.length === 1 ? 'event' : 'events, all') : 'loaded, more below'}
      {isLoadingMore && ', loading'}
    </span>
  );
}

interface NoEventsProps {
  readonly query: string;
  readonly mayWrite: boolean;
  readonly onChoose: () => void;
}

function NoEvents({ query, mayWrite, onChoose }: NoEventsProps) {
  const isUnfinished = useStore(events, (state) => state.isUnfinished);
  if (problemOf(query, Date.now()) !== undefined) {
    return (
      <EmptyState reason="hidden" title="The search can not be understood">
        The line under the field says what is wrong.
      </EmptyState>
    );
  }
  if (isUnfinished) return <EmptyState reason="hidden" title="Nothing found yet; older events were not looked at" />;
  if (isTimeOnly(query)) {
    return (
      <EmptyState
        reason="silent"
        title="No event is from this time"
        actions={
          <Button onPress={() => navigate({ screen: 'events', query: addressOf(withTime(query)) })}>
            Show all times
          </Button>
        }
      >
        If events should have come, look whether their sources still send.
      </EmptyState>
    );
  }
  if (query.trim() !== '') {
    return (
      <EmptyState
        reason="hidden"
        title="No event matches the search"
        actions={<Button onPress={() => navigate({ screen: 'events' })}>Show all events</Button>}
      />
    );
  }
  return (
    <EmptyState
      reason="nothing"
      title="No event has been taken in yet"
      actions={mayWrite && <Button onPress={onChoose}>Import log files</Button>}
    >
      {mayWrite
        ? 'Drop a log file here, or send events to POST /api/v1/events with an API key.'
        : 'Your role may read events, not import them.'}
    </EmptyState>
  );
}
