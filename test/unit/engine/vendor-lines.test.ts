// Lines as distributions, services and tools really write them: what a person reads in them is what the event says. Each of these was
// once read wrongly, or can be forged by whoever chooses a part of it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { events, read, rejections, summary } from './reading.ts';

function auth(message: string, app = 'sshd[811]'): string {
  return `Nov 21 06:25:01 web-1 ${app}: ${message}\n`;
}

function detailsOf(text: string, format: Parameters<typeof read>[1] = 'auth') {
  return events(read(text, format)).map(({ details }) => details);
}

describe('sshd', () => {
  const peer = '203.0.113.7 port 4022';

  it.each([
    [
      'a certificate whose id names another address',
      `Accepted publickey for deploy from ${peer} ssh2: RSA-CERT SHA256:abc ID x from 10.9.9.9 port 1 ssh2: a b (serial 0) CA RSA SHA256:def`,
      'login accepted ok deploy 203.0.113.7',
    ],
    [
      'the same, refused',
      `Failed publickey for root from ${peer} ssh2: RSA-CERT SHA256:abc ID x from 10.9.9.9 port 22 ssh2 (serial 0) CA RSA SHA256:def`,
      'login failed failed root 203.0.113.7',
    ],
    [
      'a host whose user names another address',
      `Failed hostbased for root from ${peer} ssh2: RSA SHA256:abc, client user "x from 10.0.0.1 port 22 ssh2", client host "h"`,
      'login failed failed root 203.0.113.7',
    ],
    [
      'a user who is called so',
      `Failed password for invalid user a from 10.0.0.1 port 22 ssh2 from ${peer} ssh2`,
      'login failed failed a from 10.0.0.1 port 22 ssh2 203.0.113.7',
    ],
    [
      'a user who is called so, with a key',
      `Failed publickey for invalid user a from 10.0.0.1 port 22 ssh2: x y from ${peer} ssh2: RSA SHA256:abc`,
      'login failed failed a from 10.0.0.1 port 22 ssh2: x y 203.0.113.7',
    ],
    ['no user', `Failed none for invalid user  from ${peer} ssh2`, 'login failed failed - 203.0.113.7'],
    ['without a protocol', 'Failed password for root from 203.0.113.7 port 22', 'login failed failed root 203.0.113.7'],
    ['PAM', 'error: PAM: Authentication failure for root from 203.0.113.7', 'login attempt - root 203.0.113.7'],
    ['PAM, unknown', 'error: PAM: User not known for illegal user x from 203.0.113.7', 'login attempt - x 203.0.113.7'],
    ['goodbye', `Received disconnect from ${peer}:11: Bye Bye [preauth]`, 'other connection_ended - - 203.0.113.7'],
    ['scanner', `Unable to negotiate with ${peer}: no matching key`, 'other connection_ended - - 203.0.113.7'],
    ['silence', `Did not receive identification string from ${peer}`, 'other connection_ended - - 203.0.113.7'],
    ['late', 'Timeout before authentication for 2001:db8::1 port 1', 'other connection_ended - - 2001:db8::1'],
    ['rubbish', `banner exchange: Connection from ${peer}: invalid format`, 'other connection_ended - - 203.0.113.7'],
    ['verbose', `Connection from ${peer} on 10.0.0.1 port 22`, 'other connected - - 203.0.113.7'],
    [
      'too many',
      `Disconnecting authenticating user root ${peer}: Too many authentication failures [preauth]`,
      'login attempt - root 203.0.113.7',
    ],
  ])('%s', (_, message, expected) => {
    expect(summary(read(auth(message), 'auth'))).toEqual([expected]);
  });

  it('takes any user name for what it is', () => {
    const name = fc
      .stringMatching(/^[a-z0-9 :.]{1,40}$/)
      .map((text) => `x${text} from 10.0.0.1 port 22 ssh2 ssh2${text}x`);
    fc.assert(
      fc.property(name, (user) => {
        const [event] = events(read(auth(`Failed password for invalid user ${user} from ${peer} ssh2`), 'auth'));
        expect([event?.actor, event?.ip_address]).toEqual([user, '203.0.113.7']);
      }),
      { numRuns: 500 },
    );
  });
});

