// auditd, CEF, CSV and CloudTrail: what each record becomes, and what is refused.
import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../../src-main/engine/formats/detect.ts';
import { events, fixture, read, rejections, summary } from './reading.ts';

it.each([
  ['auditd.log', 'auditd'],
  ['cef.log', 'cef'],
  ['events.csv', 'csv'],
  ['cloudtrail.json', 'cloudtrail'],
])('recognises %s as %s, and reads the same however it is cut', (name, format) => {
  expect(detectFormat(fixture(name))).toBe(format);
  const whole = read(fixture(name));
  expect(rejections(whole)).toEqual([]);
  const cuts = Array.from({ length: 60 }, (_, at) => at * 7);
  expect(read(fixture(name), 'auto', {}, cuts)).toEqual(whole);
  expect(whole.map(({ record }) => record)).toEqual(whole.map((_, at) => at));
});

describe('auditd', () => {
  it('reads each record, and what the kernel wrote in hex', () => {
    const results = read(fixture('auditd.log'));
    expect(summary(results)).toEqual([
      'other syscall ok alice -',
      'process_start execve ok alice -',
      'other cwd ok alice -',
      'other path ok alice -',
      'other proctitle ok alice -',
      'login user_login failed bob 203.0.113.7',
      'shell_command user_cmd ok 1000 -',
      'user_create add_user ok alice -',
    ]);
    const [call, run, folder, , title, login, command, added] = events(results).map(({ details }) => details);
    expect(call).toMatchObject({ type: 'SYSCALL', audit_id: '1795248612.243:24287', a0: '55d', comm: 'cat' });
    expect(call).toMatchObject({ key: 'shadow', SYSCALL: 'execve', EUID: 'root' });
    expect(run).toMatchObject({ a2: 'cat /etc/shadow', command: "sh -c 'cat /etc/shadow'" });
    expect(folder?.cwd).toBe('/tmp/a b/');
    expect(title?.proctitle).toBe('sh -c cat');
    expect(login).toMatchObject({ node: 'web-1', op: 'login', acct: 'bob', res: 'failed' });
    expect(command?.command).toBe('ls -la');
    expect(added?.target).toBe('eve');
  });

  it('is linear in a line that is all names and quotes', () => {
    const head = 'type=A msg=audit(1795248612.243:1): ';
    expect(events(read(`${head}${'a="'.repeat(300_000)}\n${head}${"a='".repeat(300_000)}`, 'auditd'))).toHaveLength(2);
    expect(rejections(read('type=A msg=audit(1.2:3):', 'auditd'))).toEqual([
      '1: not an audit record: expected type=… msg=audit(time:serial): at its start',
    ]);
  });
});

describe('CEF', () => {
  it('reads header and extension, alone and behind syslog headers', () => {
    const results = read(fixture('cef.log'));
    expect(summary(results)).toEqual([
      'other blocked - - 203.0.113.7',
      'login Login failed failed bob 198.51.100.9',
      'login User authentication ok carla -',
    ]);
    const [first, second, third] = events(results);
    expect(first).toMatchObject({
      bytes: 1500,
      details: { msg: 'two words and a = sign', cs1: 'strict', PolicyName: 'strict', severity: '5' },
    });
    expect(second).toMatchObject({ source: 'fw-1', resource_id: 'https://vpn.example.org/?a=1' });
    expect(second?.details.product).toBe('VPN | Gate');
    expect(third).toMatchObject({ source: 'proxy-1', timeMs: Date.UTC(2026, 10, 21, 7, 50, 13, 250) });
  });

  it('refuses what is none, is short or has no time', () => {
    expect(rejections(read('CEF:0|a|b|c\nplain\nCEF:0|a|b|c|d|e|5|src=192.0.2.1', 'cef'))).toEqual([
      '1: the CEF header has fewer than seven parts',
      '2: not a CEF line: expected CEF:0| at its start or after a syslog header',
      '3: no time: expected rt, end or start, or a syslog header with a time',
    ]);
    const many = `CEF:0|a|b|c|d|e|5|rt=1795248612000 ${'k='.repeat(200_000)} __proto__=x constructor=y`;
    const [event] = events(read(many, 'cef'));
    expect(Object.getPrototypeOf(event?.details)).toBe(Object.prototype);
  });
});

