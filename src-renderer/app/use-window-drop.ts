// Files dropped anywhere on the window: logs are imported, bundles are verified. A screen with a drop zone of its own comes first.

import { useEffect } from 'react';
import { announce } from '../ui/feedback/announcer.ts';
import { navigate } from './navigation.ts';

export function useWindowDrop(mayImport: boolean): void {
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    // Without this the browser leaves the console and opens the file.
    const over = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (event.defaultPrevented || !carriesFiles(event)) return;
      event.preventDefault();
      take(Array.from(event.dataTransfer?.files ?? []), mayImport).catch(() => {
        announce('The dropped files could not be opened. Try again.', 'reply');
      });
    };
    window.addEventListener('dragover', over);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('drop', drop);
    };
  }, [mayImport]);
}

async function take(files: readonly File[], mayImport: boolean): Promise<void> {
  const bundle = files.find((file) => file.name.endsWith('.ghbundle'));
  if (bundle !== undefined) {
    const { verifier } = await import('../features/bundles/verify-state.ts');
    navigate({ screen: 'verify' });
    verifier.verify(bundle);
    return;
  }
  if (!mayImport || files.length === 0) return;
  const { imports } = await import('../features/events/events-state.ts');
  navigate({ screen: 'events' });
  imports.choose(files);
}
