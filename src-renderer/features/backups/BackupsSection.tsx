// Settings, Backups: what there is and whether it was proven, the one being made, the schedule. The chosen backup opens beside the list.

import { CalendarClock, DatabaseBackup } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Backup } from '../../../src-shared/contract/backups.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { useListShortcuts } from '../../app/list-shortcuts.ts';
import { navigate } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { formatBytes } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { paneWidth, Split } from '../../ui/layout/DetailPane.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { BackUpDialog } from './BackUpDialog.tsx';
import { BackupPane } from './BackupPane.tsx';
import { BackupTable } from './BackupTable.tsx';
import { asksPassphrase, type BackupAction, scheduleWords } from './backup-words.ts';
import css from './backups.module.css';
import { backups } from './backups-state.ts';
import { type BackupsState, runningOf, type ScheduleStatus } from './backups-store.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import { RestoreDialog } from './RestoreDialog.tsx';
import { RunningBackup } from './RunningBackup.tsx';
import { ScheduleDialog } from './ScheduleDialog.tsx';
import { VerifyDialog } from './VerifyDialog.tsx';
import { verifyBackup } from './verify-backup.ts';

type Asked = { readonly kind: 'new' | 'schedule' } | { readonly kind: BackupAction; readonly backup: Backup };

interface BackupsSectionProps {
  /** Of the address: the backup whose pane is open. */
  readonly chosen: string | undefined;
  /** What the address asks for: 'new', 'schedule'. */
  readonly asked: string | undefined;
  readonly onAsked: () => void;
}

export function BackupsSection({ chosen, asked: asking, onAsked }: BackupsSectionProps) {
  const state = useStore(backups);
  const { rows, problem, schedule } = state;
  const mayManage = useMayDo('backups.manage');
  const [asked, setAsked] = useState<Asked>();
  const [width, setWidth] = useState<number>(paneWidth.least);
  useEffect(() => backups.follow(), []);
  useEffect(() => {
    if (asking === undefined) return;
    if (mayManage && (asking === 'new' || asking === 'schedule')) setAsked({ kind: asking });
    onAsked();
  }, [asking, mayManage, onAsked]);

  const listed = rows ?? [];
  const currentIndex = listed.findIndex((row) => row.backup_id === chosen);
  const current = listed[currentIndex];
  const open = (row: Backup | undefined) =>
    navigate(
      { screen: 'settings', path: row === undefined ? ['backups'] : ['backups', row.backup_id] },
      { replace: true },
    );
  const act = (kind: BackupAction, backup: Backup) => {
    if (kind === 'verify' && !asksPassphrase(backup)) void verifyBackup(backup, undefined);
    else setAsked({ kind, backup });
  };
  useListShortcuts('settings', 'Backups', {
    count: listed.length,
    currentIndex,
    onCurrentChange: (index) => open(listed[index]),
  });
  useShortcuts(
    'settings',
    'Backups',
    mayManage
      ? [
          { id: 'backups.new', keys: 'n', label: 'Back up now', run: () => setAsked({ kind: 'new' }) },
          {
            id: 'backups.verify',
            keys: 'v',
            label: 'Verify by a test restore',
            run: () => current?.state === 'complete' && act('verify', current),
          },
        ]
      : [],
  );

  if (rows === undefined || schedule === undefined) {
    return problem === undefined ? (
      <LoadingSkeleton label="Loading the backups" />
    ) : (
      <ErrorState
        title="The backups could not be read"
        detail={problem}
        stillWorks="Their files are untouched; scheduled backups go on."
        onRetry={() => void backups.load()}
      />
    );
  }
  const close = () => setAsked(undefined);
  return (
    <div className={css.section}>
      <Split
        list={
          <div className={css.list}>
            <Toolbar
              state={state}
              onNew={mayManage && rows.length > 0 ? () => setAsked({ kind: 'new' }) : undefined}
              onSchedule={mayManage ? () => setAsked({ kind: 'schedule' }) : undefined}
            />
            <RunningBackup running={runningOf(rows)} rate={state.rate} mayCancel={mayManage} />
            {rows.length === 0 ? (
              <Nothing schedule={schedule} onNew={mayManage ? () => setAsked({ kind: 'new' }) : undefined} />
            ) : (
              <BackupTable
                rows={rows}
                currentId={chosen}
                verifying={state.verifying}
                onOpen={open}
                onAction={mayManage ? act : undefined}
              />
            )}
          </div>
        }
        pane={
          current && (
            <BackupPane
              key={current.backup_id}
              backup={current}
              isVerifying={state.verifying.has(current.backup_id)}
              unverified={state.unverified[current.backup_id]}
              width={width}
              onWidthChange={setWidth}
              onClose={() => open(undefined)}
              onPrevious={currentIndex > 0 ? () => open(rows[currentIndex - 1]) : undefined}
              onNext={currentIndex + 1 < rows.length ? () => open(rows[currentIndex + 1]) : undefined}
              onAction={mayManage ? (kind) => act(kind, current) : undefined}
            />
          )
        }
      />
      <BackUpDialog
        isOpen={asked?.kind === 'new'}
        isEncryptionRequired={schedule.encryption_required}
        onClose={close}
      />
      <ScheduleDialog isOpen={asked?.kind === 'schedule'} schedule={schedule} onClose={close} />
      <VerifyDialog backup={asked?.kind === 'verify' ? asked.backup : undefined} onClose={close} />
      <RestoreDialog backup={asked?.kind === 'restore' ? asked.backup : undefined} onClose={close} />
      <DeleteDialog
        backup={asked?.kind === 'delete' ? asked.backup : undefined}
        onClose={close}
        onDeleted={() => open(undefined)}
      />
    </div>
  );
}

