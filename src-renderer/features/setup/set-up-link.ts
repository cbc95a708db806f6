// The one-time link of the terminal: `https://…/setup#<token>`. Its token is read once and leaves the address bar at once, so that it
// is in no history, no screenshot and no shared address.

/** The contract's bounds; base64url as the console writes it. An address of a screen begins with `#/`, so it never looks like one. */
const tokenShape = /^#([A-Za-z0-9_-]{20,200})$/;

/**
 * The token of the link this page was opened by, if it was. The server sends /setup on to the one address of the console, and browsers
 * take the fragment along, so the path says nothing.
 */
export function takeSetUpToken(
  location: Pick<Location, 'pathname' | 'hash'>,
  history: Pick<History, 'replaceState'>,
): string | undefined {
  // Read before the address changes: `location` follows it.
  const { pathname, hash } = location;
  const path = pathname.replace(/setup\/?$/, '');
  const isScreen = hash === '' || hash.startsWith('#/');
  if (isScreen && path === pathname) return undefined;
  // SECURITY: also a fragment of the wrong shape goes: it may be a token that was copied badly.
  history.replaceState(null, '', path + (isScreen ? hash : ''));
  return tokenShape.exec(hash)?.[1];
}
