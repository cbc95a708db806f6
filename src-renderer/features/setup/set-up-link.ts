// The one-time link of the terminal: `https://…/setup#<token>`. Its token is read once and leaves the address bar at once, so that it
// is in no history, no screenshot and no shared address.

/** The contract's bounds; base64url as the console writes it. */
const tokenShape = /^#([A-Za-z0-9_-]{20,200})$/;

/** The token of the link this page was opened by, if it was. */
export function takeSetUpToken(location: Location, history: History): string | undefined {
  if (!/\/setup\/?$/.test(location.pathname)) return undefined;
  const token = tokenShape.exec(location.hash)?.[1];
  // SECURITY: also a token of the wrong shape is a secret somebody may have mistyped.
  history.replaceState(null, '', location.pathname.replace(/setup\/?$/, ''));
  return token;
}
