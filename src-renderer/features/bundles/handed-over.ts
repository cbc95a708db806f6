// A bundle that the desktop window was opened with: its main process serves the bytes under an address of its own and names it in the
// page's address. Only that one shape of address is fetched, so no link can make the Verifier read anything else.

/** `/opened/3.ghbundle`, as the window's protocol serves it. */
const offeredPath = /^\/opened\/\d+\.ghbundle$/;
const bundleType = 'application/vnd.gatehouse.bundle+json';
const longestName = 200;

export interface HandedOver {
  readonly path: string;
  /** For people to read; it opens nothing. */
  readonly name: string;
}

/** Reads `?bundle=…&name=…` of the Verifier's address; undefined when it offers nothing or anything but an offered bundle. */
export function handedOverBy(query: Readonly<Record<string, string>>): HandedOver | undefined {
  const { bundle, name } = query;
  if (bundle === undefined || !offeredPath.test(bundle)) return undefined;
  return { path: bundle, name: (name ?? '').slice(0, longestName) || 'bundle.ghbundle' };
}

/** @throws Error when the window does not serve it (any more). */
export async function fetchHandedOver(
  { path, name }: HandedOver,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<File> {
  const answer = await fetch(path, { signal, redirect: 'error', credentials: 'omit' });
  if (!answer.ok) throw new Error(`the window answered ${answer.status}`);
  return new File([await answer.blob()], name, { type: bundleType });
}
