// Below 900 px the rail shows icons only, whatever was chosen. The other narrow rules are plain media queries.

import { useSyncExternalStore } from 'react';

const narrow = '(max-width: 899px)';

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(narrow);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

export function useNarrowWindow(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(narrow).matches);
}
