// Who seems to be calling: address, program, trace. Proxies are believed only where the settings name them.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { addressRanges, plainAddress } from '../../base/addresses.ts';
import type { Origin } from '../../core/dispatch/arrival.ts';

const longestUserAgent = 500;
/** More hops than any honest chain has; the rest of a longer header is not looked at. */
const mostHops = 20;

/**
 * Reads the caller's origin. With trusted proxies, X-Forwarded-For is walked from its right end, where the nearest proxy wrote,
 * as long as the address before it is a trusted proxy; what a caller wrote further left is never believed.
 * @throws Error when a range can't be read.
 */
export function createOriginReader(trustedProxies: readonly string[]): (request: IncomingMessage) => Origin {
  const trusted = addressRanges(trustedProxies);
  // A connection keeps its peer, and reading addresses costs more than most of a small request.
  const peers = new WeakMap<Socket, string>();

  function peerOf(socket: Socket): string | null {
    const known = peers.get(socket);
    if (known !== undefined) return known;
    const peer = socket.remoteAddress;
    if (peer === undefined) return null;
    const plain = plainAddress(peer) ?? peer;
    peers.set(socket, plain);
    return plain;
  }

  return (request) => {
    const near = peerOf(request.socket);
    const userAgent = request.headers['user-agent']?.slice(0, longestUserAgent) ?? null;
    if (trustedProxies.length === 0 || near === null) return { ip: near, userAgent };
    return { ip: throughProxies(near, request.headers['x-forwarded-for'], trusted), userAgent };
  };
}

function throughProxies(
  near: string,
  forwarded: string | string[] | undefined,
  trusted: (address: string) => boolean,
): string {
  const hops = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',').slice(-mostHops);
  let address = near;
  while (hops.length > 0 && trusted(address)) {
    const before = plainAddress((hops.pop() ?? '').trim());
    if (before === undefined) break;
    address = before;
  }
  return address;
}

/** The trace id of a valid W3C `traceparent`, else a new one: 32 hex digits. */
export function traceIdOf(headers: IncomingHttpHeaders): string {
  const given = headers.traceparent;
  if (typeof given === 'string') {
    const trace = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.exec(given)?.[1];
    if (trace !== undefined) return trace;
  }
  // Node makes UUIDs from a store of random bytes; 122 random bits are unique enough for a trace.
  return randomUUID().replaceAll('-', '');
}
