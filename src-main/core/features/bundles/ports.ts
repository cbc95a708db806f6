// What making bundles needs of the computer beside the store.

export type BundleMachine = {
  /** The verifier as one HTML file; undefined where it was not built. */
  verifier(): Uint8Array | undefined;
  /** Entries of the largest bundle that it makes a report of. */
  readonly mostReported: number;
  /** The report for people, as a PDF, of a bundle that is verified with this key; off the main thread. */
  report(bundle: Uint8Array, verifierKey: string, signal: AbortSignal): Promise<Uint8Array>;
};
