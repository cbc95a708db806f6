// The application: one phase of the session, one thing on screen. Before somebody is signed in no screen is mounted but the verifier.

import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { call, transportKind } from '../api/client.ts';
import {
  createSignIn,
  createVaultUnlock,
  SignInScreen,
  UnlockScreen,
  VaultLockedScreen,
} from '../features/sign-in/index.ts';
import { Button } from '../ui/controls/Button.tsx';
import { DisplayContext } from '../ui/display.ts';
import { LiveRegions } from '../ui/feedback/LiveRegions.tsx';
import { Toasts } from '../ui/feedback/Toasts.tsx';
import { PlainBar } from '../ui/layout/PlainBar.tsx';
import { ErrorState } from '../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../ui/states/LoadingSkeleton.tsx';
import css from './App.module.css';
import { KeyboardProvider } from './KeyboardProvider.tsx';
import type { Keyboard } from './keyboard.ts';
import { navigate, type Place, usePlace } from './navigation.ts';
import { ScreenOutlet } from './ScreenOutlet.tsx';
import { SignedIn } from './SignedIn.tsx';
import { openScreen, screens } from './screens.ts';
import { type Services, ServicesContext } from './services.ts';
import type { Phase } from './session.ts';

const SetUpHost = lazy(async () => ({ default: (await import('./SetUpHost.tsx')).SetUpHost }));

interface AppProps {
  readonly services: Services;
  readonly keyboard: Keyboard;
  /** Of the one-time link, when the page was opened by it. */
  readonly setUpToken: string | undefined;
}

export function App({ services, keyboard, setUpToken }: AppProps) {
  const { singleKeys, timeZone, density } = useStore(services.appearance);
  useEffect(() => keyboard.configure({ singleKeys }), [keyboard, singleKeys]);
  const display = useMemo(() => ({ timeZone, density }), [timeZone, density]);
  return (
    <KeyboardProvider keyboard={keyboard}>
      <ServicesContext value={services}>
        <DisplayContext value={display}>
          <Phases services={services} setUpToken={setUpToken} />
        </DisplayContext>
      </ServicesContext>
      <Toasts />
      <LiveRegions />
    </KeyboardProvider>
  );
}

/** In the rail or not: whoever has a bundle to check needs no account, set-up or unlocking for it. */
const open = screens.filter((screen) => screen.id === openScreen);

const titles: Partial<Record<Phase['kind'], string>> = {
  'sign-in': 'Sign in · Gatehouse',
  locked: 'Locked · Gatehouse',
  'vault-locked': 'Vault locked · Gatehouse',
  unreachable: 'Gatehouse',
};

/**
 * Whether the Verifier is shown to whoever is not signed in. SECURITY: not because somebody left it open: locking covers it as it covers
 * every other screen, until it is asked for from there or a bundle is handed over.
 */
function useVerifierAlone(phase: Phase, place: Place) {
  const [asked, setAsked] = useState<'no' | 'in place' | 'from elsewhere'>('from elsewhere');
  const isIn = phase.kind === 'signed-in';
  const isHanded = place.query.bundle !== undefined;
  useEffect(() => {
    if (isIn) setAsked('no');
    else if (isHanded) setAsked('from elsewhere');
  }, [isIn, isHanded]);
  return {
    isShown: !isIn && phase.kind !== 'loading' && asked !== 'no',
    show() {
      setAsked(place.screen === openScreen ? 'in place' : 'from elsewhere');
      navigate({ screen: openScreen });
    },
    /** To where one came from; opened by its own address there is no such place. */
    leave() {
      if (asked === 'in place') setAsked('no');
      else if (window.history.length > 1) window.history.back();
      else navigate({ screen: '' });
    },
  };
}

function Phases({ services, setUpToken }: Omit<AppProps, 'keyboard'>) {
  const { session } = services;
  const phase = useStore(session.store);
  const place = usePlace();
  const signIn = useMemo(
    () =>
      createSignIn({ call, asCookie: transportKind() === 'https', signedIn: session.refresh, now: () => Date.now() }),
    [session],
  );
  const vault = useMemo(
    () =>
      createVaultUnlock({
        call,
        unlocked: () => void session.start(),
        now: () => Date.now(),
        every(ms, run) {
          const timer = setInterval(run, ms);
          return () => clearInterval(timer);
        },
      }),
    [session],
  );
  const title = titles[phase.kind];
  useEffect(() => {
    // What was on screen stands in the window's title and in the system's lists of windows.
    if (title !== undefined) document.title = title;
  }, [title]);
  const alone = useVerifierAlone(phase, place);
  const verify = open.length === 0 ? undefined : alone.show;

  if (alone.isShown && place.screen === openScreen && open.length > 0) {
    return (
      <div className={css.alone}>
        <PlainBar>
          <Button tone="quiet" onPress={alone.leave}>
            Back
          </Button>
        </PlainBar>
        <main className={css.main} id="main" tabIndex={-1}>
          <ScreenOutlet screens={open} place={place} />
        </main>
      </div>
    );
  }
  switch (phase.kind) {
    case 'loading':
      return <LoadingSkeleton label="Connecting to the Gatehouse service" rows={3} />;
    case 'unreachable':
      return (
        <div className={css.alone}>
          <PlainBar />
          <main className={css.main} id="main" tabIndex={-1}>
            <ErrorState
              title="The console could not be reached"
              detail={phase.words}
              onRetry={() => void session.start()}
            />
          </main>
        </div>
      );
    case 'setup':
      return (
        <Suspense fallback={<LoadingSkeleton label="Opening the set-up" rows={4} />}>
          <SetUpHost first={phase.state} token={setUpToken} onVerify={verify ?? (() => undefined)} />
        </Suspense>
      );
    case 'vault-locked':
      return (
        <VaultLockedScreen
          vault={vault}
          unlockWith={phase.unlockWith}
          isWindow={transportKind() === 'window'}
          onVerify={verify}
        />
      );
    case 'sign-in':
      return <SignInScreen signIn={signIn} reason={phase.reason} onVerify={verify} />;
    case 'locked':
      return (
        <UnlockScreen
          username={phase.facts.user.username}
          needsCode={phase.facts.user.mfa_enabled}
          isHeld={phase.held}
          idleMinutes={phase.idleMinutes}
          unlock={session.unlock}
          onOtherAccount={() => void session.signOut().catch(() => undefined)}
          onVerify={verify}
        />
      );
    case 'signed-in':
      return <SignedIn />;
  }
}
