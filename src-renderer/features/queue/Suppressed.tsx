// What an alert keeps quiet: until when, how many so far, and which, with the events that they would have been raised of.

import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { AlertFull, SuppressedAlert } from '../../../src-shared/contract/alerts.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Severity } from '../../ui/data/Severity.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { Block } from '../../ui/layout/Page.tsx';
import { EventTable } from './EventsTab.tsx';
import css from './queue.module.css';
import { queue, suppressedAsked } from './queue-state.ts';

/** Give it the alert's id as key: what was loaded belongs to one alert. */
export function Suppressed({ alert }: { readonly alert: AlertFull }) {
  const { suppression, suppressed } = alert;
  const [items, setItems] = useState<readonly SuppressedAlert[]>();
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const block = useRef<HTMLDivElement>(null);
  const isAsked = useStore(suppressedAsked, (state) => state.id === alert.id);
  const isWanted = useStore(queue, (state) => state.query.suppressed === true) || isAsked;
  const isThere = suppression !== null && suppressed > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is asked for; more of them are loaded by hand
  useEffect(() => {
    if (!isWanted || !isThere) return;
    suppressedAsked.setState({ id: undefined });
    if (items === undefined) void load([], null);
    block.current?.scrollIntoView({ block: 'start' });
  }, [isWanted, isThere]);
  // What is loaded takes the room under the heading.
  useEffect(() => {
    if (items !== undefined) block.current?.scrollIntoView({ block: 'nearest' });
  }, [items]);
  if (suppression === null) return null;

  async function load(before: readonly SuppressedAlert[], cursor: string | null): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      const page = await call('alerts.suppressed', { id: alert.id, ...(cursor === null ? {} : { cursor }) });
      setItems([...before, ...page.items]);
      setNext(page.next_cursor);
    } catch (error) {
      setFailure(failureWords(error));
    } finally {
      setBusy(false);
    }
  }

  const group = suppression.values.map(({ field, value }) => `${field} ${value ?? 'missing'}`).join(', ');
  return (
    <div ref={block}>
      <Block title="Related" end={`suppressed ${formatCount(suppressed)}`}>
        <div className="stack">
          <p className="small">
            {suppressed === 0
              ? 'No further alert'
              : `${formatCount(suppressed)} further ${suppressed === 1 ? 'alert' : 'alerts'}`}{' '}
            of this detector with <span className="mono">{group}</span> {suppressed === 1 ? 'was' : 'were'} not raised
            {suppression.ended ? (
              '; the next one is raised, as somebody asked when closing this one.'
            ) : (
              <>
                . Suppressed from <Time at={suppression.from} /> to <Time at={suppression.until} />.
              </>
            )}
          </p>
          {suppressed > 0 && items === undefined && (
            <div className="line">
              <Button size="small" isBusy={isBusy} onPress={() => void load([], null)}>
                Show suppressed alerts
              </Button>
            </div>
          )}
          {items !== undefined && (
            <ul className={css.suppressed} aria-label="Suppressed alerts">
              {items.map((one) => (
                <li key={`${one.first_seen_at} ${one.title} ${one.events[0]?.id ?? ''}`}>
                  <details>
                    <summary>
                      <Severity level={one.severity} /> <span>{one.title}</span>{' '}
                      <span className="small muted nowrap">
                        × {formatCount(one.events_total)}, <RelativeTime at={one.last_seen_at} />
                      </span>
                    </summary>
                    <p className="small">{one.sentence}</p>
                    <EventTable events={one.events} />
                    {one.events_total > one.events.length && (
                      <p className="small muted">
                        The first {formatCount(one.events.length)} of {formatCount(one.events_total)} events.
                      </p>
                    )}
                  </details>
                </li>
              ))}
            </ul>
          )}
          {items !== undefined && next !== null && (
            <div className="line">
              <Button size="small" isBusy={isBusy} onPress={() => void load(items, next)}>
                Show more
              </Button>
            </div>
          )}
          {failure !== undefined && (
            <p className="small warn" role="alert">
              {failure}
            </p>
          )}
        </div>
      </Block>
    </div>
  );
}
