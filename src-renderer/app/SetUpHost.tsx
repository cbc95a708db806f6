// Holds the wizard's store for as long as the console is not set up, and what happens when it is.

import { useState } from 'react';
import { call, transportKind } from '../api/client.ts';
import { createRestore, createSetUp, type FirstSource, SetUpScreen } from '../features/setup/index.ts';
import { navigate } from './navigation.ts';
import { screens } from './screens.ts';
import { useServices } from './services.ts';
import type { SetupState } from './session.ts';

interface SetUpHostProps {
  readonly first: SetupState;
  readonly token: string | undefined;
  readonly onVerify: () => void;
}

/** The features' own ids: where the first source is found, and where the wizard ends otherwise. */
const importScreen = 'events';
const queueScreen = 'queue';

export function SetUpHost({ first, token, onVerify }: SetUpHostProps) {
  const { session } = useServices();
  const [setUp] = useState(() =>
    createSetUp(
      {
        call,
        asCookie: transportKind() === 'https',
        moved: (state) => (state.phase === 'done' ? void session.start() : session.setupMoved(state)),
        async finished(firstSource) {
          navigate({ screen: screenFor(firstSource) }, { replace: true });
          await session.refresh();
        },
        now: () => Date.now(),
      },
      first,
    ),
  );
  const [restore] = useState(() =>
    createRestore({
      call,
      now: () => Date.now(),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    }),
  );
  return (
    <SetUpScreen
      setUp={setUp}
      restore={restore}
      token={token}
      onVerify={onVerify}
      onRetry={() => void session.start()}
    />
  );
}

function screenFor(firstSource: FirstSource): string {
  if (firstSource === 'import' && screens.some((screen) => screen.id === importScreen)) return importScreen;
  return firstSource === 'api' ? 'access' : queueScreen;
}
