// What `[mirrors]` makes: the mirrors that are set, ready to be used, or what is wrong with the settings.
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Mirror } from '../../core/features/mirrors/index.ts';
import { type MirrorTarget, MirrorTargetError, parseOtlpTarget, parseSyslogTarget } from '../../core/mirror-targets.ts';
import { type Settings, SettingsError } from '../../core/settings.ts';
import { createFileMirror } from './file-mirror.ts';
import type { LogLimits } from './log-file.ts';
import { createOtlpMirror } from './otlp-mirror.ts';
import { createSyslogMirror } from './syslog-mirror.ts';
import type { TlsTrust } from './tls-trust.ts';

export type MirrorsParts = {
  readonly settings: Settings['mirrors'];
  /** The folder of the log files. */
  logs(): string;
  /** As OTEL_EXPORTER_OTLP_HEADERS has them: name=value, with commas between. */
  otlpHeaders(): string | undefined;
  readonly version: string;
};

/** @throws SettingsError when one that is set can't be made */
export function createMirrors(parts: MirrorsParts): Mirror[] {
  const { settings, version } = parts;
  const trust = trustOf(settings);
  // Said at the start, not with the first request.
  parseHeaders(parts.otlpHeaders());
  const mirrors = [
    ...(settings.files
      ? (['audit', 'activity'] as const).map((stream) =>
          createFileMirror({
            name: `logs/${stream}.log`,
            path: () => `${parts.logs()}/${stream}.log`,
            stream,
            limits: logLimits(settings),
          }),
        )
      : []),
    ...settings.syslog.map((text) => {
      const target = parsed('syslog', text, parseSyslogTarget);
      return createSyslogMirror({ name: nameOf(target), target, trust, version });
    }),
    ...settings.otlp.map((text) => {
      const target = parsed('otlp', text, parseOtlpTarget);
      return createOtlpMirror({
        name: nameOf(target),
        target: { ...target, url: withPath(target.url) },
        trust,
        headers: () => parseHeaders(parts.otlpHeaders()),
        version,
      });
    }),
  ];
  const twice = mirrors.find(({ name }, index) => mirrors.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) {
    throw new SettingsError(`settings: mirrors: ${twice.name} is set twice; put all of its streams after one address`);
  }
  return mirrors;
}

export function logLimits({ file_max_mb, file_count }: Settings['mirrors']): LogLimits {
  return { maxBytes: file_max_mb * 1_048_576, count: file_count };
}

/** The same address may get two formats, each with streams of its own. */
function nameOf({ url, format }: MirrorTarget): string {
  const address = url.href.replace(/\/$/, '');
  return format === 'json' ? address : `${address} ${format}`;
}

function withPath(url: URL): URL {
  return url.pathname === '/' ? new URL('/v1/logs', url) : url;
}

function parsed(key: string, text: string, parse: (text: string) => MirrorTarget): MirrorTarget {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof MirrorTargetError)) throw cause;
    throw new SettingsError(`settings: mirrors.${key}: ${cause.message}`, { cause });
  }
}

function trustOf(settings: Settings['mirrors']): TlsTrust {
  const { ca_file, client_cert_file, client_key_file } = settings;
  if ((client_cert_file === undefined) !== (client_key_file === undefined)) {
    throw new SettingsError('settings: mirrors.client_cert_file and mirrors.client_key_file go together; set both');
  }
  const ca = ca_file === undefined ? undefined : readPem('ca_file', ca_file, 'CERTIFICATE');
  if (client_cert_file === undefined || client_key_file === undefined) return { ca, client: undefined };
  const client = {
    cert: readPem('client_cert_file', client_cert_file, 'CERTIFICATE'),
    key: readPem('client_key_file', client_key_file, 'PRIVATE KEY'),
  };
  try {
    createSecureContext(client);
  } catch (cause) {
    throw new SettingsError(
      'settings: mirrors.client_cert_file and mirrors.client_key_file do not belong together, or the key has a passphrase',
      { cause },
    );
  }
  return { ca, client };
}

function readPem(key: string, path: string, what: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new SettingsError(`settings: mirrors.${key}: ${path} cannot be read${code === '' ? '' : ` (${code})`}`, {
      cause,
    });
  }
  if (!text.includes(`${what}-----`))
    throw new SettingsError(`settings: mirrors.${key}: ${path} holds no ${what} in PEM form`);
  return text;
}

/** @throws SettingsError */
export function parseHeaders(text: string | undefined): Record<string, string> {
  if (text === undefined || text.trim() === '') return {};
  const headers: Record<string, string> = Object.create(null);
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at)).trim().toLowerCase();
    const value = decoded(pair.slice(at + 1).trim());
    // What would end a header, or fetch it into another one, never gets as far as the request.
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || value === undefined || !/^[\x20-\x7e]*$/.test(value)) {
      throw new SettingsError(
        'settings: GATEHOUSE_MIRROR_OTLP_HEADERS: expected name=value, with commas between (a comma within a value as %2C)',
      );
    }
    headers[name] = value;
  }
  return headers;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