describe('sudo', () => {
  const allowed = 'alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/find /srv -name x';

  it('puts a long command together, and takes its rest for no refusal', () => {
    const results = read(
      auth(allowed, 'sudo') +
        auth('alice : (command continued) -exec rm {} ; more', 'sudo') +
        auth('alice : (command continued) end', 'sudo'),
      'auth',
    );
    expect(summary(results)).toEqual([
      'shell_command sudo ok alice -',
      'shell_command sudo_continued ok alice -',
      'shell_command sudo_continued ok alice -',
    ]);
    expect(events(results).map(({ details }) => details.command)).toEqual([
      '/usr/bin/find /srv -name x',
      '/usr/bin/find /srv -name x -exec rm {} ; more',
      '/usr/bin/find /srv -name x -exec rm {} ; more end',
    ]);
    expect(events(results)[2]?.details.run_as).toBe('root');
  });

  it('joins no commands of two users', () => {
    const [, rest] = detailsOf(auth(allowed, 'sudo') + auth('bob : (command continued) --all', 'sudo'));
    expect(rest).toMatchObject({ continued: '--all' });
    expect(rest?.command).toBeUndefined();
  });

  it.each([
    ['an environment', allowed.replace('COMMAND', 'ENV=A=1 ; TSID=000001 ; COMMAND'), 'shell_command sudo ok alice -'],
    ['a host', allowed.replace('PWD', 'HOST=db-1 ; PWD'), 'shell_command sudo ok alice -'],
    ['a complaint', 'alice : unable to resolve host web-1: Name or service not known', 'other - - - -'],
    [
      'a script without a terminal',
      allowed.replace('TTY', 'a password is required ; TTY'),
      'shell_command sudo_refused failed alice -',
    ],
    [
      'a refusal',
      allowed.replace('TTY', 'user NOT in sudoers ; TTY'),
      'shell_command sudo_not_in_sudoers failed alice -',
    ],
  ])('%s', (_, message, expected) => {
    expect(summary(read(auth(message, 'sudo'), 'auth'))).toEqual([expected]);
  });
});

it.each([
  ['Nov 21 06:25:01.123 web-1 sshd[5]: x', '2026-11-21T06:25:01.123Z'],
  ['Nov 21 06:25:01,5 web-1 sshd[5]: x', '2026-11-21T06:25:01.500Z'],
  ['2026-11-21 06:25:01 web-1 sshd[5]: x', '2026-11-21T06:25:01.000Z'],
  ['2026-11-21T06:25:01.123456+01:00 web-1 sshd[5]: x', '2026-11-21T05:25:01.123Z'],
  ['56 <13>1 2026-11-21T06:25:01Z web-1 sshd 5 - - x', '2026-11-21T06:25:01.000Z'],
  ['<13>Nov 21 2026 06:25:01 web-1 sshd[5]: x', '2026-11-21T06:25:01.000Z'],
])('the head of %s', (line, time) => {
  const [event] = events(read(line, 'syslog'));
  expect([event && new Date(event.timeMs).toISOString(), event?.source]).toEqual([time, 'web-1']);
  expect(event?.details).toMatchObject({ app: 'sshd', pid: '5', message: 'x' });
});

it('a fraction that is none leaves no line with half a head', () => {
  expect(rejections(read('Nov 21 06:25:01x web-1 sshd[5]: x', 'syslog'))).toEqual([
    '1: no time at the start of the line',
  ]);
});

