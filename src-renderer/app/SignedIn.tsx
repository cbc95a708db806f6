// The console of somebody who is signed in: the frame with its facts, the screen one is at, palette, shortcut sheet, step-up, idle lock.

import { KeyRound, Lock, LogOut, Settings } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { Permission } from '../../src-shared/permissions.ts';
import { call, streamState, subscribe } from '../api/client.ts';
import { StepUpDialog } from '../features/access/index.ts';
import { findSource, paletteCommands } from '../features/palette/index.ts';
import { spacedDuration } from '../lib/durations.ts';
import { toMillis } from '../lib/instants.ts';
import { useNow } from '../lib/now.ts';
import { Button } from '../ui/controls/Button.tsx';
import type { MenuGroup } from '../ui/overlays/Menu.tsx';
import { Banner } from '../ui/states/Banner.tsx';
import { CommandPalette } from './CommandPalette.tsx';
import {
  type ConsoleFacts,
  type ConsoleWatch,
  chainState,
  frameStatus,
  liveState,
  watchConsole,
} from './console-status.ts';
import { Frame } from './Frame.tsx';
import { navigate, type Screen, usePlace } from './navigation.ts';
import { ScreenOutlet, warmScreens } from './ScreenOutlet.tsx';
import { ShortcutSheet } from './ShortcutSheet.tsx';
import { firstScreen, screens } from './screens.ts';
import { useServices, useSessionFacts } from './services.ts';
import { useIdleLock } from './use-idle-lock.ts';
import { useWindowDrop } from './use-window-drop.ts';

const warmAfterMs = 2_000;

export function SignedIn() {
  const { session, appearance } = useServices();
  const facts = useSessionFacts();
  const place = usePlace();
  const looks = useStore(appearance);
  const stream = useStore(streamState);
  const console = useConsoleFacts(facts.permissions);
  const [overlay, setOverlay] = useState<'palette' | 'help'>();
  const [recent, setRecent] = useState<readonly string[]>([]);
  const locksAt = useIdleLock(
    facts.idle_lock_minutes,
    (minutes) => void session.lock(minutes),
    () => void session.refresh(),
  );
  const allowed = useMemo(() => allowedScreens(facts.permissions), [facts.permissions]);
  useEffect(() => {
    if (place.screen === '') navigate({ screen: firstOf(allowed) }, { replace: true });
  }, [place.screen, allowed]);
  useEffect(() => {
    // After what the first screen asks for.
    const timer = setTimeout(() => warmScreens(allowed), warmAfterMs);
    return () => clearTimeout(timer);
  }, [allowed]);

  const age = useSessionAge(facts.created_at);
  const lock = () => void session.lock();
  const signOut = () => void session.signOut().catch(() => undefined);
  const commands = paletteCommands({
    screens: allowed,
    appearance,
    may: (permission) => facts.permissions.includes(permission),
    onLock: lock,
    onSignOut: signOut,
    onHelp: () => setOverlay('help'),
  });
  useWindowDrop(facts.permissions.includes('events.write'));
  const sources = useMemo(() => [findSource(allowed)], [allowed]);
  const close = () => setOverlay(undefined);
  return (
    <>
      <Frame
        screens={allowed}
        currentScreen={place.screen}
        badges={{ queue: console.alerts?.open ?? 0 }}
        workspaces={{
          current: facts.workspace,
          all: [{ id: facts.workspace, label: console.status?.console_name ?? facts.workspace }],
          onChange: () => undefined,
        }}
        user={{
          name: facts.user.username,
          detail: age === undefined ? facts.user.role : `${facts.user.role} · ${age}`,
          menu: personMenu(lock, signOut),
        }}
        live={liveState(stream)}
        status={frameStatus(console)}
        rail={looks.rail}
        density={looks.density}
        timeZone={looks.timeZone}
        banner={<Banners console={console} locksAt={locksAt} />}
        onRailChange={(rail) => appearance.setState({ rail })}
        onTimeZoneChange={(timeZone) => appearance.setState({ timeZone })}
        onOpenPalette={() => setOverlay('palette')}
        onOpenHelp={() => setOverlay('help')}
        onLock={lock}
        onOpenStatus={(item) =>
          navigate(
            item === 'chain'
              ? { screen: 'audit' }
              : { screen: 'settings', ...(item === 'mirrors' ? { path: ['mirrors'] } : {}) },
          )
        }
      >
        <ScreenOutlet screens={allowed} place={place} />
      </Frame>
      <CommandPalette
        isOpen={overlay === 'palette'}
        onClose={close}
        commands={commands}
        sources={sources}
        recent={recent}
        onUsed={(id) => setRecent((before) => [id, ...before.filter((each) => each !== id)])}
      />
      <ShortcutSheet
        isOpen={overlay === 'help'}
        onClose={close}
        singleKeys={looks.singleKeys}
        onSingleKeysChange={(singleKeys) => appearance.setState({ singleKeys })}
      />
      <StepUpDialog />
    </>
  );
}