interface ToolbarProps {
  readonly state: BackupsState;
  readonly onNew: (() => void) | undefined;
  readonly onSchedule: (() => void) | undefined;
}

function Toolbar({ state, onNew, onSchedule }: ToolbarProps) {
  const { rows = [], schedule, problem } = state;
  const complete = rows.filter((row) => row.state === 'complete');
  const proven = complete.filter((row) => row.verification?.passed === true).length;
  const bytes = complete.reduce((sum, row) => sum + (row.size_bytes ?? 0), 0);
  return (
    <div className={css.toolbar}>
      <div className={css.facts}>
        {complete.length > 0 && (
          <p>
            <b>
              {proven} of {complete.length}
            </b>{' '}
            {complete.length === 1 ? 'backup' : 'backups'} proven by a test restore, {formatBytes(bytes)} in all
            {state.isCut && ' of the newest; older ones are not listed'}
          </p>
        )}
        {schedule && (
          <p className={schedule.enabled ? 'small muted' : 'small warn'}>
            {scheduleWords(schedule)}
            {schedule.next_at !== null && schedule.enabled && (
              <>
                {' '}
                Next <RelativeTime at={schedule.next_at} />.
              </>
            )}
          </p>
        )}
        {problem !== undefined && <p className={css.problem}>{problem}</p>}
      </div>
      <div className={css.buttons}>
        {onSchedule && (
          <Button icon={CalendarClock} onPress={onSchedule}>
            Schedule
          </Button>
        )}
        {onNew && (
          <Button tone="primary" icon={DatabaseBackup} keys="n" onPress={onNew}>
            Back up now
          </Button>
        )}
      </div>
    </div>
  );
}

function Nothing({ schedule, onNew }: { readonly schedule: ScheduleStatus; readonly onNew: (() => void) | undefined }) {
  return (
    <EmptyState
      reason="nothing"
      title="No backup yet"
      actions={
        onNew && (
          <Button tone="primary" icon={DatabaseBackup} keys="n" onPress={onNew}>
            Back up now
          </Button>
        )
      }
    >
      {schedule.enabled && schedule.next_at !== null ? (
        <>
          The first is made <RelativeTime at={schedule.next_at} />. Until then a broken disk loses everything.
        </>
      ) : (
        'None is scheduled either. A broken disk loses everything that is stored here.'
      )}
    </EmptyState>
  );
}
