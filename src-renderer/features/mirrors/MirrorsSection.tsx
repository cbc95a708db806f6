// Settings, Mirrors: where the audit log, alerts and events are copied to, how far each place is, and why one takes nothing.

import { RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { MirrorStatus, MirrorStream } from '../../../src-shared/contract/mirrors.ts';
import { failureWords } from '../../api/failures.ts';
import { tallyMirrors } from '../../app/mirror-tally.ts';
import { useMayDo } from '../../app/services.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './mirrors.module.css';
import { mirrors } from './mirrors-state.ts';

/** What mirrors do is not announced: they are asked. */
const refreshEveryMs = 5_000;

const kinds: Readonly<Record<MirrorStatus['kind'], string>> = { file: 'file', syslog: 'syslog', otlp: 'OTLP' };
const streamNames: Readonly<Record<MirrorStream, string>> = {
  audit: 'Audit log',
  activity: 'Activity',
  alerts: 'Alerts',
  events: 'Events',
};

export function MirrorsSection() {
  const { items, problem } = useStore(mirrors);
  const mayRetry = useMayDo('audit.checkpoint');
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    void mirrors.load();
    const timer = setInterval(() => void mirrors.load(), refreshEveryMs);
    return () => clearInterval(timer);
  }, []);

  if (items === undefined) {
    return problem === undefined ? (
      <LoadingSkeleton label="Loading the mirrors" rows={4} />
    ) : (
      <ErrorState
        title="The mirrors could not be read"
        detail={problem}
        stillWorks="They go on meanwhile."
        onRetry={() => void mirrors.load()}
      />
    );
  }
  const tally = tallyMirrors(items);

  async function retry(): Promise<void> {
    setIsBusy(true);
    try {
      await mirrors.retry();
    } catch (error) {
      toasts.show({ text: `They were not tried again. ${failureWords(error)}`, tone: 'warn' });
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <div className={css.section}>
      <div className={css.toolbar}>
        <div>
          <p role="status">
            {tally === undefined ? (
              <b>No mirror is set.</b>
            ) : (
              <>
                <b>
                  {formatCount(tally.well)} of {formatCount(tally.of)}
                </b>{' '}
                {tally.of === 1 ? 'mirror takes' : 'mirrors take'} what they should.
              </>
            )}
          </p>
          <p className="small muted">
            {items.some(({ kind }) => kind !== 'file') ? (
              'What waits for a mirror stands in the log itself: an outage loses nothing.'
            ) : (
              <>
                All of it stays on this computer. Who loses it, or takes it over, loses the log: set a syslog receiver
                or an OpenTelemetry collector in the section <code>[mirrors]</code> of the configuration.
              </>
            )}
          </p>
        </div>
        <span className="grow" />
        {mayRetry && tally !== undefined && tally.failing.length > 0 && (
          <Button icon={RefreshCw} isBusy={isBusy} onPress={() => void retry()}>
            Try again now
          </Button>
        )}
      </div>
      {problem !== undefined && <p className={css.problem}>{problem}</p>}
      {items.length > 0 && (
        <ul className={css.list} aria-label="Mirrors">
          {items.map((mirror) => (
            <Row key={mirror.name} mirror={mirror} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Row({ mirror }: { readonly mirror: MirrorStatus }) {
  const { name, kind, format, encrypted, streams, last_at, error, failing_since } = mirror;
  return (
    <li className={css.mirror}>
      <span className={css.name}>
        <span className="clip" title={name}>
          {name}
        </span>
        <span className="small muted">
          {kinds[kind]}, {format}
        </span>
        {!encrypted && <Tag tone="warn">in the clear</Tag>}
      </span>
      <span>
        <State state={mirror.state} />
      </span>
      <span className={css.last}>
        {last_at === null ? (
          <span className="muted">holds nothing yet</span>
        ) : (
          <>
            last taken <RelativeTime at={last_at} />
          </>
        )}
      </span>
      <ul className={css.streams} aria-label={`Streams of ${name}`}>
        {streams.map(({ stream, position, behind, rejected }) => (
          <li key={stream}>
            {streamNames[stream]} <span className="muted">to #{formatCount(position)}</span>
            {behind > 0 && `, ${formatCount(behind)} behind`}
            {rejected > 0 && <span className="warn">, {formatCount(rejected)} refused by the receiver</span>}
          </li>
        ))}
      </ul>
      {error !== null && (
        <span className={css.fault}>
          {error}
          {failing_since !== null && (
            <>
              , since <RelativeTime at={failing_since} />
            </>
          )}
        </span>
      )}
    </li>
  );
}

function State({ state }: Pick<MirrorStatus, 'state'>) {
  switch (state) {
    case 'well':
      return <Tag tone="ok">Up to date</Tag>;
    case 'sending':
      return <Tag>Sending</Tag>;
    case 'lagging':
      return <Tag tone="warn">Lagging</Tag>;
    case 'failing':
      return <Tag tone="warn">Failing</Tag>;
  }
}
