// The pane of one alert: headline, what one can do, and four tabs. It shows the row at once and the rest when it has come.

import { Archive, Check, Link, MessageSquarePlus, MoreHorizontal, RotateCcw, UserMinus, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { AlertFull, AlertRow } from '../../../src-shared/contract/alerts.ts';
import { formatPlace } from '../../app/navigation.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Tabs } from '../../ui/controls/Tabs.tsx';
import { Severity } from '../../ui/data/Severity.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { Timer } from '../../ui/data/Timer.tsx';
import { announce } from '../../ui/feedback/announcer.ts';
import { Icon } from '../../ui/Icon.tsx';
import { DetailPane, paneWidth } from '../../ui/layout/DetailPane.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { ActivityList } from './ActivityList.tsx';
import { alertNumber, statusWords, verdictLabel } from './alert-words.ts';
import { EventsTab } from './EventsTab.tsx';
import { Overview } from './Overview.tsx';
import css from './queue.module.css';
import { acknowledge, assignTo, queue, showDialog } from './queue-state.ts';

interface AlertPaneProps {
  readonly id: string;
  readonly me: string;
  readonly mayTriage: boolean;
  readonly takesFocus: boolean;
  readonly onClose: () => void;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
}

type TabId = 'overview' | 'events' | 'activity' | 'json';

export function AlertPane(props: AlertPaneProps) {
  const { id, me, mayTriage } = props;
  const opened = useStore(queue, (state) => state.opened);
  const failure = useStore(queue, (state) => state.openFailure);
  const listed = useStore(queue, (state) => state.rows.find((row) => row.id === id));
  const [width, setWidth] = useState<number>(paneWidth.least);
  const [tab, setTab] = useState<TabId>('overview');
  const full = opened?.id === id ? opened : undefined;
  // The row may be newer than what was read in full: a change answers with rows.
  const row = full === undefined || (listed !== undefined && listed.revision > full.revision) ? listed : full;

  return (
    <DetailPane
      label={row === undefined ? 'Alert' : `Alert ${alertNumber(row.number)}`}
      title={row?.title ?? 'Alert'}
      severity={row?.severity}
      headline={row && <Headline row={row} />}
      facts={row && <Facts row={row} />}
      actions={row && mayTriage && <Actions row={row} me={me} />}
      width={width}
      onWidthChange={setWidth}
      onClose={props.onClose}
      onPrevious={props.onPrevious}
      onNext={props.onNext}
      takesFocus={props.takesFocus}
    >
      {full !== undefined ? (
        <Tabs
          label="Parts of the alert"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              id: 'overview',
              label: 'Overview',
              content: () => <Overview alert={full} onEvents={() => setTab('events')} />,
            },
            { id: 'events', label: 'Events', count: full.events_total, content: () => <EventsTab alert={full} /> },
            {
              id: 'activity',
              label: 'Activity',
              count: full.activity.length,
              content: () => <ActivityList activity={full.activity} me={me} mayUndo={mayTriage} />,
            },
            { id: 'json', label: 'JSON', content: () => <JsonTab alert={full} /> },
          ]}
        />
      ) : failure !== undefined ? (
        <ErrorState
          title="This alert could not be read"
          detail={failure}
          stillWorks="The list beside it still works."
          onRetry={() => {
            void queue.open(undefined);
            void queue.open(id);
          }}
        />
      ) : (
        <LoadingSkeleton label="Loading the alert" rows={6} />
      )}
    </DetailPane>
  );
}

function Headline({ row }: { readonly row: AlertRow }) {
  return (
    <>
      <Severity level={row.severity} isTinted />
      <Tag tone="line">Risk {row.risk}</Tag>
      <Tag tone="line">{row.status === 'acknowledged' ? 'Acknowledged' : statusWords[row.status]}</Tag>
      {row.due_at !== null && <Timer startedAt={row.raised_at} dueAt={row.due_at} showsLeft />}
    </>
  );
}

function Facts({ row }: { readonly row: AlertRow }) {
  return (
    <>
      <span className="mono nowrap">{alertNumber(row.number)}</span>
      <CopyButton value={alertNumber(row.number)} what="alert number" />
      <span aria-hidden="true">·</span>
      <span>{row.assignee ?? 'no assignee'}</span>
      <span aria-hidden="true">·</span>
      <span>{row.verdict === null ? 'no verdict' : verdictLabel(row.verdict)}</span>
      <span aria-hidden="true">·</span>
      <span>
        first <Time at={row.first_seen_at} format="time" />, last <Time at={row.last_seen_at} format="time" />
      </span>
    </>
  );
}

function Actions({ row, me }: { readonly row: AlertRow; readonly me: string }) {
  const isClosed = row.status === 'closed';
  return (
    <>
      {row.status === 'open' && (
        <Button tone="primary" icon={Check} keys="a" onPress={() => acknowledge([row])}>
          Acknowledge
        </Button>
      )}
      {isClosed ? (
        <Button icon={RotateCcw} onPress={() => showDialog({ kind: 'reopen', rows: [row] })}>
          Reopen
        </Button>
      ) : (
        <Button
          tone={row.status === 'acknowledged' ? 'primary' : 'plain'}
          icon={Archive}
          keys="c"
          onPress={() => showDialog({ kind: 'close', rows: [row] })}
        >
          Close
        </Button>
      )}
      <Button icon={MessageSquarePlus} keys="n" onPress={() => showDialog({ kind: 'note', rows: [row] })}>
        Note
      </Button>
      <Menu
        label="More for this alert"
        isIconTrigger
        triggerClassName={css.more}
        placement="bottom end"
        trigger={<Icon of={MoreHorizontal} />}
        groups={[
          {
            id: 'more',
            entries: [
              ...(row.assignee === me
                ? []
                : [
                    {
                      id: 'me',
                      label: 'Assign to me',
                      icon: UserPlus,
                      keys: 'Shift+a',
                      onAction: () => assignTo([row], me),
                    },
                  ]),
              ...(row.assignee === null
                ? []
                : [
                    { id: 'nobody', label: 'Assign to nobody', icon: UserMinus, onAction: () => assignTo([row], null) },
                  ]),
              { id: 'link', label: 'Copy link', icon: Link, onAction: () => void copyLink(row) },
            ],
          },
        ]}
      />
    </>
  );
}

/** Without the query: the link shows the same alert whatever the other person's list holds. */
async function copyLink(row: AlertRow): Promise<void> {
  const link = new URL(formatPlace({ screen: 'queue', path: [row.id] }), window.location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    announce('Copied the link');
  } catch {
    announce('Could not copy the link. Copy it from the address bar.', 'urgent');
  }
}

function JsonTab({ alert }: { readonly alert: AlertFull }) {
  const text = JSON.stringify(alert, null, 2);
  return (
    <div className={css.json}>
      <CopyButton value={text} what="the alert as JSON">
        Copy JSON
      </CopyButton>
      <pre>{text}</pre>
    </div>
  );
}
