// The numbers that each workspace gives its entries, checked while the log is walked from its first entry: each is one more than the one
// before it, except across what was pruned, and the next one will be one more than the last.

export type NumberedEntry = { readonly seq: number; readonly workspace: string; readonly workspace_seq: number };

export type ShareCheck = {
  /** @returns what is wrong with the entry's number */
  take(entry: NumberedEntry): string | undefined;
  /** An entry whose content is gone, of whichever workspace. */
  passOver(): void;
  /** @param stored what the store counts on from, as it was when the walk began */
  conclude(stored: ReadonlyMap<string, number> | undefined): string | undefined;
};

export function createShareCheck(): ShareCheck {
  /** The last number of each workspace, and how many entries had been passed over until then. */
  const seen = new Map<string, { readonly number: number; readonly gone: number }>();
  let gone = 0;

  return {
    take({ seq, workspace, workspace_seq: number }) {
      const before = seen.get(workspace) ?? { number: 0, gone: 0 };
      seen.set(workspace, { number, gone });
      const most = before.number + 1 + gone - before.gone;
      if (number > before.number && number <= most) return undefined;
      return `entry #${seq}: it is number ${number} of its workspace, and the one before it number ${before.number}`;
    },
    passOver() {
      gone += 1;
    },
    conclude(stored) {
      if (stored === undefined) return undefined;
      for (const [workspace, { number, gone: until }] of seen) {
        const counted = stored.get(workspace) ?? 0;
        if (counted >= number && counted <= number + gone - until) continue;
        return `the entries of workspace ${workspace} end with number ${number}, and the store counts on from ${counted}`;
      }
      return undefined;
    },
  };
}
