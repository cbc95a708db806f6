// Settings: the only list of them, their bounds and defaults, and how flag, environment, file and default are put together.
// Reading the file and the environment is the shells' business.
import { z } from 'zod';
import { inWords } from '../../src-shared/contract/issue-words.ts';
import { nearestName } from '../../src-shared/nearest.ts';
import { addressRanges, plainAddress } from '../base/addresses.ts';
import { isTimeZone } from '../base/time-zones.ts';
import { type MirrorTarget, MirrorTargetError, parseOtlpTarget, parseSyslogTarget } from './mirror-targets.ts';
import type { RateRule } from './ports.ts';

const minutes = (least: number, most: number) => z.int().min(least).max(most);
const count = (most: number) => z.int().min(1).max(most);

const address = z.string().refine((text) => plainAddress(text) !== undefined, {
  error: 'expected an IP address of this computer, such as 127.0.0.1',
});
const range = z.string().refine(isRange, { error: 'expected an address or a range such as 10.0.0.0/8' });
// Never a wildcard: this API carries credentials.
const origin = z
  .string()
  .refine((text) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text, {
    error: 'expected an exact origin such as https://tools.example.org',
  });
const vaultAddress = z.string().max(1000).refine(isVaultAddress, {
  error: 'expected https://HOST:PORT; http:// only for this computer (localhost, 127.0.0.1, [::1])',
});
/** Parts of a path in Vault: no empty ones, no dots that a proxy would resolve. */
const vaultPath = z
  .string()
  .max(500)
  .refine((text) => text.split('/').every((part) => /^[\w@:+=~-][\w.@:+=~-]*$/.test(part)), {
    error: 'expected names with / between them, without one at either end',
  });
