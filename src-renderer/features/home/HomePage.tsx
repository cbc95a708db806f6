// Home: what needs me first, then four numbers with their denominators and ages, the last day, and the limits that come next.

import { Inbox, Link2, Radar, ScrollText } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { tallyAnchors } from '../../app/anchor-tally.ts';
import { behindOf, tallyMirrors } from '../../app/mirror-tally.ts';
import { formatPlace, type ScreenProps } from '../../app/navigation.ts';
import { useServices, useSessionFacts } from '../../app/services.ts';
import { mayDo } from '../../app/session.ts';
import { relativeTime, spacedDuration } from '../../lib/durations.ts';
import { byEnd, endOf, endsSoon } from '../../lib/exception-ends.ts';
import { toMillis } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { Page } from '../../ui/layout/Page.tsx';
import { Tile } from '../../ui/layout/Tile.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './home.module.css';
import { home } from './home-state.ts';
import type { HomeState } from './home-store.ts';
import { LastDay } from './LastDay.tsx';
import { AtRisk, NeedsMe } from './WaitingLists.tsx';

const refreshEveryMs = 60_000;

export function HomePage(_: ScreenProps) {
  const { session } = useServices();
  const me = useSessionFacts().user.username;
  const state = useStore(home);
  const minute = useNow(refreshEveryMs);
  const may = (permission: Parameters<typeof mayDo>[1]) => mayDo(session.store.getState(), permission);

  // biome-ignore lint/correctness/useExhaustiveDependencies: read again each minute; rights are asked at the moment of reading
  useEffect(() => void home.load(me, may), [me, minute]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => home.follow(me, may), [me]);

  if (state.phase === 'loading') return <LoadingSkeleton label="Loading Home" />;
  if (state.phase === 'failed') {
    return (
      <ErrorState
        title="Home could not be read"
        detail={state.failures[0]}
        stillWorks="Nothing is lost."
        onRetry={() => void home.load(me, may)}
        diagnostics={`screen: home\n${state.failures.join('\n')}`}
      />
    );
  }
  const { alerts } = state;
  return (
    <Page title={needsWords(state, me, minute)} summary={<Summary state={state} />}>
      {state.failures.length > 0 && <Banner>Not everything could be read. {state.failures.join(' ')}</Banner>}
      <AnchorTrouble state={state} />
      <MirrorTrouble state={state} />
      <EndingExceptions state={state} now={minute} />
      <Tiles state={state} />
      {alerts !== undefined && (
        <div className={css.columns}>
          <div className={css.column}>
            <NeedsMe needs={state.needs} me={me} />
            <LastDay histogram={alerts.histogram} total={alerts.total_24h} />
          </div>
          <div className={css.column}>
            <AtRisk atRisk={state.atRisk} active={alerts.open + alerts.acknowledged} looked={state.looked} />
          </div>
        </div>
      )}
    </Page>
  );
}

function needsWords(state: HomeState, me: string, now: number): string {
  const { needs, alerts, chain, mirrors } = state;
  if (alerts === undefined) return 'Home';
  const mine = ending(state, now).filter(({ owner }) => owner === me);
  const copies = tallyMirrors(mirrors?.items);
  const stopped = copies === undefined ? 0 : copies.of - copies.well;
  const count = needs.length + (tallyAnchors(chain?.anchors)?.failing.length ?? 0) + stopped + mine.length;
  if (count === 0) return 'Nothing needs you';
  return count === 1 ? '1 thing needs you' : `${formatCount(count)} things need you`;
}

/** One that contradicts the log is said above every screen, and is a critical alert. */
function AnchorTrouble({ state: { chain } }: { readonly state: HomeState }) {
  return tallyAnchors(chain?.anchors)?.failing.map(({ name, error, behind }) => (
    <Banner key={name} actions={<a href={formatPlace({ screen: 'audit' })}>Open the audit log</a>}>
      The anchor {name} fails: {error}. {behind > 0 && `It is ${formatCount(behind)} entries behind.`}
    </Banner>
  ));
}

function ending({ exceptions = [] }: HomeState, now: number) {
  return byEnd(exceptions.filter((one) => endsSoon(one, now)));
}

/** A week before an exception ends somebody has to say whether it is still needed. */
function EndingExceptions({ state, now }: { readonly state: HomeState; readonly now: number }) {
  const soon = ending(state, now);
  const [first] = soon;
  if (first === undefined) return null;
  const review = formatPlace({ screen: 'detections', path: ['exceptions'] });
  return (
    <Banner actions={<a href={review}>Review {soon.length === 1 ? 'it' : 'them'}</a>}>
      {soon.length === 1
        ? 'An exception from detection ends within 7 days: '
        : `${formatCount(soon.length)} exceptions from detection end within 7 days, first of them `}
      “{first.reason}” of {first.owner}, in {spacedDuration(endOf(first) - now)}.
    </Banner>
  );
}

