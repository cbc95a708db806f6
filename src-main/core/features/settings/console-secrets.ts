// The console's own secrets and what belongs to them: the only list. A row is all that a further one needs to be asked of Vault, read
// from the environment, shown and watched.

type Row = {
  /** As it stands in the list of settings. */
  readonly name: string;
  /** Under `secret/data/gatehouse/` in Vault, in the field `value`. */
  readonly key: string;
  /** In the environment. */
  readonly variable: string;
  /** Its value is never shown. */
  readonly secret: boolean;
  /**
   * `kept`: in memory while the console runs, watched for changes.
   * `fetched`: asked for when it's needed and not kept (the master key is the key ring's alone, and zeroed when the vault is locked).
   */
  readonly hold: 'kept' | 'fetched';
};

const rows = [
  {
    name: 'encryption.master_key',
    key: 'encryption-key',
    variable: 'GATEHOUSE_ENCRYPTION_KEY',
    secret: true,
    hold: 'fetched',
  },
  {
    name: 'audit.signing_secret',
    key: 'audit-signing-secret',
    variable: 'AUDIT_SIGNING_SECRET',
    secret: true,
    hold: 'kept',
  },
  {
    name: 'audit.anchor_s3_secret_key',
    key: 'audit-anchor-s3-secret-key',
    variable: 'GATEHOUSE_ANCHOR_S3_SECRET_KEY',
    secret: true,
    hold: 'kept',
  },
  {
    name: 'audit.anchor_webhook_secret',
    key: 'audit-anchor-webhook-secret',
    variable: 'GATEHOUSE_ANCHOR_WEBHOOK_SECRET',
    secret: true,
    hold: 'kept',
  },
  {
    name: 'mirrors.otlp_headers',
    key: 'mirrors-otlp-headers',
    variable: 'GATEHOUSE_MIRROR_OTLP_HEADERS',
    secret: true,
    hold: 'kept',
  },
  {
    name: 'tls.certificate_file',
    key: 'tls-certificate-file',
    variable: 'GATEHOUSE_TLS_CERT',
    secret: false,
    hold: 'kept',
  },
  { name: 'tls.key_file', key: 'tls-key-file', variable: 'GATEHOUSE_TLS_KEY', secret: false, hold: 'kept' },
  { name: 'tls.password', key: 'tls-password', variable: 'GATEHOUSE_TLS_PASSWORD', secret: true, hold: 'kept' },
] as const satisfies readonly Row[];

export type ConsoleSecretName = (typeof rows)[number]['name'];
export type ConsoleSecret = Row & { readonly name: ConsoleSecretName };

export const consoleSecrets: readonly ConsoleSecret[] = rows;