// Like Vault: evidence goes there and what comes back is believed, so TLS, unless the bytes never leave this computer.
const anchorAddress = z.string().max(1000).refine(isVaultAddress, {
  error: 'expected https://HOST[:PORT][/PATH]; http:// only for this computer (localhost, 127.0.0.1, [::1])',
});
const witness = z
  .string()
  .max(2000)
  .refine(
    (text) => {
      const [address = '', key = '', ...rest] = text.split(' ');
      return rest.length === 0 && isVaultAddress(address) && /^[^+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(key);
    },
    { error: 'expected the address of a witness, a space and its verifier key: https://HOST/PATH NAME+ID+KEY' },
  );
const filePath = z.string().min(1).max(1000);
const mirrorTarget = (parse: (text: string) => MirrorTarget) =>
  z
    .string()
    .max(2000)
    .superRefine((text, context) => {
      try {
        parse(text);
      } catch (error) {
        if (!(error instanceof MirrorTargetError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    });
const headerText = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[\x21-\x7e]+$/, { error: 'expected printable ASCII without spaces' });

const sections = {
  api: z.strictObject({
    port: z.int().min(0).max(65_535).default(9443),
    addresses: z.array(address).min(1).default(['127.0.0.1', '::1']),
    host_names: z.array(z.string()).default([]),
    trusted_proxies: z.array(range).default([]),
    cors_origins: z.array(origin).default([]),
    tls_1_3_only: z.boolean().default(false),
    xss_protection_header: z.boolean().default(false),
  }),
  auth: z.strictObject({
    method: z.enum(['local'], { error: 'only local is there yet' }).default('local'),
    session_timeout_minutes: minutes(1, 1_440).default(30),
    session_absolute_hours: z.int().min(1).max(168).default(12),
    max_sessions_per_user: count(100).default(5),
    mfa_required: z.enum(['optional', 'admins', 'all']).default('admins'),
    idle_lock_minutes: minutes(1, 240).default(10),
  }),
  rate_limit: z.strictObject({
    requests_per_minute: count(1_000_000).default(1000),
    login_requests_per_minute: count(10_000).default(30),
    burst: count(1_000_000).optional(),
    login_burst: count(10_000).optional(),
  }),
  encryption: z.strictObject({
    key_rotation_days: count(3_650).default(90),
  }),
  // Where checkpoints go that this console can't rewrite; each place that is set is used. Credentials never stand here.
  audit: z.strictObject({
    checkpoint_interval_seconds: z.int().min(1).max(60).default(60),
    anchor_file: filePath.optional(),
    anchor_witness: z.array(witness).max(20).default([]),
    anchor_timestamp_url: z
      .string()
      .max(1000)
      .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), {
        error: 'expected the address of a time-stamp authority: https://HOST/PATH or http://HOST/PATH',
      })
      .optional(),
    anchor_timestamp_ca_file: filePath.optional(),
    anchor_timestamp_minutes: minutes(1, 10_080).default(60),
    anchor_webhook: anchorAddress.optional(),
    anchor_s3_endpoint: anchorAddress.optional(),
    anchor_s3_bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'expected the name of a bucket' })
      .optional(),
    anchor_s3_region: headerText.default('us-east-1'),
    anchor_s3_prefix: z
      .string()
      .max(200)
      .regex(/^[\w-]+(\/[\w-]+)*$/, { error: 'expected names of letters, digits, - and _ with / between them' })
      .default('checkpoints'),
    anchor_s3_access_key_id: headerText.optional(),
    anchor_s3_lock_mode: z.enum(['compliance', 'governance']).default('compliance'),
    anchor_s3_lock_days: z.int().min(1).max(36_500).default(365),
    anchor_ca_file: filePath.optional(),
  }),
  // Copies of the audit log, alerts and events in files beside the store and in other systems. Credentials never stand here.
  mirrors: z.strictObject({
    files: z.boolean().default(true),
    file_max_mb: count(4_096).default(16),
    file_count: count(1_000).default(8),
    syslog: z.array(mirrorTarget(parseSyslogTarget)).max(10).default([]),
    otlp: z.array(mirrorTarget(parseOtlpTarget)).max(10).default([]),
    ca_file: filePath.optional(),
    client_cert_file: filePath.optional(),
    client_key_file: filePath.optional(),
  }),
  // How long audit entries are kept, in days (spec 07); the categories' types stand in contract/retention.ts.
  retention: z.strictObject({
    auto_delete_expired: z.boolean().default(false),
    pii_days: count(36_500).default(90),
    security_events_days: count(36_500).default(365),
    api_calls_days: count(36_500).default(90),
    tool_executions_days: count(36_500).default(180),
    credential_access_days: count(36_500).default(365),
    compliance_days: count(36_500).default(2_555),
    // Of what tools send, from when it was received.
    events_days: count(36_500).default(365),
    // Warned of below so much free space where the store lies; 0: never.
    low_disk_mib: z.int().min(0).max(100_000_000).default(512),
  }),
  backup: z.strictObject({
    encryption: z.enum(['required', 'optional']).default('optional'),
    schedule: z.enum(['off', 'day', 'week']).default('day'),
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a time of day such as 02:30' })
      .default('02:30'),
    folder: z.string().max(1000).optional(),
    keep_daily: count(366).default(7),
    keep_weekly: z.int().min(0).max(520).default(4),
    keep_monthly: z.int().min(0).max(240).default(12),
  }),
  breach_detection: z.strictObject({
    failed_login_threshold: count(100_000).default(10),
    failed_login_window_minutes: minutes(1, 1_440).default(5),
    slow_login_threshold: count(100_000).default(5),
    overall_login_threshold: count(100_000).default(10),
    spraying_users_threshold: count(100_000).default(5),
    stuffing_addresses_threshold: count(100_000).default(5),
    data_exfiltration_threshold_mb: count(10_000_000).default(100),
    refused_calls_threshold: count(100_000).default(5),
    secret_reads_threshold: count(100_000).default(50),
    data_exfiltration_threshold_records: count(1_000_000_000).default(10_000),
    unusual_volume_times: count(1_000).default(5),
    id_scan_threshold: count(100_000).default(20),
    unusual_access_score: z.int().min(30).max(100).default(50),
    unusual_access_minimum_days: z.int().min(3).max(60).default(7),
    impossible_travel_speed_kmh: z.int().min(1_000).max(100_000).default(1_000),
    log_silence_minutes: minutes(5, 10_080).default(60),
    change_window_from_hour: z.int().min(0).max(23).default(6),
    change_window_to_hour: z.int().min(1).max(24).default(18),
    // Without it the list in the rule itself counts.
    allowed_programs: z
      .array(z.string().regex(/^[\w.+-]{1,60}$/, { error: 'expected names of programs without folders' }))
      .min(1)
      .max(1_000)
      .optional(),
    geoip_file: filePath.optional(),
  }),
  events: z.strictObject({
    // Of log lines that name none; without it that of this computer.
    time_zone: z
      .string()
      .refine(isTimeZone, { error: 'expected a time zone such as Europe/Berlin or +02:00' })
      .optional(),
    // How far the time of a signed event may be from the console's clock.
    signed_max_age_hours: count(8_760).default(24),
    signed_max_ahead_minutes: minutes(0, 1_440).default(5),
  }),
  // Credentials for it never stand in the file: VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID.
  vault: z.strictObject({
    enabled: z.boolean().default(true),
    address: vaultAddress.optional(),
    namespace: headerText.optional(),
    ca_file: z.string().max(1000).optional(),
    mount: vaultPath.default('secret'),
    path: vaultPath.default('gatehouse'),
    approle_mount: vaultPath.default('approle'),
    kubernetes_mount: vaultPath.default('kubernetes'),
    kubernetes_role: headerText.optional(),
    kubernetes_token_file: z.string().max(1000).default('/var/run/secrets/kubernetes.io/serviceaccount/token'),
    timeout_seconds: z.int().min(1).max(60).default(5),
    check_seconds: z.int().min(5).max(3_600).default(60),
  }),
} as const;

export type Settings = { readonly [S in keyof typeof sections]: z.output<(typeof sections)[S]> };

/** Where a setting came from, nearest first. */
export type SettingOrigin = 'flag' | 'environment' | 'file' | 'default';

export type SettingSource = {
  readonly origin: Exclude<SettingOrigin, 'default'>;
  /** `section.key` to value; environment values are text and are read by the setting's type. */
  readonly values: ReadonlyMap<string, unknown>;
  /** For people: the variable or file that `name` stands in. */
  readonly placeOf?: (name: string) => string;
};

