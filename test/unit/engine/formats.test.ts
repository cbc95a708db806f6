// Log formats against realistic files: what each line becomes.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../../src-main/engine/formats/detect.ts';
import { events, fixture, read, rejections, summary } from './reading.ts';

describe('auth logs', () => {
  it('reads what Debian writes', () => {
    const results = read(fixture('debian-auth.log'));
    expect(rejections(results)).toEqual([]);
    expect(summary(results)).toEqual([
      'login attempt - oracle 203.0.113.7',
      'other - - - -',
      'login attempt - - 203.0.113.7',
      'login failed failed oracle 203.0.113.7',
      'login failed failed root 2001:db8::7',
      'login failed failed root 2001:db8::7',
      'login failed failed root 2001:db8::7',
      'login attempt - root 2001:db8::7',
      'login failed failed evil from 10.0.0.1 port 22 203.0.113.9',
      'login accepted ok alice 198.51.100.4',
      'other session_opened - alice -',
      'shell_command sudo ok alice -',
      'shell_command sudo_not_in_sudoers failed bob -',
      'shell_command sudo_wrong_password failed bob -',
      'login su failed bob -',
      'user_create user_created ok - -',
      'role_change group_member_added ok - -',
      'other shadow_group_updated ok - -',
      'role_change group_member_added ok root -',
      'config_change group_created ok - -',
      'config_change password_changed - - -',
      'logout disconnected - alice 198.51.100.4',
      'other session_opened - root -',
      'login failed failed alice -',
      'login attempt - bob 203.0.113.9',
    ]);
    const [, , , , , first, second] = events(results);
    expect(first?.id).not.toBe(second?.id);
    const sudo = events(results)[11];
    expect(sudo?.details).toMatchObject({
      command: '/usr/bin/sh -c echo a ; echo b',
      run_as: 'root',
      host: 'bastion-1',
    });
    expect(events(results)[16]).toMatchObject({ resource_id: 'sudo', details: { target: 'carol' } });
  });

  it('gives lines without a year the nearest past date in the zone that was told', () => {
    const line = 'Nov 21 12:30:00 h sshd[1]: x\nNov 23 00:00:00 h sshd[1]: x\nJul  1 00:00:00 h sshd[1]: x\n';
    expect(
      events(read(line, 'auth', { zone: 'Europe/Berlin' })).map(({ timeMs }) => new Date(timeMs).toISOString()),
    ).toEqual(['2026-11-21T11:30:00.000Z', '2025-11-22T23:00:00.000Z', '2026-06-30T22:00:00.000Z']);
    const [leap] = events(read(fixture('rhel-secure.log'), 'auth', { zone: '+02:00' }));
    expect(new Date(leap?.timeMs ?? 0).toISOString()).toBe('2024-02-29T08:00:00.000Z');
  });

  it('takes a wall time that occurs twice as the first, and moves one that never occurs', () => {
    const lines = 'Oct 25 02:30:00 h a: x\nMar 29 02:30:00 h a: x\n';
    expect(
      events(read(lines, 'syslog', { zone: 'Europe/Berlin' })).map(({ timeMs }) => new Date(timeMs).toISOString()),
    ).toEqual(['2026-10-25T00:30:00.000Z', '2026-03-29T01:30:00.000Z']);
  });

  it('reads RFC 3339 stamps of current Ubuntu', () => {
    const results = read(fixture('ubuntu-auth.log'));
    expect(summary(results)).toEqual([
      'login failed failed alice 203.0.113.7',
      'login accepted ok alice 203.0.113.7',
      'shell_command sudo ok alice -',
      'other - - - -',
    ]);
    expect(new Date(events(results)[0]?.timeMs ?? 0).toISOString()).toBe('2026-11-21T06:50:12.123Z');
  });

  it('reads what Red Hat writes', () => {
    expect(summary(read(fixture('rhel-secure.log')))).toEqual([
      'login failed failed root 192.0.2.201',
      'login attempt - root 192.0.2.201',
      'login attempt - root 192.0.2.201',
      'login su ok kofi -',
      'shell_command sudo_command_not_allowed failed kofi -',
    ]);
  });
});

describe('access logs', () => {
  it('reads nginx, decodes the query and keeps its parameters apart', () => {
    const results = read(fixture('nginx-access.log'));
    expect(rejections(results)).toEqual([]);
    const [first, second, third, fourth] = events(results);
    expect(first).toMatchObject({
      timeMs: Date.UTC(2026, 10, 21, 6, 50, 12),
      event_type: 'api_call',
      action: 'GET',
      success: true,
      bytes: 1532,
      resource_id: '/api/orders',
      ip_address: '198.51.100.77',
      details: { status: 200, parameters: { id: "1' OR '1'='1", sort: 'a b' }, referer: 'https://example.org/shop' },
    });
    expect(second).toMatchObject({
      actor: 'carla',
      success: false,
      ip_address: '2001:db8::8',
      user_agent: 'curl/8.9.1',
    });
    expect(third).toMatchObject({ success: false, details: { request: '\x16\x03\x01\x02' } });
    expect(fourth).toMatchObject({
      user_agent: 'agent "with" quotes',
      details: { parameters: { q: ['"quoted"', 'b'] } },
    });
  });

  it('reads the virtual host of Apache and the common format', () => {
    expect(events(read(fixture('apache-vhost-access.log')))).toMatchObject([
      { source: 'shop.example.org', ip_address: '203.0.113.91', resource_id: '/img/été.png', bytes: 5120 },
    ]);
  });
});