describe('CSV', () => {
  it('reads rows by the header, with quotes and line ends in values', () => {
    const results = read(fixture('events.csv'));
    expect(summary(results)).toEqual([
      'login - failed alice 203.0.113.7',
      'login - ok bob 203.0.113.8',
      'data_export - - carla 198.51.100.4',
    ]);
    expect(results.map(({ line, record }) => [line, record])).toEqual([
      [2, 0],
      [3, 1],
      [5, 2],
    ]);
    expect(events(results).map(({ details }) => details.note)).toEqual([
      'first, with a comma',
      'over\ntwo "lines"',
      undefined,
    ]);
  });

  it('takes columns by other names, or by number where there is no header', () => {
    const columns = { time: 'Zeit', actor: 'Benutzer' };
    expect(summary(read('Zeit;Benutzer;X\n2026-11-21T07:50:12Z;alice;1\n', 'csv', { columns }))).toEqual([
      'other - - alice -',
    ]);
    const numbered = read('alice|2026-11-21T07:50:12Z\nbob|2026-11-21T07:50:13Z', 'csv', {
      columns: { actor: '1', time: '2' },
    });
    expect(summary(numbered)).toEqual(['other - - alice -', 'other - - bob -']);
    expect(numbered.map(({ record }) => record)).toEqual([0, 1]);
    expect(rejections(read('a,b\n1,2\n', 'csv', { columns }))).toEqual([
      '1: the header has no column "Zeit", "Benutzer"',
      '2: the header has no column "Zeit", "Benutzer"',
    ]);
  });

  it('loses a row to a quote that is never closed, and no more than 1 MiB', () => {
    const rows = '2026-11-21T07:50:12Z,alice\n'.repeat(80_000);
    const results = read(`time,user\n2026-11-21T07:50:12Z,"al\n${rows}`, 'csv');
    expect(rejections(results)).toEqual(['2: longer than 1024 KiB']);
    expect(events(results).length).toBeGreaterThan(40_000);
    expect(rejections(read('time,user\n2026-11-21T07:50:12Z,a"b\n2026-11-21T07:50:12Z\n', 'csv'))).toEqual([
      '3: 1 columns where the header has 2',
    ]);
  });
});

describe('CloudTrail', () => {
  it('reads the records of a file', () => {
    const results = read(fixture('cloudtrail.json'));
    expect(summary(results)).toEqual([
      'login ConsoleLogin failed alice 203.0.113.7',
      'credential_access GetSecretValue ok arn:aws:sts::111122223333:assumed-role/ci/build 198.51.100.4',
      'role_change AttachRolePolicy failed ec2.amazonaws.com -',
    ]);
    expect(events(results)[1]).toMatchObject({
      id: '0b1c7f7e-2f0e-4a55-9a55-0d6ad1c2a002',
      resource_id: 'prod/db',
      details: { eventSource: 'secretsmanager.amazonaws.com', requestParameters: { secretId: 'prod/db' } },
    });
  });

  it('reads files one after the other, files far longer than a record, and one record a line', () => {
    const one = new TextDecoder().decode(fixture('cloudtrail.json')).trim();
    expect(events(read(`${one}\n${one}\n`))).toHaveLength(6);
    const record = /^\{"Records":\[(\{.*?\}),\{"eventVersion"/.exec(one)?.[1] ?? '';
    const long = `{ "Records" : [${Array.from({ length: 4000 }, () => record).join(',\n')}] }`;
    expect(long.length).toBeGreaterThan(1_900_000);
    expect(events(read(long))).toHaveLength(4000);
    expect(events(read(`${record}\n${record}`))).toHaveLength(2);
    expect(detectFormat(new TextEncoder().encode(`${record}\n${record}`))).toBe('cloudtrail');
  });
});