export type ResolvedSettings = {
  readonly settings: Settings;
  readonly origins: ReadonlyMap<string, SettingOrigin>;
  /** Variable or file, of those that come from one. */
  readonly places: ReadonlyMap<string, string>;
};

/** A setting is unknown or out of bounds; the message names each and says what to write. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type SectionName = keyof typeof sections;
const sectionNames = Object.keys(sections) as SectionName[];

/** All settings as `section.key`. */
export const settingNames: readonly string[] = sectionNames.flatMap((section) =>
  Object.keys(sections[section].shape).map((key) => `${section}.${key}`),
);

/** The name a setting has in the environment: `GATEHOUSE_RATE_LIMIT_REQUESTS_PER_MINUTE`. */
export function environmentName(setting: string): string {
  return `GATEHOUSE_${setting.replace('.', '_').toUpperCase()}`;
}

/**
 * Puts the sources together, the first that has a value wins.
 * @throws SettingsError naming every unknown key (with the nearest known one) and every value out of bounds.
 */
export function resolveSettings(sources: readonly SettingSource[]): ResolvedSettings {
  const faults: string[] = [];
  const origins = new Map<string, SettingOrigin>(settingNames.map((name) => [name, 'default']));
  const places = new Map<string, string>();
  const chosen: Record<string, Record<string, unknown>> = Object.fromEntries(sectionNames.map((name) => [name, {}]));
  for (const source of [...sources].reverse()) {
    for (const [name, value] of source.values) {
      if (!origins.has(name)) {
        faults.push(`${name} is not a setting${suggestion(name, settingNames)}`);
        continue;
      }
      const [section = '', key = ''] = name.split('.');
      const place = chosen[section];
      if (place !== undefined) place[key] = source.origin === 'environment' ? fromText(name, String(value)) : value;
      origins.set(name, source.origin);
      const where = source.placeOf?.(name);
      if (where === undefined) places.delete(name);
      else places.set(name, where);
    }
  }
  const settings: Record<string, unknown> = {};
  for (const section of sectionNames) {
    const outcome = sections[section].safeParse(chosen[section], { error: inWords });
    if (outcome.success) settings[section] = outcome.data;
    else for (const issue of outcome.error.issues) faults.push(`${section}.${issue.path.join('.')}: ${issue.message}`);
  }
  if (faults.length > 0) throw new SettingsError(`settings: ${faults.join('; ')}`);
  return { settings: settings as Settings, origins, places };
}

export function settingValue(settings: Settings, name: string): string | number | boolean | string[] | undefined {
  const [section = '', key = ''] = name.split('.');
  return (settings as Record<string, Record<string, string | number | boolean | string[] | undefined>>)[section]?.[key];
}

/** What the rules' parameters are called in the settings. */
export function ruleParameters(settings: Settings): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(settings.breach_detection).flatMap(([key, value]) => {
      if (value === undefined) return [];
      // A list stands in a rule's expression as its alternatives.
      const plain = typeof value === 'object' ? value.map((one) => one.replace(/[.+]/g, '\\$&')).join('|') : value;
      return [[`breach_detection.${key}`, plain] as const];
    }),
  );
}

/** The token buckets of spec 02: general, and the strict one of the login operations. */
export function rateRule({ rate_limit }: Settings, rate: 'general' | 'login'): RateRule {
  const { requests_per_minute, login_requests_per_minute, burst, login_burst } = rate_limit;
  return rate === 'login'
    ? { perMinute: login_requests_per_minute, burst: login_burst ?? login_requests_per_minute }
    : { perMinute: requests_per_minute, burst: burst ?? requests_per_minute };
}

/** Settings that are lists, by their default. */
const lists: ReadonlySet<string> = new Set(
  sectionNames.flatMap((section) =>
    Object.entries(sections[section].parse({}))
      .filter(([, value]) => Array.isArray(value))
      .map(([key]) => `${section}.${key}`),
  ),
);

/** A list is written with commas, and is a list with one entry too. */
function fromText(name: string, text: string): unknown {
  if (lists.has(name)) return text.split(',').map((part) => part.trim());
  // A role or namespace may well be called 2024.
  if (/^-?\d+$/.test(text)) return accepts(name, text) ? text : Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text;
}

function accepts(setting: string, value: unknown): boolean {
  const [section = '', key = ''] = setting.split('.');
  const shape: Record<string, z.ZodType> | undefined = sectionNames.some((name) => name === section)
    ? sections[section as SectionName].shape
    : undefined;
  return shape?.[key]?.safeParse(value).success === true;
}

function isRange(text: string): boolean {
  try {
    addressRanges([text]);
    return true;
  } catch {
    // What is wrong with it is said by the setting's own message.
    return false;
  }
}

// Tokens of the console go there: nothing but TLS, unless the bytes never leave this computer.
function isVaultAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLocal);
}

/** `; did you mean …` where one of `candidates` is near enough. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : `; did you mean ${nearest}`;
}