describe('syslog RFC 5424', () => {
  it('reads header and structured data, and what a known program says', () => {
    const results = read(fixture('rfc5424.log'), 'syslog');
    expect(summary(results)).toEqual(['login failed failed root 203.0.113.7', 'other - - - -', 'other - - - -']);
    expect(events(results)[1]?.details).toEqual({
      host: 'host2',
      app: 'evntslog',
      facility: 20,
      severity: 5,
      message_id: 'ID47',
      data: { 'exampleSDID@32473': { iut: '3', eventSource: 'App]"x' }, 'other@1': { a: 'b' } },
      message: 'An application event',
    });
  });
});

describe('JSON', () => {
  it('reads our own fields and those of other tools', () => {
    const results = read(fixture('gatehouse.ndjson'));
    expect(rejections(results)).toEqual([]);
    expect(summary(results)).toEqual([
      'data_export - ok carla 198.51.100.23',
      'login login failed alice 203.0.113.7',
      'login - failed bob 203.0.113.8',
      'other GET failed - 203.0.113.9',
    ]);
    const [own, , third, fourth] = events(results);
    expect(own).toMatchObject({
      id: '0192f0c1-0000-7000-8000-000000000001',
      details: { records: 120 },
      bytes: 30_000_000,
    });
    expect(new Date(third?.timeMs ?? 0).toISOString()).toBe('2026-11-21T07:50:14.250Z');
    expect(Object.getPrototypeOf(fourth?.details)).toBe(Object.prototype);
    expect(fourth?.details.polluted).toBeUndefined();
  });

  it('reads an array, an object over several lines and bad lines between good ones', () => {
    const record = { time: '2026-11-21T07:50:12Z', source: 'a', event_type: 'login' };
    expect(events(read(JSON.stringify([record, record], null, 2)))).toHaveLength(2);
    expect(events(read(JSON.stringify(record, null, 2)))).toHaveLength(1);
    const lines = [JSON.stringify(record), '{"broken": ', 'plain', JSON.stringify(record), '[1]'].join('\n');
    expect(rejections(read(lines, 'json'))).toEqual([
      '2: not valid JSON',
      '3: not a JSON object',
      '5: not a JSON object',
    ]);
    expect(events(read(lines, 'json'))).toHaveLength(2);
  });
});

describe('Windows events', () => {
  it('reads nested events', () => {
    const results = read(fixture('windows-nested.json'));
    expect(summary(results)).toEqual([
      'login logon failed alice 203.0.113.7',
      'role_change group_member_added ok mira -',
    ]);
    expect(events(results)[0]).toMatchObject({
      source: 'fs01.example.org',
      timeMs: Date.UTC(2026, 10, 21, 7, 50, 12, 378),
      details: {
        EventID: 4625,
        Channel: 'Security',
        Provider_Name: 'Microsoft-Windows-Security-Auditing',
        LogonType: '3',
      },
    });
    expect(events(results)[1]).toMatchObject({ resource_id: 'Domain Admins', details: { target: 'Bob Berg' } });
  });

  it('reads flat events', () => {
    const results = read(fixture('windows-flat.ndjson'));
    expect(summary(results)).toEqual([
      'login logon ok alice 198.51.100.4',
      'process_start process_created ok alice -',
      'config_change audit_log_cleared ok mira -',
      'process_start process_created ok EX\\alice -',
      'login explicit_credentials ok alice -',
      'user_create user_created ok mira -',
      'other special_privileges_assigned - mira -',
    ]);
    expect(events(results)[1]?.details.command).toBe('cmd.exe /c whoami');
  });
});

it.each([
  ['debian-auth.log', 'auth'],
  ['ubuntu-auth.log', 'auth'],
  ['rhel-secure.log', 'auth'],
  ['nginx-access.log', 'access'],
  ['apache-vhost-access.log', 'access'],
  ['rfc5424.log', 'syslog'],
  ['gatehouse.ndjson', 'json'],
  ['windows-nested.json', 'windows'],
  ['windows-flat.ndjson', 'windows'],
])('recognises %s as %s', (name, format) => {
  expect(detectFormat(fixture(name))).toBe(format);
});

const synthetic = new URL('../../../../shared/data/detection/synthetic_auth_200k.log.gz', import.meta.url);
if (!existsSync(synthetic)) console.warn('the 200,000 line log is not here: that vector was not run');
it.skipIf(!existsSync(synthetic))('reads 200,000 lines without a rejection', () => {
  const results = read(new Uint8Array(gunzipSync(readFileSync(synthetic))));
  const counts: Record<string, number> = {};
  for (const { event_type, action } of events(results)) {
    const key = `${event_type} ${action}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  expect(counts).toEqual({
    'login failed': 25_724,
    'other session_opened': 70_155,
    'logout disconnected': 40_010,
    'shell_command sudo': 20_231,
    'login accepted': 43_880,
  });
  expect(rejections(results)).toEqual([]);
  expect(new Set(events(results).map(({ id }) => id)).size).toBe(200_000);
});
