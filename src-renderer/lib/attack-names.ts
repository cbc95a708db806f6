// Names of ATT&CK's techniques, by the tactic that each is shown under, so that nobody needs the network to know what T1110 is.
// An id that is not here is shown as the bare id.

export interface Technique {
  readonly name: string;
  readonly tactic: string;
}

/** In the order of the matrix: a line for each technique under its tactic. One that serves several stands under the first that asks for it. */
const matrix: readonly (readonly [tactic: string, techniques: string])[] = [
  [
    'Reconnaissance',
    `T1595 Active Scanning
T1592 Gather Victim Host Information
T1589 Gather Victim Identity Information
T1590 Gather Victim Network Information
T1591 Gather Victim Org Information
T1598 Phishing for Information
T1597 Search Closed Sources
T1596 Search Open Technical Databases
T1593 Search Open Websites/Domains
T1594 Search Victim-Owned Websites`,
  ],
  [
    'Resource Development',
    `T1650 Acquire Access
T1583 Acquire Infrastructure
T1586 Compromise Accounts
T1584 Compromise Infrastructure
T1587 Develop Capabilities
T1585 Establish Accounts
T1588 Obtain Capabilities
T1608 Stage Capabilities`,
  ],
  [
    'Initial Access',
    `T1659 Content Injection
T1189 Drive-by Compromise
T1190 Exploit Public-Facing Application
T1133 External Remote Services
T1200 Hardware Additions
T1566 Phishing
T1091 Replication Through Removable Media
T1195 Supply Chain Compromise
T1199 Trusted Relationship
T1078 Valid Accounts
T1669 Wi-Fi Networks`,
  ],
  [
    'Execution',
    `T1651 Cloud Administration Command
T1059 Command and Scripting Interpreter
T1609 Container Administration Command
T1610 Deploy Container
T1203 Exploitation for Client Execution
T1559 Inter-Process Communication
T1106 Native API
T1053 Scheduled Task/Job
T1648 Serverless Execution
T1129 Shared Modules
T1072 Software Deployment Tools
T1569 System Services
T1204 User Execution
T1047 Windows Management Instrumentation`,
  ],
  [
    'Persistence',
    `T1098 Account Manipulation
T1197 BITS Jobs
T1547 Boot or Logon Autostart Execution
T1037 Boot or Logon Initialization Scripts
T1176 Software Extensions
T1554 Compromise Host Software Binary
T1136 Create Account
T1543 Create or Modify System Process
T1546 Event Triggered Execution
T1574 Hijack Execution Flow
T1525 Implant Internal Image
T1556 Modify Authentication Process
T1112 Modify Registry
T1137 Office Application Startup
T1653 Power Settings
T1542 Pre-OS Boot
T1505 Server Software Component
T1205 Traffic Signaling`,
  ],
  [
    'Privilege Escalation',
    `T1548 Abuse Elevation Control Mechanism
T1134 Access Token Manipulation
T1484 Domain or Tenant Policy Modification
T1611 Escape to Host
T1068 Exploitation for Privilege Escalation
T1055 Process Injection`,
  ],
  [
    'Defense Evasion',
    `T1612 Build Image on Host
T1622 Debugger Evasion
T1140 Deobfuscate/Decode Files or Information
T1006 Direct Volume Access
T1480 Execution Guardrails
T1211 Exploitation for Defense Evasion
T1222 File and Directory Permissions Modification
T1564 Hide Artifacts
T1562 Impair Defenses
T1656 Impersonation
T1070 Indicator Removal
T1202 Indirect Command Execution
T1036 Masquerading
T1578 Modify Cloud Compute Infrastructure
T1666 Modify Cloud Resource Hierarchy
T1601 Modify System Image
T1599 Network Boundary Bridging
T1027 Obfuscated Files or Information
T1647 Plist File Modification
T1620 Reflective Code Loading
T1207 Rogue Domain Controller
T1014 Rootkit
T1553 Subvert Trust Controls
T1218 System Binary Proxy Execution
T1216 System Script Proxy Execution
T1221 Template Injection
T1127 Trusted Developer Utilities Proxy Execution
T1535 Unused/Unsupported Cloud Regions
T1497 Virtualization/Sandbox Evasion
T1600 Weaken Encryption
T1220 XSL Script Processing`,
  ],
  [
    'Credential Access',
    `T1557 Adversary-in-the-Middle
T1110 Brute Force
T1555 Credentials from Password Stores
T1212 Exploitation for Credential Access
T1187 Forced Authentication
T1606 Forge Web Credentials
T1056 Input Capture
T1111 Multi-Factor Authentication Interception
T1621 Multi-Factor Authentication Request Generation
T1040 Network Sniffing
T1003 OS Credential Dumping
T1528 Steal Application Access Token
T1649 Steal or Forge Authentication Certificates
T1558 Steal or Forge Kerberos Tickets
T1539 Steal Web Session Cookie
T1552 Unsecured Credentials`,
  ],
  [
    'Discovery',
    `T1087 Account Discovery
T1010 Application Window Discovery
T1217 Browser Information Discovery
T1580 Cloud Infrastructure Discovery
T1538 Cloud Service Dashboard
T1526 Cloud Service Discovery
T1619 Cloud Storage Object Discovery
T1613 Container and Resource Discovery
T1652 Device Driver Discovery
T1482 Domain Trust Discovery
T1083 File and Directory Discovery
T1615 Group Policy Discovery
T1654 Log Enumeration
T1046 Network Service Discovery
T1135 Network Share Discovery
T1201 Password Policy Discovery
T1120 Peripheral Device Discovery
T1069 Permission Groups Discovery
T1057 Process Discovery
T1012 Query Registry
T1018 Remote System Discovery
T1518 Software Discovery
T1082 System Information Discovery
T1614 System Location Discovery
T1016 System Network Configuration Discovery
T1049 System Network Connections Discovery
T1033 System Owner/User Discovery
T1007 System Service Discovery
T1124 System Time Discovery`,
  ],
  [
    'Lateral Movement',
    `T1210 Exploitation of Remote Services
T1534 Internal Spearphishing
T1570 Lateral Tool Transfer
T1563 Remote Service Session Hijacking
T1021 Remote Services
T1080 Taint Shared Content
T1550 Use Alternate Authentication Material`,
  ],
  [
    'Collection',
    `T1560 Archive Collected Data
T1123 Audio Capture
T1119 Automated Collection
T1185 Browser Session Hijacking
T1115 Clipboard Data
T1530 Data from Cloud Storage
T1602 Data from Configuration Repository
T1213 Data from Information Repositories
T1005 Data from Local System
T1039 Data from Network Shared Drive
T1025 Data from Removable Media
T1074 Data Staged
T1114 Email Collection
T1113 Screen Capture
T1125 Video Capture`,
  ],
  [
    'Command and Control',
    `T1071 Application Layer Protocol
T1092 Communication Through Removable Media
T1132 Data Encoding
T1001 Data Obfuscation
T1568 Dynamic Resolution
T1573 Encrypted Channel
T1008 Fallback Channels
T1665 Hide Infrastructure
T1105 Ingress Tool Transfer
T1104 Multi-Stage Channels
T1095 Non-Application Layer Protocol
T1571 Non-Standard Port
T1572 Protocol Tunneling
T1090 Proxy
T1219 Remote Access Tools
T1102 Web Service`,
  ],
  [
    'Exfiltration',
    `T1020 Automated Exfiltration
T1030 Data Transfer Size Limits
T1048 Exfiltration Over Alternative Protocol
T1041 Exfiltration Over C2 Channel
T1011 Exfiltration Over Other Network Medium
T1052 Exfiltration Over Physical Medium
T1567 Exfiltration Over Web Service
T1029 Scheduled Transfer
T1537 Transfer Data to Cloud Account`,
  ],
  [
    'Impact',
    `T1531 Account Access Removal
T1485 Data Destruction
T1486 Data Encrypted for Impact
T1565 Data Manipulation
T1491 Defacement
T1561 Disk Wipe
T1667 Email Bombing
T1499 Endpoint Denial of Service
T1657 Financial Theft
T1495 Firmware Corruption
T1490 Inhibit System Recovery
T1498 Network Denial of Service
T1496 Resource Hijacking
T1489 Service Stop
T1529 System Shutdown/Reboot`,
  ],
];