function MirrorTrouble({ state: { mirrors } }: { readonly state: HomeState }) {
  const { failing = [], lagging = [] } = tallyMirrors(mirrors?.items) ?? {};
  return [...failing, ...lagging].map((mirror) => (
    <Banner
      key={mirror.name}
      actions={<a href={formatPlace({ screen: 'settings', path: ['mirrors'] })}>Open the mirrors</a>}
    >
      {mirror.error === null
        ? `The mirror ${mirror.name} does not keep up.`
        : `The mirror ${mirror.name} fails: ${mirror.error}.`}{' '}
      {behindOf(mirror) > 0 && `It is behind by ${formatCount(behindOf(mirror))}.`}
    </Banner>
  ));
}

const soonMs = 15 * 60_000;

function Summary({ state }: { readonly state: HomeState }) {
  const now = useNow();
  const { needs, status } = state;
  const soon = needs.filter(({ dueAt }) => toMillis(dueAt) - now < soonMs).length;
  const parts = [
    soon > 0 && `${formatCount(soon)} of them within 15 min.`,
    status && `${formatCount(status.detectors_on)} of ${formatCount(status.detectors_total)} detectors on,`,
    status &&
      (status.last_event_at === null
        ? 'no event yet.'
        : `last event ${relativeTime(toMillis(status.last_event_at), now)}.`),
  ];
  return <>{parts.filter(Boolean).join(' ')}</>;
}

function Tiles({ state }: { readonly state: HomeState }) {
  const { alerts, chain, detectors, status, readAt } = state;
  const tally = tallyAnchors(chain?.anchors);
  return (
    <div className={css.tiles}>
      {alerts && (
        <Tile
          icon={Inbox}
          title="Queue"
          age={readAt !== undefined && <RelativeTime at={readAt} />}
          number={formatCount(alerts.open)}
          of={`open · ${formatCount(alerts.total_24h)} raised in 24 h`}
          detail={
            (alerts.open_by_severity.critical ?? 0) > 0
              ? `critical: ${formatCount(alerts.open_by_severity.critical ?? 0)} open, ${formatCount(alerts.unassigned_critical)} unassigned`
              : 'no critical alert open'
          }
          href={formatPlace({ screen: 'queue' })}
        />
      )}
      {chain && (
        <Tile
          icon={Link2}
          title="Audit chain"
          age={chain.check.at !== null && <RelativeTime at={chain.check.at} />}
          number={formatCount(chain.check.checked_to)}
          of={`of ${formatCount(chain.size)} entries checked`}
          detail={
            chain.check.state === 'broken' ? (
              <span className="warn">
                {chain.check.first_bad_seq === null ? 'broken' : `broken at #${formatCount(chain.check.first_bad_seq)}`}
              </span>
            ) : chain.checkpoint === null ? (
              'no checkpoint yet'
            ) : (
              <>
                {chain.check.state === 'intact' ? 'intact' : 'checking'} · checkpoint{' '}
                <RelativeTime at={chain.checkpoint.signed_at} />
                {tally !== undefined && ` · anchors ${tally.seen} of ${tally.of}`}
              </>
            )
          }
          href={formatPlace({ screen: 'audit' })}
        />
      )}
      {detectors && (
        <Tile
          icon={Radar}
          title="Detectors"
          age={readAt !== undefined && <RelativeTime at={readAt} />}
          number={formatCount(detectors.items.filter(({ state }) => state === 'on').length)}
          of={`of ${formatCount(detectors.items.length + detectors.refused.length)} on`}
          detail={
            detectors.refused.length > 0 ? (
              <span className="warn">{formatCount(detectors.refused.length)} rules refused</span>
            ) : (
              `${formatCount(detectors.items.filter((each) => each.alerts_24h > 0).length)} raised alerts in 24 h`
            )
          }
          href={formatPlace({ screen: 'detections' })}
        />
      )}
      {status && (
        <Tile
          icon={ScrollText}
          title="Events"
          age={status.last_event_at !== null && <RelativeTime at={status.last_event_at} />}
          number={formatCount(status.events_total)}
          of="events stored"
          detail={status.last_event_at === null ? 'Import a log file, or send events to the API.' : undefined}
          href={formatPlace({ screen: 'events' })}
        />
      )}
    </div>
  );
}
