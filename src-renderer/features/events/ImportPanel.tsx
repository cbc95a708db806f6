// The imports of this sign-in: progress of the running one, and what became of the others, with the lines that were not understood.

import { X } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { LogFormatChoice } from '../../../src-shared/contract/events.ts';
import { formatPlace } from '../../app/navigation.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Outcome, type OutcomeKind } from '../../ui/data/Outcome.tsx';
import { Panel } from '../../ui/layout/Page.tsx';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import css from './events.module.css';
import { imports } from './events-state.ts';
import type { ImportJob } from './import-store.ts';
import { formatOptions } from './import-words.ts';

export function ImportPanel() {
  const jobs = useStore(imports, (state) => state.jobs);
  if (jobs.length === 0) return null;
  const isDone = jobs.every((job) => job.phase !== 'running' && job.phase !== 'waiting');
  return (
    <Panel
      title="Imports"
      end={
        <>
          {jobs.length === 1 ? '1 file' : `${jobs.length} files`}
          <Button size="small" tone="quiet" icon={X} onPress={() => imports.clearDone()}>
            {isDone ? 'Clear' : 'Clear finished'}
          </Button>
        </>
      }
    >
      <ul className={css.jobs}>
        {jobs.map((job) => (
          <li key={job.key} className={css.job}>
            {job.phase === 'running' ? <Running job={job} /> : <Settled job={job} />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Running({ job }: { readonly job: ImportJob }) {
  const { progress, beganAt } = job;
  const seconds = beganAt === undefined ? 0 : (performance.now() - beganAt) / 1000;
  const perSecond = (count: number) => (seconds > 0.5 ? Math.round(count / seconds) : undefined);
  return (
    <>
      <ProgressBar
        label={`Reading ${job.name}`}
        done={progress?.bytes ?? 0}
        total={job.size}
        unit="bytes"
        rate={job.isInterrupted === true ? undefined : perSecond(progress?.bytes ?? 0)}
        onCancel={() => imports.cancel(job.key)}
      />
      {job.isInterrupted === true && (
        <p className="small warn" role="status">
          The console does not answer. The import goes on where it was as soon as it does.
        </p>
      )}
      {progress !== undefined && (
        <p className="small muted tn">
          {formatCount(progress.records)} records
          {perSecond(progress.records) !== undefined && `, ${formatCount(perSecond(progress.records) ?? 0)}/s`} ·{' '}
          {counts(job)}
        </p>
      )}
    </>
  );
}

function counts({ progress }: ImportJob): string {
  if (progress === undefined) return '';
  return [
    `${formatCount(progress.accepted)} accepted`,
    `${formatCount(progress.duplicates)} known already`,
    `${formatCount(progress.rejected)} not understood`,
  ].join(' · ');
}

const outcomes: Readonly<Record<Exclude<ImportJob['phase'], 'running'>, readonly [OutcomeKind, string]>> = {
  waiting: ['none', 'Waiting'],
  finished: ['good', 'Imported'],
  cancelled: ['limited', 'Cancelled'],
  failed: ['bad', 'Failed'],
};

function Settled({ job }: { readonly job: ImportJob }) {
  const [showsBad, setShowsBad] = useState(false);
  const { phase, progress } = job;
  if (phase === 'running') return null;
  const [kind, word] = outcomes[phase];
  const badLines = progress?.bad_lines ?? [];
  const isPartial = phase === 'finished' && progress !== undefined && progress.rejected > 0;
  return (
    <>
      <div className="line wrap">
        <Outcome kind={isPartial ? 'limited' : kind}>{word}</Outcome>
        <span className="mono clip">{job.name}</span>
        <span className="small muted">{formatBytes(job.size)}</span>
        {progress?.format != null && <span className="small muted">read as {progress.format}</span>}
        {job.tookMs !== undefined && <span className="small muted">in {(job.tookMs / 1000).toFixed(1)} s</span>}
        <span className="grow" />
        {phase === 'waiting' && (
          <Button size="small" onPress={() => imports.cancel(job.key)}>
            Remove
          </Button>
        )}
      </div>
      {job.failure !== undefined && <p className="small warn">{job.failure}</p>}
      {job.isRestarted === true && (
        <p className="small muted">
          The console was started anew meanwhile, and read the file from its beginning: what it had taken in before
          counts as known.
        </p>
      )}
      {progress !== undefined && phase !== 'failed' && (
        <p className="small tn">
          {formatCount(progress.records)} {progress.records === 1 ? 'record' : 'records'}: {counts(job)}
          {progress.alerts > 0 && (
            <>
              {' · '}
              <b>
                {formatCount(progress.alerts)} {progress.alerts === 1 ? 'alert' : 'alerts'} raised
              </b>
              {', '}
              <a href={formatPlace({ screen: 'queue' })}>show</a>
            </>
          )}
          {phase === 'cancelled' && '. What was taken in stays; importing the file again adds only the rest.'}
        </p>
      )}
      {phase !== 'waiting' && (
        <div className="line wrap">
          {badLines.length > 0 && (
            <Button size="small" isPressed={showsBad} onPress={() => setShowsBad(!showsBad)}>
              {showsBad ? 'Hide' : 'Show'} lines not understood
            </Button>
          )}
          <Again job={job} />
        </div>
      )}
      {showsBad && badLines.length > 0 && <BadLines job={job} />}
    </>
  );
}

/** Reading a file as another format or in another time zone: guesses are wrong now and then. */
function Again({ job }: { readonly job: ImportJob }) {
  const [isOpen, setIsOpen] = useState(job.phase === 'failed');
  const [format, setFormat] = useState<LogFormatChoice>('auto');
  const [zone, setZone] = useState('');
  if (!isOpen) {
    return (
      <Button size="small" tone="quiet" onPress={() => setIsOpen(true)}>
        Read it differently
      </Button>
    );
  }
  return (
    <form
      className={css.again}
      onSubmit={(event) => {
        event.preventDefault();
        imports.again(job.key, { format, zone: zone.trim() });
      }}
    >
      <Select label="Format" hideLabel options={formatOptions} value={format} onChange={setFormat} />
      <TextField
        label="Time zone of lines that name none"
        hideLabel
        placeholder="Time zone, such as Europe/Berlin"
        isMono
        maxLength={60}
        value={zone}
        onChange={setZone}
      />
      <Button type="submit" size="small">
        Import again
      </Button>
    </form>
  );
}

interface BadLine {
  readonly line: number;
  readonly reason: string;
}

const badLineColumns = [
  { id: 'line', title: 'Line', width: '96px', align: 'end' as const, cell: (bad: BadLine) => formatCount(bad.line) },
  { id: 'reason', title: 'Why', cell: (bad: BadLine) => bad.reason },
];

function BadLines({ job }: { readonly job: ImportJob }) {
  const { bad_lines: lines = [], rejected = 0 } = job.progress ?? {};
  return (
    <div className={css.badLines}>
      {rejected > lines.length && (
        <p className="small muted">
          The first {formatCount(lines.length)} of {formatCount(rejected)}.
        </p>
      )}
      <DataTable
        caption={`Lines of ${job.name} that were not understood`}
        isTight
        isFlush
        columns={badLineColumns}
        rows={lines}
        keyOf={(bad) => `${bad.line} ${bad.reason}`}
      />
    </div>
  );
}
