// The console's name, for sheets that are printed and for what must be typed before something is replaced.

import { useEffect, useState } from 'react';
import { call } from '../api/client.ts';

/** Undefined until the console said it, and when it does not answer. */
export function useConsoleName(): string | undefined {
  const [name, setName] = useState<string>();
  useEffect(() => {
    let isGone = false;
    call('console.status', {}).then(
      (status) => {
        if (!isGone) setName(status.console_name);
      },
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, []);
  return name;
}
