// How a mirror stands in the settings: an address, and after it, with blanks between, what goes there. `tls://siem.example:6514
// streams=audit+alerts format=cef`. Read when the settings are checked and again where the mirror is made.
import {
  type MirrorFormat,
  type MirrorStream,
  mirrorFormats,
  mirrorStreams,
} from '../../src-shared/contract/mirrors.ts';

export type MirrorTarget = {
  readonly url: URL;
  readonly streams: readonly MirrorStream[];
  readonly format: MirrorFormat;
  /** SHA-256 of the receiver's certificate, 64 hex digits in small letters: that one and no other, whoever signed it. */
  readonly pin: string | undefined;
};

/** What is wrong with the text; the message says what to write. */
export class MirrorTargetError extends Error {
  override readonly name = 'MirrorTargetError';
}

/** @throws MirrorTargetError */
export function parseSyslogTarget(text: string): MirrorTarget {
  const target = parseTarget(text);
  const { url, pin } = target;
  if (url.protocol !== 'tls:' && url.protocol !== 'tcp:') {
    throw new MirrorTargetError('expected tls://HOST:PORT, or tcp://HOST:PORT to send it in the clear');
  }
  if (url.hostname === '' || (url.pathname !== '' && url.pathname !== '/')) {
    throw new MirrorTargetError('expected a host and a port alone: tls://HOST:PORT');
  }
  if (url.protocol === 'tcp:' && url.port === '') throw new MirrorTargetError('give the port too: tcp://HOST:PORT');
  if (url.protocol === 'tcp:' && pin !== undefined) throw new MirrorTargetError('pin= is for tls:// alone');
  return target;
}

/** @throws MirrorTargetError */
export function parseOtlpTarget(text: string): MirrorTarget {
  const target = parseTarget(text);
  const { protocol } = target.url;
  // Its headers carry credentials: nothing but TLS, unless the bytes never leave this computer.
  if (protocol !== 'https:' && !(protocol === 'http:' && staysHere(target.url))) {
    throw new MirrorTargetError(
      'expected https://HOST[:PORT]/v1/logs; http:// only for this computer (localhost, 127.0.0.1, [::1])',
    );
  }
  if (target.pin !== undefined && protocol !== 'https:') throw new MirrorTargetError('pin= is for https:// alone');
  return target;
}

/** What goes there never leaves this computer. */
export function staysHere({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function parseTarget(text: string): MirrorTarget {
  const [address = '', ...words] = text.split(' ');
  if (!URL.canParse(address))
    throw new MirrorTargetError('expected an address first, and blanks between what follows it');
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new MirrorTargetError('the address may hold no user, password, ? or #');
  }
  const given = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    const key = word.slice(0, Math.max(0, at));
    if (!['streams', 'format', 'pin'].includes(key) || given.has(key)) {
      throw new MirrorTargetError('after the address expected each at most once: streams=…, format=…, pin=sha256:…');
    }
    given.set(key, word.slice(at + 1));
  }
  return {
    url,
    streams: parseStreams(given.get('streams') ?? 'audit'),
    format: parseFormat(given.get('format') ?? 'json'),
    pin: parsePin(given.get('pin')),
  };
}

function parseStreams(text: string): MirrorStream[] {
  const streams = text.split('+').map((word) => {
    const stream = mirrorStreams.find((known) => known === word);
    if (stream === undefined)
      throw new MirrorTargetError(`streams= takes ${mirrorStreams.join(', ')}, with + between them`);
    return stream;
  });
  if (new Set(streams).size < streams.length) throw new MirrorTargetError('streams= names one twice');
  return streams;
}

function parseFormat(word: string): MirrorFormat {
  const format = mirrorFormats.find((known) => known === word);
  if (format === undefined) throw new MirrorTargetError(`format= takes one of ${mirrorFormats.join(', ')}`);
  return format;
}

function parsePin(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const hex = text
    .replace(/^sha256:/, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (!text.startsWith('sha256:') || !/^[0-9a-f]{64}$/.test(hex)) {
    throw new MirrorTargetError('pin= takes sha256: and the 64 hex digits of the certificate’s fingerprint');
  }
  return hex;
}
