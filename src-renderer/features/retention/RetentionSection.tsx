// Settings, Retention: how long the audit log keeps what, what a run would delete, and legal holds.

import { Scale, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { RetentionStatus } from '../../../src-shared/contract/retention.ts';
import { failureWords } from '../../api/failures.ts';
import { withStepUp } from '../../api/step-up.ts';
import { useMayDo } from '../../app/services.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Panel } from '../../ui/layout/Page.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { HoldDialog } from './HoldDialog.tsx';
import css from './retention.module.css';
import { retention } from './retention-state.ts';
import { categoryWords } from './retention-words.ts';

type Category = RetentionStatus['categories'][number];
type Hold = RetentionStatus['holds'][number];
type Asked = { readonly kind: 'run' | 'hold' } | { readonly kind: 'release'; readonly hold: Hold };

export function RetentionSection() {
  const { status, problem } = useStore(retention);
  const mayManage = useMayDo('privacy.manage');
  const [asked, setAsked] = useState<Asked>();
  useEffect(() => void retention.load(), []);
  const isNarrow = useNarrowWindow();

  if (status === undefined) {
    return problem === undefined ? (
      <LoadingSkeleton label="Loading the retention of the audit log" rows={6} />
    ) : (
      <ErrorState
        title="The retention of the audit log could not be read"
        detail={problem}
        stillWorks="Nothing is deleted meanwhile that would not be deleted anyway."
        onRetry={() => void retention.load()}
      />
    );
  }
  const close = () => setAsked(undefined);
  const expired = status.categories.reduce((sum, one) => sum + one.expired, 0);
  return (
    <div className={css.section}>
      <div className={css.toolbar}>
        <div>
          <p>
            {expired === 0 ? 'No entry has expired.' : <b>{entriesOf(expired)} expired.</b>}{' '}
            {status.pruned > 0 &&
              `${entriesOf(status.pruned)} deleted so far; their places in the chain still prove them.`}
          </p>
          <p className="small muted">
            Events are kept {formatCount(status.events.days)} days from when they came
            {status.events.expired > 0 && `; up to ${formatCount(status.events.expired)} have expired`}
            {status.events.deleted > 0 && `; ${formatCount(status.events.deleted)} deleted so far`}. What an alert names
            as its evidence stays.
          </p>
          <p className="small muted">
            {status.next_run_at === null ? (
              'Nothing is deleted by itself. retention.auto_delete_expired switches that on.'
            ) : (
              <>
                Expired entries are deleted on <Time at={status.next_run_at} format="minute" />.
              </>
            )}
          </p>
        </div>
        <span className="grow" />
        {mayManage && (
          <Button icon={Scale} onPress={() => setAsked({ kind: 'hold' })}>
            Place a legal hold
          </Button>
        )}
        {mayManage && (
          <Button
            tone="danger"
            icon={Trash2}
            isDisabled={expired + status.events.expired === 0}
            onPress={() => setAsked({ kind: 'run' })}
          >
            Delete expired
          </Button>
        )}
      </div>
      {problem !== undefined && <p className={css.problem}>{problem}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key */}
      <section className={css.scroll} tabIndex={0} aria-label="Table of the categories">
        <DataTable
          caption="Categories of the audit log"
          columns={columnsFor(isNarrow)}
          rows={status.categories}
          keyOf={(row) => row.category}
          isFlush
        />
      </section>
      <Panel title="Legal holds" end={formatCount(status.holds.length)}>
        <div className={css.holds}>
          {status.holds.length === 0 ? (
            <p className="muted">None. A hold keeps entries beyond their days, until it is released.</p>
          ) : (
            <ul>
              {status.holds.map((hold) => (
                <li key={hold.id} className={css.hold}>
                  <b>{hold.label}</b>
                  <span className="muted">{coverOf(hold)}</span>
                  <span className="small muted">
                    placed <Time at={hold.placed_at} format="minute" /> by {hold.placed_by}
                  </span>
                  <span className="grow" />
                  {mayManage && (
                    <Button size="small" onPress={() => setAsked({ kind: 'release', hold })}>
                      Release
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )}
        </div>
      </Panel>
      <HoldDialog isOpen={asked?.kind === 'hold'} onClose={close} />
      <RunDialog isOpen={asked?.kind === 'run'} status={status} onClose={close} />
      <ReleaseDialog hold={asked?.kind === 'release' ? asked.hold : undefined} onClose={close} />
    </div>
  );
}

function RunDialog(props: {
  readonly isOpen: boolean;
  readonly status: RetentionStatus;
  readonly onClose: () => void;
}) {
  const { isOpen, status, onClose } = props;
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title="Delete expired entries"
      confirmLabel="Delete"
      isDanger
      typeToConfirm="delete"
      describeError={failureWords}
      consequences={[
        ...status.categories
          .filter(({ expired }) => expired > 0)
          .map(({ category, expired, entries }) => ({
            label: categoryWords[category].name,
            value: `${formatCount(expired)} of ${formatCount(entries)}`,
          })),
        ...(status.events.expired === 0
          ? []
          : [{ label: 'Events', value: `up to ${formatCount(status.events.expired)}` }]),
      ]}
      footnote={<CopyCommand line="gatehouse retention run --yes" />}
      onConfirm={async () => {
        const deleted = await withStepUp(() => retention.run());
        if (deleted === undefined) return;
        const events = deleted.events_deleted === 0 ? '' : ` and ${formatCount(deleted.events_deleted)} events`;
        toasts.show({ text: `${entriesOf(deleted.deleted)}${events} deleted` });
      }}
    >
      <p>
        Their content goes for good. Their leaves stay, so that every checkpoint and bundle still verifies. The run is
        an entry of its own, with a digest over exactly what it takes away.
      </p>
    </ConfirmDialog>
  );
}

function ReleaseDialog({ hold, onClose }: { readonly hold: Hold | undefined; readonly onClose: () => void }) {
  return (
    <ConfirmDialog
      isOpen={hold !== undefined}
      onClose={onClose}
      title="Release this legal hold"
      confirmLabel="Release"
      describeError={failureWords}
      consequences={hold === undefined ? [] : [{ label: 'Covered', value: coverOf(hold) }]}
      footnote={hold && <CopyCommand line={`gatehouse retention release ${hold.id}`} />}
      onConfirm={async () => {
        if (hold === undefined) return;
        const isDone = await withStepUp(async () => {
          await retention.release(hold.id);
          return true;
        });
        if (isDone === true) toasts.show({ text: 'Legal hold released' });
      }}
    >
      <p>What it kept and is older than its days can then be deleted.</p>
    </ConfirmDialog>
  );
}

function columnsFor(isNarrow: boolean): readonly Column<Category>[] {
  const holds: Column<Category> = {
    id: 'holds',
    title: 'Holds',
    cell: ({ category }) => <span className="muted">{categoryWords[category].holds}</span>,
  };
  return [
    {
      id: 'category',
      title: 'Category',
      width: '160px',
      cell: ({ category }) => <b>{categoryWords[category].name}</b>,
    },
    ...(isNarrow ? [] : [holds]),
    { id: 'days', title: 'Days', width: '80px', align: 'end', cell: ({ days }) => formatCount(days) },
    { id: 'entries', title: 'Entries', width: '96px', align: 'end', cell: ({ entries }) => formatCount(entries) },
    { id: 'expired', title: 'Expired', width: '96px', align: 'end', cell: ({ expired }) => formatCount(expired) },
    { id: 'held', title: 'Kept by hold', width: '96px', align: 'end', cell: ({ held }) => formatCount(held) },
  ];
}

function entriesOf(count: number): string {
  return count === 1 ? '1 entry' : `${formatCount(count)} entries`;
}

function coverOf({ category, since, until }: Hold): string {
  const what = category === null ? 'everything' : categoryWords[category].name.toLowerCase();
  const from = since === null ? 'from the beginning' : `from ${since.slice(0, 10)}`;
  return `${what}, ${from} ${until === null ? 'on' : `to ${until.slice(0, 10)}`}`;
}