/** Those that detectors point at often. */
const parts: Readonly<Record<string, string>> = {
  'T1003.001': 'LSASS Memory',
  'T1003.002': 'Security Account Manager',
  'T1003.003': 'NTDS',
  'T1021.001': 'Remote Desktop Protocol',
  'T1021.002': 'SMB/Windows Admin Shares',
  'T1021.004': 'SSH',
  'T1027.010': 'Command Obfuscation',
  'T1036.005': 'Match Legitimate Resource Name or Location',
  'T1053.003': 'Cron',
  'T1053.005': 'Scheduled Task',
  'T1055.001': 'Dynamic-link Library Injection',
  'T1059.001': 'PowerShell',
  'T1059.003': 'Windows Command Shell',
  'T1059.004': 'Unix Shell',
  'T1059.005': 'Visual Basic',
  'T1059.006': 'Python',
  'T1059.007': 'JavaScript',
  'T1070.001': 'Clear Windows Event Logs',
  'T1070.006': 'Timestomp',
  'T1071.001': 'Web Protocols',
  'T1071.004': 'DNS',
  'T1078.002': 'Domain Accounts',
  'T1078.003': 'Local Accounts',
  'T1078.004': 'Cloud Accounts',
  'T1098.004': 'SSH Authorized Keys',
  'T1110.001': 'Password Guessing',
  'T1110.002': 'Password Cracking',
  'T1110.003': 'Password Spraying',
  'T1110.004': 'Credential Stuffing',
  'T1136.001': 'Local Account',
  'T1218.005': 'Mshta',
  'T1218.010': 'Regsvr32',
  'T1218.011': 'Rundll32',
  'T1505.003': 'Web Shell',
  'T1543.003': 'Windows Service',
  'T1546.003': 'Windows Management Instrumentation Event Subscription',
  'T1547.001': 'Registry Run Keys / Startup Folder',
  'T1548.002': 'Bypass User Account Control',
  'T1548.003': 'Sudo and Sudo Caching',
  'T1550.001': 'Application Access Token',
  'T1550.002': 'Pass the Hash',
  'T1552.001': 'Credentials In Files',
  'T1558.003': 'Kerberoasting',
  'T1562.001': 'Disable or Modify Tools',
  'T1562.002': 'Disable Windows Event Logging',
  'T1562.004': 'Disable or Modify System Firewall',
  'T1562.008': 'Disable or Modify Cloud Logs',
  'T1564.001': 'Hidden Files and Directories',
  'T1565.001': 'Stored Data Manipulation',
  'T1566.001': 'Spearphishing Attachment',
  'T1569.002': 'Service Execution',
  'T1574.001': 'DLL',
  'T1595.002': 'Vulnerability Scanning',
};

const techniques = new Map<string, Technique>();
for (const [tactic, lines] of matrix) {
  for (const line of lines.split('\n')) {
    const at = line.indexOf(' ');
    techniques.set(line.slice(0, at), { name: line.slice(at + 1), tactic });
  }
}

export const tactics: readonly string[] = matrix.map(([tactic]) => tactic);

export function findTechnique(id: string): Technique | undefined {
  const written = id.toUpperCase();
  const whole = techniques.get(written.slice(0, 5));
  if (whole === undefined || !written.includes('.')) return whole;
  const part = Object.hasOwn(parts, written) ? parts[written] : undefined;
  return part === undefined ? undefined : { name: part, tactic: whole.tactic };
}
