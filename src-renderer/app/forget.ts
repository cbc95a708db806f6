// What a locked or signed-out page must no longer know. Features whose store holds anything read from the console say how to empty it.

const drops = new Set<() => void>();

/** Registers what empties a store; called beside the store's definition. */
export function onForget(drop: () => void): () => void {
  drops.add(drop);
  return () => {
    drops.delete(drop);
  };
}

/** Empties every store. Called when the console locks or the session ends, after the screens are gone. */
export function forgetAll(): void {
  for (const drop of drops) drop();
}

const arrivals = new Set<() => void>();

/** Registers what to do when somebody signs in or unlocks: whoever was at this page before may have been somebody else. */
export function onArrival(run: () => void): () => void {
  arrivals.add(run);
  return () => {
    arrivals.delete(run);
  };
}

/** Called before the screens of who came are shown. */
export function somebodyArrived(): void {
  for (const run of arrivals) run();
}