describe('access logs', () => {
  const line = (request: string, agent: string): string =>
    `203.0.113.7 - - [21/Nov/2026:07:50:12 +0100] "${request}" 200 612 "-" "${agent}"`;

  it('reads bytes written in hex as the text that they are', () => {
    const [event] = events(
      read(line('GET /caf\\xC3\\xA9?q=\\x22x\\x22 HTTP/1.1', 'Mozilla (\\xE2\\x82\\xAC)\\t1\\\\n'), 'access'),
    );
    expect(event).toMatchObject({ resource_id: '/café', user_agent: 'Mozilla (€)\t1\\n' });
    expect(event?.details.parameters).toEqual({ q: '"x"' });
  });

  it('keeps bytes apart that are no text', () => {
    const [event] = events(read(line('GET /..\\xC0\\xAFetc HTTP/1.1', 'x'), 'access'));
    expect(event?.resource_id).toBe('/..\u00c0\u00afetc');
  });
});

describe('auditd', () => {
  const record = (type: string, rest: string, serial = 7): string =>
    `type=${type} msg=audit(1795248630.001:${serial}): pid=42 uid=0 auid=1000 ses=1 ${rest}UID="root" AUID="alice"\n`;
  const tool = (op: string, whom: string): string =>
    `msg='op=${op} ${whom} exe="/usr/sbin/usermod" addr=? res=success'`;

  it.each([
    ['ADD_USER', tool('add-user', 'acct="eve"'), 'user_create add_user ok alice -', 'eve', 'eve'],
    [
      'USER_MGMT',
      tool('add-user-to-group', 'grp="wheel" acct="eve"'),
      'role_change group_member_added ok alice -',
      'wheel',
      'eve',
    ],
    [
      'USER_MGMT',
      tool('add-to-shadow-group', 'grp="wheel" acct="eve"'),
      'other shadow_group_updated ok alice -',
      'wheel',
      'eve',
    ],
    [
      'USER_MGMT',
      tool('delete-user-from-group', 'grp="wheel" acct="eve"'),
      'role_change group_member_removed ok alice -',
      'wheel',
      'eve',
    ],
    [
      'USER_CHAUTHTOK',
      tool('adding user to group', 'grp=wheel acct="eve"'),
      'role_change group_member_added ok alice -',
      'wheel',
      'eve',
    ],
    ['USER_CHAUTHTOK', tool('PAM:chauthtok', 'acct="eve"'), 'config_change user_chauthtok ok alice -', 'eve', 'eve'],
    ['ADD_GROUP', tool('add-group', 'acct="docker"'), 'config_change add_group ok alice -', 'docker', 'docker'],
    ['GRP_MGMT', tool('add-shadow-group', 'acct="docker"'), 'config_change grp_mgmt ok alice -', 'docker', 'docker'],
    ['ROLE_REMOVE', tool('login', 'acct="eve"'), 'role_change role_removed ok alice -', 'eve', 'eve'],
    ['USER_AUTH', tool('PAM:authentication', 'acct="bob"'), 'other user_auth ok bob -', undefined, undefined],
  ])('%s %s', (type, rest, expected, resource, target) => {
    const results = read(record(type, rest), 'auditd');
    expect(summary(results)).toEqual([expected]);
    expect([events(results)[0]?.resource_id, events(results)[0]?.details.target]).toEqual([resource, target]);
  });

  it('puts arguments together that stand in pieces or in several records, and says who ran them', () => {
    const call = record('SYSCALL', 'arch=c000003e syscall=59 success=yes exit=0 ');
    const head = 'type=EXECVE msg=audit(1795248630.001:7): ';
    const pieces = `${head}argc=4 a0="sh" a1="-c" a2_len=14 a2[0]=726D20 a2[1]=2D7266202F\n`;
    const results = read(`${call}${pieces}${head}a3="more"\n${head.replace(':7', ':8')}argc=1 a0="id"\n`, 'auditd');
    expect(events(results).map(({ actor, details }) => [actor, details.command])).toEqual([
      ['alice', undefined],
      ['alice', "sh -c 'rm -rf /'"],
      ['alice', "sh -c 'rm -rf /' more"],
      [undefined, 'id'],
    ]);
  });

  it('stays linear in records of one call', () => {
    const long = `type=EXECVE msg=audit(1795248630.001:7): a0="${'x'.repeat(10_000)}" a1="${'y'.repeat(10_000)}"\n`;
    const commands = events(read(long.repeat(500), 'auditd')).map(({ details }) => String(details.command).length);
    expect(Math.max(...commands)).toBeLessThanOrEqual(16_384);
  });
});

