// Keeps the appearance beside the page, so that the first paint has the right theme before anybody has logged in.
// Nothing else is kept there: views, drafts and settings belong to the store.

import type { AppearancePersistence } from './appearance.ts';

export function pageStorage(storage: Storage, key: string): AppearancePersistence {
  return {
    load() {
      try {
        return JSON.parse(storage.getItem(key) ?? 'null');
      } catch {
        // Text that is not ours: the defaults hold.
        return undefined;
      }
    },
    save(appearance) {
      storage.setItem(key, JSON.stringify(appearance));
    },
  };
}
