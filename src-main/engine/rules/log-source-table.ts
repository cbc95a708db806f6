// Which events the log sources of public rules mean: Sigma's taxonomy appendix, and the map that the rule repository's own tests
// use, as data. Reading and applying it is log-source.ts; users add their own in log-source-file.ts.
import type { LogSourceEntry } from './log-source-entry.ts';

const sysmon = 'Microsoft-Windows-Sysmon/Operational';
const powershell = ['Microsoft-Windows-PowerShell/Operational', 'PowerShellCore/Operational'];

/** Windows services by channel. */
const channels: Readonly<Record<string, readonly string[]>> = {
  application: ['Application'],
  'application-experience': [
    'Microsoft-Windows-Application-Experience/Program-Telemetry',
    'Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant',
  ],
  applocker: [
    'Microsoft-Windows-AppLocker/MSI and Script',
    'Microsoft-Windows-AppLocker/EXE and DLL',
    'Microsoft-Windows-AppLocker/Packaged app-Deployment',
    'Microsoft-Windows-AppLocker/Packaged app-Execution',
  ],
  'appmodel-runtime': ['Microsoft-Windows-AppModel-Runtime/Admin'],
  'appxdeployment-server': ['Microsoft-Windows-AppXDeploymentServer/Operational'],
  'appxpackaging-om': ['Microsoft-Windows-AppxPackaging/Operational'],
  bitlocker: ['Microsoft-Windows-BitLocker/BitLocker Management'],
  'bits-client': ['Microsoft-Windows-Bits-Client/Operational'],
  capi2: ['Microsoft-Windows-CAPI2/Operational'],
  'certificateservicesclient-lifecycle-system': [
    'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational',
  ],
  'codeintegrity-operational': ['Microsoft-Windows-CodeIntegrity/Operational'],
  dhcp: ['Microsoft-Windows-DHCP-Server/Operational'],
  'diagnosis-scripted': ['Microsoft-Windows-Diagnosis-Scripted/Operational'],
  'dns-client': ['Microsoft-Windows-DNS Client Events/Operational'],
  'dns-server': ['DNS Server'],
  'dns-server-analytic': ['Microsoft-Windows-DNS-Server/Analytical'],
  'dns-server-audit': ['Microsoft-Windows-DNS-Server/Audit'],
  'driver-framework': ['Microsoft-Windows-DriverFrameworks-UserMode/Operational'],
  'firewall-as': ['Microsoft-Windows-Windows Firewall With Advanced Security/Firewall'],
  'hyper-v-worker': ['Microsoft-Windows-Hyper-V-Worker'],
  'iis-configuration': ['Microsoft-IIS-Configuration/Operational'],
  'kernel-event-tracing': ['Microsoft-Windows-Kernel-EventTracing'],
  'kernel-shimengine': [
    'Microsoft-Windows-Kernel-ShimEngine/Operational',
    'Microsoft-Windows-Kernel-ShimEngine/Diagnostic',
  ],
  ldap: ['Microsoft-Windows-LDAP-Client/Debug'],
  'lsa-server': ['Microsoft-Windows-LSA/Operational'],
  'microsoft-servicebus-client': ['Microsoft-ServiceBus-Client/Operational', 'Microsoft-ServiceBus-Client/Admin'],
  'msexchange-management': ['MSExchange Management'],
  ntfs: ['Microsoft-Windows-Ntfs/Operational'],
  ntlm: ['Microsoft-Windows-NTLM/Operational'],
  openssh: ['OpenSSH/Operational'],
  powershell,
  'powershell-classic': ['Windows PowerShell'],
  'printservice-admin': ['Microsoft-Windows-PrintService/Admin'],
  'printservice-operational': ['Microsoft-Windows-PrintService/Operational'],
  security: ['Security'],
  'security-mitigations': [
    'Microsoft-Windows-Security-Mitigations/Kernel Mode',
    'Microsoft-Windows-Security-Mitigations/User Mode',
  ],
  sense: ['Microsoft-Windows-SENSE/Operational'],
  'servicebus-client': ['Microsoft-ServiceBus-Client/Operational', 'Microsoft-ServiceBus-Client/Admin'],
  'shell-core': ['Microsoft-Windows-Shell-Core/Operational'],
  'smbclient-connectivity': ['Microsoft-Windows-SmbClient/Connectivity'],
  'smbclient-security': ['Microsoft-Windows-SmbClient/Security'],
  'smbserver-connectivity': ['Microsoft-Windows-SMBServer/Connectivity'],
  sysmon: [sysmon],
  system: ['System'],
  taskscheduler: ['Microsoft-Windows-TaskScheduler/Operational'],
  'terminalservices-localsessionmanager': ['Microsoft-Windows-TerminalServices-LocalSessionManager/Operational'],
  vhdmp: ['Microsoft-Windows-VHDMP/Operational'],
  windefend: ['Microsoft-Windows-Windows Defender/Operational'],
  wmi: ['Microsoft-Windows-WMI-Activity/Operational'],
};

