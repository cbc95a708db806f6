// Names of the ATT&CK techniques that detectors point at, so that nobody needs the network to know what T1110.003 is.
// An id that is not here is shown as the bare id.

export interface Technique {
  readonly name: string;
  readonly tactic: string;
}

const techniques: Readonly<Record<string, Technique>> = {
  T1046: { name: 'Network Service Discovery', tactic: 'Discovery' },
  T1048: { name: 'Exfiltration Over Alternative Protocol', tactic: 'Exfiltration' },
  T1059: { name: 'Command and Scripting Interpreter', tactic: 'Execution' },
  'T1059.001': { name: 'PowerShell', tactic: 'Execution' },
  'T1059.004': { name: 'Unix Shell', tactic: 'Execution' },
  'T1059.007': { name: 'JavaScript', tactic: 'Execution' },
  T1070: { name: 'Indicator Removal', tactic: 'Defense Evasion' },
  'T1070.001': { name: 'Clear Windows Event Logs', tactic: 'Defense Evasion' },
  'T1070.006': { name: 'Timestomp', tactic: 'Defense Evasion' },
  T1078: { name: 'Valid Accounts', tactic: 'Initial Access' },
  'T1078.004': { name: 'Cloud Accounts', tactic: 'Initial Access' },
  T1083: { name: 'File and Directory Discovery', tactic: 'Discovery' },
  T1098: { name: 'Account Manipulation', tactic: 'Persistence' },
  'T1098.004': { name: 'SSH Authorized Keys', tactic: 'Persistence' },
  T1110: { name: 'Brute Force', tactic: 'Credential Access' },
  'T1110.001': { name: 'Password Guessing', tactic: 'Credential Access' },
  'T1110.002': { name: 'Password Cracking', tactic: 'Credential Access' },
  'T1110.003': { name: 'Password Spraying', tactic: 'Credential Access' },
  'T1110.004': { name: 'Credential Stuffing', tactic: 'Credential Access' },
  T1136: { name: 'Create Account', tactic: 'Persistence' },
  T1190: { name: 'Exploit Public-Facing Application', tactic: 'Initial Access' },
  T1213: { name: 'Data from Information Repositories', tactic: 'Collection' },
  T1505: { name: 'Server Software Component', tactic: 'Persistence' },
  'T1505.003': { name: 'Web Shell', tactic: 'Persistence' },
  T1548: { name: 'Abuse Elevation Control Mechanism', tactic: 'Privilege Escalation' },
  'T1548.003': { name: 'Sudo and Sudo Caching', tactic: 'Privilege Escalation' },
  T1550: { name: 'Use Alternate Authentication Material', tactic: 'Lateral Movement' },
  T1552: { name: 'Unsecured Credentials', tactic: 'Credential Access' },
  T1555: { name: 'Credentials from Password Stores', tactic: 'Credential Access' },
  T1562: { name: 'Impair Defenses', tactic: 'Defense Evasion' },
  'T1562.008': { name: 'Disable or Modify Cloud Logs', tactic: 'Defense Evasion' },
  T1565: { name: 'Data Manipulation', tactic: 'Impact' },
  T1567: { name: 'Exfiltration Over Web Service', tactic: 'Exfiltration' },
  T1595: { name: 'Active Scanning', tactic: 'Reconnaissance' },
  'T1595.002': { name: 'Vulnerability Scanning', tactic: 'Reconnaissance' },
};

export function findTechnique(id: string): Technique | undefined {
  const written = id.toUpperCase();
  return Object.hasOwn(techniques, written) ? techniques[written] : undefined;
}