describe('the journal as JSON', () => {
  const entry = (more: Record<string, unknown>): string =>
    JSON.stringify({
      __REALTIME_TIMESTAMP: '1795248630001000',
      _HOSTNAME: 'web-1',
      SYSLOG_IDENTIFIER: 'sshd',
      ...more,
    });

  it('reads messages as it does those of syslog', () => {
    const failed = 'Failed password for invalid user admin from 203.0.113.7 port 4022 ssh2';
    const lines = [
      entry({ MESSAGE: failed, _PID: '811' }),
      entry({ MESSAGE: [...Buffer.from(failed)] }),
      entry({ SYSLOG_IDENTIFIER: 'sudo', MESSAGE: '  alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id' }),
      entry({ MESSAGE: null }),
      entry({ MESSAGE: ['a', 'b'] }),
    ];
    const results = read(lines.join('\n'));
    expect(summary(results)).toEqual([
      'login failed failed admin 203.0.113.7',
      'login failed failed admin 203.0.113.7',
      'shell_command sudo ok alice -',
      'other - - - -',
      'other - - - -',
    ]);
    expect(events(results)[0]).toMatchObject({ source: 'web-1', timeMs: 1_795_248_630_001, details: { pid: '811' } });
  });

  it('refuses an entry whose time is none', () => {
    expect(rejections(read(entry({ __REALTIME_TIMESTAMP: 'now', MESSAGE: 'x' }), 'json'))).toEqual([
      '1: no time: expected __REALTIME_TIMESTAMP in microseconds since 1970',
    ]);
  });

  it('takes any entry', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (time, message, host) => {
        const text = JSON.stringify({ __REALTIME_TIMESTAMP: time, MESSAGE: message, _HOSTNAME: host });
        expect(read(text, 'json')).toHaveLength(1);
      }),
    );
  });
});

describe('CloudTrail', () => {
  const call = (eventName: string, more: Record<string, unknown>) =>
    events(
      read(
        JSON.stringify({
          eventVersion: '1.08',
          eventTime: '2026-11-21T07:00:00Z',
          eventSource: 'iam.amazonaws.com',
          eventName,
          userIdentity: { type: 'IAMUser', userName: 'mallory' },
          ...more,
        }),
        'cloudtrail',
      ),
    )[0];

  it('says what was given to whom', () => {
    const policyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    expect(call('AttachUserPolicy', { requestParameters: { userName: 'mallory', policyArn } })).toMatchObject({
      event_type: 'role_change',
      actor: 'mallory',
      resource_id: 'AdministratorAccess',
      details: { target: 'mallory' },
    });
    const removed = call('DetachUserPolicy', { requestParameters: { userName: 'mallory', policyArn } });
    expect(removed?.details.target).toBeUndefined();
    expect(call('AddUserToGroup', { requestParameters: { userName: 'bob', groupName: 'ops' } })).toMatchObject({
      resource_id: 'ops',
      details: { target: 'bob' },
    });
  });

  it('says how much was read, what was a secret, and what was refused', () => {
    expect(call('GetObject', { additionalEventData: { bytesTransferredOut: 2e8 } })).toMatchObject({
      event_type: 'data_access',
      bytes: 2e8,
    });
    expect(call('GetParameter', { requestParameters: { name: 'db', withDecryption: true } })?.event_type).toBe(
      'credential_access',
    );
    expect(call('GetParameter', { requestParameters: { name: 'db' } })?.event_type).toBe('api_call');
    expect(call('ListUsers', { errorCode: 'AccessDenied' })).toMatchObject({
      success: false,
      details: { status: 403 },
    });
  });
});