/** Windows categories by channel and event id. */
const categories: Readonly<Record<string, readonly [channels: readonly string[], ids: readonly number[]]>> = {
  process_creation: [[sysmon], [1]],
  file_change: [[sysmon], [2]],
  network_connection: [[sysmon], [3]],
  sysmon_status: [[sysmon], [4, 16]],
  process_termination: [[sysmon], [5]],
  driver_load: [[sysmon], [6]],
  image_load: [[sysmon], [7]],
  create_remote_thread: [[sysmon], [8]],
  raw_access_thread: [[sysmon], [9]],
  process_access: [[sysmon], [10]],
  file_event: [[sysmon], [11]],
  registry_event: [[sysmon], [12, 13, 14]],
  registry_add: [[sysmon], [12]],
  registry_delete: [[sysmon], [12]],
  registry_set: [[sysmon], [13]],
  registry_rename: [[sysmon], [14]],
  create_stream_hash: [[sysmon], [15]],
  pipe_created: [[sysmon], [17, 18]],
  wmi_event: [[sysmon], [19, 20, 21]],
  dns_query: [[sysmon], [22]],
  file_delete: [[sysmon], [23]],
  clipboard_capture: [[sysmon], [24]],
  clipboard_change: [[sysmon], [24]],
  process_tampering: [[sysmon], [25]],
  file_delete_detected: [[sysmon], [26]],
  file_block_executable: [[sysmon], [27]],
  file_block_shredding: [[sysmon], [28]],
  file_executable_detected: [[sysmon], [29]],
  sysmon_error: [[sysmon], [255]],
  ps_module: [powershell, [4103]],
  ps_script: [powershell, [4104]],
  ps_classic_start: [['Windows PowerShell'], [400]],
  ps_classic_provider_start: [['Windows PowerShell'], [600]],
  ps_classic_script: [['Windows PowerShell'], [800]],
};

/** Programs by the tag of their syslog lines. */
const programs: Readonly<Record<string, readonly string[]>> = {
  sshd: ['sshd', 'sshd-session', 'sshd-auth'],
  sudo: ['sudo'],
  cron: ['cron', 'crond'],
  clamav: ['clamav', 'clamd', 'freshclam', 'clamscan'],
  guacamole: ['guacamole', 'guacd'],
  vsftpd: ['vsftpd'],
  auditd: ['audit', 'auditd', 'audispd'],
};

/** What Sigma calls the fields of a web server's log, on our access-log events. */
const webFields: Readonly<Record<string, readonly string[]>> = {
  'c-ip': ['ip_address'],
  'cs-method': ['action'],
  'cs-uri': ['path', 'query'],
  'cs-uri-query': ['path', 'query'],
  'cs-uri-stem': ['path'],
  'cs-user-agent': ['user_agent'],
  'c-useragent': ['user_agent'],
  'cs-referer': ['referer'],
  'cs-referrer': ['referer'],
  'cs-host': ['source'],
  'cs-username': ['actor'],
  'sc-status': ['status'],
  'sc-bytes': ['bytes'],
};

function web(head: Pick<LogSourceEntry, 'product' | 'category' | 'service'>): LogSourceEntry {
  return {
    ...head,
    alternatives: [
      { conditions: [{ field: 'resource_type', values: ['url'] }], fields: webFields },
      // Records that carry the W3C names already, as IIS writes them.
      { conditions: [{ field: 'cs-method', exists: true }] },
    ],
  };
}

