// The names under which this console answers, and the other origins that may call it. Host header, Origin header, CORS list.
import { isIPv6 } from 'node:net';

/**
 * The values of a Host header that are ours. A name is ours together with our port; without a port on 443 or behind a proxy, which
 * listens on a port of its own. A name that already says a port (`console.example.org:8443`) is taken as it is.
 */
export function ownHosts(names: readonly string[], port: number, behindProxy: boolean): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const name of ['localhost', '127.0.0.1', '::1', ...names]) {
    const host = isIPv6(name) ? `[${name.toLowerCase()}]` : name.toLowerCase();
    if (/:\d+$/.test(host) && !host.endsWith(']')) {
      hosts.add(host);
      continue;
    }
    hosts.add(`${host}:${port}`);
    if (port === 443 || behindProxy) hosts.add(host);
  }
  return hosts;
}

/** @throws Error when an entry isn't an exact origin; a wildcard above all, because this API carries credentials. */
export function corsAllowList(origins: readonly string[]): ReadonlySet<string> {
  for (const origin of origins) {
    if (origin.includes('*')) {
      throw new Error(`cors_origins: ${origin} is refused, because this API carries credentials; list exact origins`);
    }
    if (!URL.canParse(origin) || new URL(origin).origin !== origin || !/^https?:\/\//.test(origin)) {
      throw new Error(
        `cors_origins: expected an exact origin such as https://tools.example.org, got ${JSON.stringify(origin)}`,
      );
    }
  }
  return new Set(origins);
}