it.each([
  [
    4771,
    { TargetUserName: 'bob', Status: '0x18', IpAddress: '::ffff:10.0.0.5' },
    'login kerberos_preauthentication failed bob 10.0.0.5',
  ],
  [4768, { TargetUserName: 'bob', Status: '0x6', IpAddress: '10.0.0.5' }, 'login kerberos_ticket failed bob 10.0.0.5'],
  [4768, { TargetUserName: 'bob', Status: '0x0', IpAddress: '10.0.0.5' }, 'other - - - 10.0.0.5'],
  [4776, { TargetUserName: 'bob', Status: '0xc000006a' }, 'login attempt - bob -'],
  [4740, { TargetUserName: 'bob', SubjectUserName: 'DC1$' }, 'other account_locked - DC1$ -'],
  [4724, { TargetUserName: 'bob', SubjectUserName: 'eve' }, 'config_change password_changed - eve -'],
  [4719, { SubjectUserName: 'eve' }, 'config_change audit_policy_changed - eve -'],
])('Windows event %d', (EventID, fields, expected) => {
  const record = { EventID, Channel: 'Security', Computer: 'dc-1', TimeCreated: '2026-11-21T07:00:00Z', ...fields };
  expect(summary(read(JSON.stringify(record), 'windows'))).toEqual([expected]);
});

it('Windows events as Winlogbeat ships them', () => {
  const record = {
    '@timestamp': '2026-11-21T07:00:00.000Z',
    event: { code: '4625', created: '2026-11-21T07:05:00.000Z' },
    host: { name: 'ws-1' },
    winlog: {
      event_id: 4625,
      channel: 'Security',
      provider_name: 'Microsoft-Windows-Security-Auditing',
      computer_name: 'ws-1',
      event_data: { TargetUserName: 'alice', IpAddress: '10.0.0.5' },
    },
  };
  for (const format of ['auto', 'windows', 'json'] as const) {
    const results = read(`${JSON.stringify(record)}\n`, format);
    expect(summary(results)).toEqual(['login logon failed alice 10.0.0.5']);
    expect(events(results)[0]).toMatchObject({ source: 'ws-1', timeMs: Date.UTC(2026, 10, 21, 7) });
    expect(events(results)[0]?.details).toMatchObject({ EventID: 4625, Channel: 'Security', TargetUserName: 'alice' });
  }
});

it('the system log of Windows cleared, and somebody who adds themselves by identifier', () => {
  const base = { Computer: 'dc-1', TimeCreated: '2026-11-21T07:00:00Z', SubjectUserName: 'eve' };
  expect(summary(read(JSON.stringify({ ...base, EventID: 104, Channel: 'System' }), 'windows'))).toEqual([
    'config_change audit_log_cleared ok eve -',
  ]);
  const sid = {
    SubjectUserSid: 'S-1-5-21-1',
    MemberSid: 'S-1-5-21-1',
    MemberName: '-',
    TargetUserName: 'Administrators',
  };
  expect(detailsOf(JSON.stringify({ ...base, ...sid, EventID: 4732, Channel: 'Security' }), 'windows')[0]?.target).toBe(
    'eve',
  );
});

it('finds fields however a tool spells their names', () => {
  const csv = '\uFEFFTimestamp;User Name;Source IP;Event\r\n21.11.2026 07:00:00;alice;10.0.0.5;login_failed\r\n';
  expect(summary(read(csv, 'auto', { zone: 'Europe/Berlin' }))).toEqual(['login - failed alice 10.0.0.5']);
  expect(events(read(csv, 'csv', { zone: 'Europe/Berlin' }))[0]?.timeMs).toBe(Date.UTC(2026, 10, 21, 6));
  const json =
    '{"Timestamp":"2026/11/21 07:00:00","UserName":"bob","ClientIP":"10.0.0.6","StatusCode":500,"Level":"Error"}';
  expect(summary(read(json, 'json'))).toEqual(['other - failed bob 10.0.0.6']);
  // An exact name is better than one spelled otherwise.
  expect(summary(read('{"ts":1795248630,"User":"x","user":"bob"}', 'json'))).toEqual(['other - - bob -']);
});
