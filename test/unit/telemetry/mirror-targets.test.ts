// How mirrors are set: what is understood, and what is refused with words that say what to write.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMirrors, parseHeaders } from '../../../src-main/adapters/telemetry/mirrors.ts';
import { MirrorTargetError, parseOtlpTarget, parseSyslogTarget } from '../../../src-main/core/mirror-targets.ts';
import { resolveSettings, SettingsError } from '../../../src-main/core/settings.ts';
import { temporaryFolder } from '../../support/stores.ts';
import { createSelfSigned } from '../../support/tls-pairs.ts';

function made(values: Record<string, unknown>, otlpHeaders?: string) {
  const { settings } = resolveSettings([{ origin: 'file', values: new Map(Object.entries(values)) }]);
  return createMirrors({
    settings: settings.mirrors,
    logs: () => '/nowhere',
    otlpHeaders: () => otlpHeaders,
    version: '1',
  });
}

test('an address with what goes there', () => {
  expect(
    parseSyslogTarget(`tls://siem.example:6514 streams=audit+alerts format=cef pin=sha256:${'AB'.repeat(32)}`),
  ).toMatchObject({
    streams: ['audit', 'alerts'],
    format: 'cef',
    pin: 'ab'.repeat(32),
  });
  expect(parseOtlpTarget('https://otel.example/v1/logs')).toMatchObject({
    streams: ['audit'],
    format: 'json',
    pin: undefined,
  });
});

test.each([
  ['siem.example', /expected an address first/],
  ['udp://siem.example:514', /expected tls:\/\/HOST:PORT, or tcp/],
  ['tcp://siem.example', /give the port too/],
  ['tls://siem.example/path', /a host and a port alone/],
  ['tls://user:secret@siem.example:6514', /no user, password/],
  ['tls://siem.example:6514 streams=all', /streams= takes audit, activity, alerts, events, with \+ between them/],
  ['tls://siem.example:6514 streams=audit+audit', /names one twice/],
  ['tls://siem.example:6514 format=xml', /format= takes one of json, cef/],
  ['tls://siem.example:6514 pin=abc', /pin= takes sha256:/],
  ['tls://siem.example:6514 format=cef format=ecs', /each at most once/],
  ['tls://siem.example:6514 stream=audit', /each at most once/],
  [`tcp://siem.example:514 pin=sha256:${'a'.repeat(64)}`, /pin= is for tls/],
])('%s is refused', (text, words) => {
  expect(() => parseSyslogTarget(text)).toThrow(words);
  expect(() => resolveSettings([{ origin: 'file', values: new Map([['mirrors.syslog', [text]]]) }])).toThrow(
    SettingsError,
  );
});

test.each([
  ['http://otel.example/v1/logs', /http:\/\/ only for this computer/],
  ['https://otel.example/v1/logs?key=1', /no user, password, \? or #/],
  [`http://localhost:4318/v1/logs pin=sha256:${'a'.repeat(64)}`, /pin= is for https/],
])('%s is refused', (text, words) => {
  expect(() => parseOtlpTarget(text)).toThrow(words);
});

test('any text is a target or a refusal in words', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `tls://h:1 ${text}`),
      ),
      (text) => {
        for (const parse of [parseSyslogTarget, parseOtlpTarget]) {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(MirrorTargetError);
          }
        }
      },
    ),
  );
});

test('the mirrors that are set, each with a name of its own; two formats may go to one address', () => {
  const mirrors = made({
    'mirrors.syslog': [
      'tls://siem.example:6514',
      'tls://siem.example:6514 streams=alerts format=cef',
      'tcp://siem.example:514',
    ],
    'mirrors.otlp': ['http://localhost:4318'],
  });
  expect(mirrors.map(({ name, encrypted }) => ({ name, encrypted }))).toEqual([
    { name: 'logs/audit.log', encrypted: true },
    { name: 'logs/activity.log', encrypted: true },
    { name: 'tls://siem.example:6514', encrypted: true },
    { name: 'tls://siem.example:6514 cef', encrypted: true },
    { name: 'tcp://siem.example:514', encrypted: false },
    { name: 'http://localhost:4318', encrypted: true },
  ]);
  expect(made({ 'mirrors.files': false })).toEqual([]);
});

test('what can not work is refused at the start', () => {
  const folder = temporaryFolder();
  const [one, two] = [createSelfSigned('one'), createSelfSigned('two')];
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const cert = file('cert.pem', one.cert);
  expect(() => made({ 'mirrors.syslog': ['tls://a:1 streams=audit', 'tls://a:1 streams=alerts'] })).toThrow(
    /tls:\/\/a:1 is set twice/,
  );
  expect(() => made({ 'mirrors.ca_file': join(folder, 'missing.pem') })).toThrow(
    /mirrors.ca_file: .*missing.pem cannot be read \(ENOENT\)/,
  );
  expect(() => made({ 'mirrors.ca_file': file('junk.pem', 'junk') })).toThrow(/holds no CERTIFICATE in PEM form/);
  expect(() => made({ 'mirrors.client_cert_file': cert })).toThrow(/go together; set both/);
  expect(() => made({ 'mirrors.client_cert_file': cert, 'mirrors.client_key_file': file('key.pem', two.key) })).toThrow(
    /do not belong together/,
  );
  expect(made({ 'mirrors.client_cert_file': cert, 'mirrors.client_key_file': file('key.pem', one.key) })).toHaveLength(
    2,
  );
  expect(() => made({}, 'authorization')).toThrow(/expected name=value/);
});

test('headers as OpenTelemetry has them; none can end the line or begin another', () => {
  expect({ ...parseHeaders(' Authorization=Bearer%20a%2Cb , x-scope=1') }).toEqual({
    authorization: 'Bearer a,b',
    'x-scope': '1',
  });
  expect(parseHeaders(undefined)).toEqual({});
  for (const bad of ['a', '=b', 'a b=c', 'a=%0d%0aevil: 1', 'a=%zz', 'ü=1', 'a=é'])
    expect(() => parseHeaders(bad)).toThrow(SettingsError);
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        for (const [name, value] of Object.entries(parseHeaders(text))) {
          expect(name).toMatch(/^[!-~]+$/);
          expect(value).toMatch(/^[ -~]*$/);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(SettingsError);
      }
    }),
  );
});
