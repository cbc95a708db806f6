// The two regions that screen readers watch. Mounted once, from the first paint on, or the first words would be lost.

import { useStore } from 'zustand';
import { announcer } from './announcer.ts';

export function LiveRegions() {
  const { polite, assertive } = useStore(announcer.store);
  return (
    <div className="visually-hidden">
      <div aria-live="polite" aria-atomic="true">
        <span key={polite.turn}>{polite.text}</span>
      </div>
      <div aria-live="assertive" aria-atomic="true">
        <span key={assertive.turn}>{assertive.text}</span>
      </div>
    </div>
  );
}