function programEntry(product: string, service: string | undefined, apps: readonly string[]): LogSourceEntry {
  return { product, service, alternatives: [{ conditions: [{ field: 'app', values: apps }] }] };
}

function existing(head: Pick<LogSourceEntry, 'product' | 'category' | 'service'>, ...fields: string[]): LogSourceEntry {
  return { ...head, alternatives: [{ conditions: fields.map((field) => ({ field, exists: true })) }] };
}

export const standardLogSources: readonly LogSourceEntry[] = [
  { product: 'gatehouse', alternatives: [{ conditions: [] }] },
  existing({ product: 'windows' }, 'EventID'),
  ...Object.entries(channels).map(([service, values]) => ({
    product: 'windows',
    service,
    alternatives: [{ conditions: [{ field: 'Channel', values }] }],
  })),
  ...Object.entries(categories).map(([category, [values, ids]]) => ({
    product: 'windows',
    category,
    alternatives: [
      {
        conditions: [
          { field: 'Channel', values },
          { field: 'EventID', values: ids.map(String) },
        ],
      },
    ],
  })),
  ...['file_access', 'file_rename'].map((category) => ({
    product: 'windows',
    category,
    alternatives: [{ conditions: [{ field: 'Provider_Name', values: ['Microsoft-Windows-Kernel-File'] }] }],
  })),
  {
    category: 'antivirus',
    alternatives: [
      {
        conditions: [
          { field: 'Channel', values: ['Microsoft-Windows-Windows Defender/Operational'] },
          {
            field: 'EventID',
            values: [1006, 1007, 1008, 1009, 1010, 1011, 1012, 1017, 1018, 1019, 1115, 1116].map(String),
          },
        ],
        fields: { Signature: ['ThreatName'], Filename: ['Path'] },
      },
      { conditions: [{ field: 'Signature', exists: true }] },
    ],
  },
  existing({ product: 'linux' }, 'app'),
  existing({ product: 'linux', service: 'auth' }, 'app'),
  existing({ product: 'linux', service: 'syslog' }, 'app'),
  ...Object.entries(programs)
    .filter(([service]) => service !== 'auditd')
    .map(([service, apps]) => programEntry('linux', service, apps)),
  {
    product: 'linux',
    service: 'auditd',
    alternatives: [
      { conditions: [{ field: 'app', values: programs.auditd ?? [] }] },
      // auditd's own lines: a record type and the serial number of the event.
      {
        conditions: [
          { field: 'type', exists: true },
          { field: 'msg', exists: true },
        ],
      },
      {
        conditions: [
          { field: 'type', exists: true },
          { field: 'audit_id', exists: true },
        ],
      },
    ],
  },
  ...Object.entries({ process_creation: 1, network_connection: 3, file_event: 11 }).map(([category, id]) => ({
    product: 'linux',
    category,
    alternatives: [
      {
        conditions: [
          { field: 'Channel', values: ['Linux-Sysmon/Operational'] },
          { field: 'EventID', values: [String(id)] },
        ],
      },
    ],
  })),
  web({ category: 'webserver' }),
  web({ service: 'apache' }),
  web({ service: 'nginx' }),
  existing({ category: 'proxy' }, 'c-uri'),
  existing({ product: 'aws', service: 'cloudtrail' }, 'eventSource', 'awsRegion'),
  existing({ product: 'okta', service: 'okta' }, 'debugContext'),
  existing({ product: 'kubernetes', service: 'audit' }, 'verb', 'objectRef'),
  existing({ product: 'kubernetes', category: 'application', service: 'audit' }, 'verb', 'objectRef'),
  existing({ product: 'bitbucket', service: 'audit' }, 'auditType'),
  existing({ product: 'opencanary', category: 'application' }, 'logtype', 'node_id'),
  ...['dns', 'http', 'dce_rpc', 'kerberos', 'rdp', 'smb_files', 'x509'].map((service) => ({
    product: 'zeek',
    service,
    alternatives: [{ conditions: [{ field: '_path', values: [service] }] }],
  })),
];
