// The application: what surrounds every screen.

import { useEffect } from 'react';
import { useStore } from 'zustand';
import { LiveRegions } from '../ui/feedback/LiveRegions.tsx';
import { Toasts } from '../ui/feedback/Toasts.tsx';
import { GateIcon } from '../ui/Icon.tsx';
import type { AppearanceStore } from './appearance.ts';
import { KeyboardProvider } from './KeyboardProvider.tsx';
import type { Keyboard } from './keyboard.ts';

interface AppProps {
  readonly appearance: AppearanceStore;
  readonly keyboard: Keyboard;
}

export function App({ appearance, keyboard }: AppProps) {
  const singleKeys = useStore(appearance, (state) => state.singleKeys);
  useEffect(() => keyboard.configure({ singleKeys }), [keyboard, singleKeys]);
  return (
    <KeyboardProvider keyboard={keyboard}>
      <main className="line">
        <GateIcon />
        <p>Connecting to the Gatehouse service.</p>
      </main>
      <Toasts />
      <LiveRegions />
    </KeyboardProvider>
  );
}