/** Hidden, not disabled: what a role does not include is not shown. */
export function allowedScreens(permissions: readonly string[]): readonly Screen[] {
  return screens.filter(({ permission }) => permission === undefined || permissions.includes(permission));
}

function firstOf(allowed: readonly Screen[]): string {
  return (allowed.find((screen) => screen.id === firstScreen) ?? allowed[0])?.id ?? 'settings';
}

function useSessionAge(since: string | null): string | undefined {
  const now = useNow(60_000);
  return since === null ? undefined : `session ${spacedDuration(Math.max(60_000, now - toMillis(since)))}`;
}

function personMenu(lock: () => void, signOut: () => void): readonly MenuGroup[] {
  return [
    {
      id: 'places',
      entries: [
        {
          id: 'sessions',
          label: 'Sessions',
          icon: KeyRound,
          onAction: () => navigate({ screen: 'access', path: ['sessions'] }),
        },
        { id: 'settings', label: 'Settings', icon: Settings, onAction: () => navigate({ screen: 'settings' }) },
      ],
    },
    {
      id: 'leaving',
      entries: [
        { id: 'lock', label: 'Lock', icon: Lock, keys: 'Mod+l', onAction: lock },
        { id: 'sign-out', label: 'Sign out', icon: LogOut, onAction: signOut },
      ],
    },
  ];
}

const unknownFacts: ConsoleFacts = { status: undefined, chain: undefined, alerts: undefined, answers: true };

function useConsoleFacts(permissions: readonly string[]): ConsoleFacts {
  const [watch, setWatch] = useState<ConsoleWatch>();
  const mayChain = permissions.includes('console.read' satisfies Permission);
  const mayAlerts = permissions.includes('alerts.read' satisfies Permission);
  useEffect(() => {
    const started = watchConsole({ call, subscribe, may: { chain: mayChain, alerts: mayAlerts } });
    setWatch(started);
    return started.stop;
  }, [mayChain, mayAlerts]);
  const [facts, setFacts] = useState(unknownFacts);
  useEffect(() => watch?.store.subscribe(setFacts), [watch]);
  // A stream that breaks is the first sign of a service that stopped: it is asked at once, not at the next round.
  useEffect(
    () =>
      streamState.subscribe((stream, before) => {
        if (stream.kind === 'lost' && before.kind !== 'lost') void watch?.refresh();
      }),
    [watch],
  );
  return facts;
}

interface BannersProps {
  readonly console: ConsoleFacts;
  readonly locksAt: number | undefined;
}

function Banners({ console, locksAt }: BannersProps) {
  const chain = chainState(console.chain);
  return (
    <>
      {chain.kind === 'broken' && (
        <Banner
          actions={
            <Button size="small" onPress={() => navigate({ screen: 'audit' })}>
              Open the audit log
            </Button>
          }
        >
          The audit log does not check at entry #{chain.at}: {console.chain?.check.detail}
        </Banner>
      )}
      {!console.answers && (
        <Banner>
          The service does not answer. What is shown is the last that was read; it is asked again every 15 s.
        </Banner>
      )}
      {locksAt !== undefined && (
        <Banner tone="info">
          This console locks for lack of activity. Touch a key or the mouse to stay.
          <LockCountdown at={locksAt} />
        </Banner>
      )}
    </>
  );
}

function LockCountdown({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <span aria-hidden="true" className="tn">
      {' '}
      {spacedDuration(Math.max(0, at - now))} left.
    </span>
  );
}
