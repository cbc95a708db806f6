// What `[audit]` makes of anchors: those that are set, ready to be used, or what is wrong with the settings.
import { readFileSync } from 'node:fs';
import { FormatError } from '../../../src-shared/evidence/format-error.ts';
import { readAuthorities, TimeStampError } from '../../../src-shared/evidence/stamps/time-stamp.ts';
import type { Anchor } from '../../core/features/audit/index.ts';
import type { Clock, Randomness } from '../../core/ports.ts';
import { type Settings, SettingsError } from '../../core/settings.ts';
import { createAnchorFile } from './anchor-file.ts';
import { type AnchorLine, createAnchorLine } from './anchor-request.ts';
import { createS3Anchor } from './s3.ts';
import { createTimestampAnchor } from './timestamp.ts';
import { createWebhookAnchor } from './webhook.ts';
import { createWitnessAnchor } from './witness.ts';

export type AnchorsParts = {
  readonly settings: Settings['audit'];
  profileFolder(): string;
  s3SecretKey(): string | undefined;
  webhookSecret(): string | undefined;
  readonly clock: Clock;
  readonly random: Randomness;
};

/** @throws SettingsError when one that is set can't be made */
export function createAnchors(parts: AnchorsParts): Anchor[] {
  const { settings, clock } = parts;
  const ca = settings.anchor_ca_file === undefined ? undefined : readText('anchor_ca_file', settings.anchor_ca_file);
  const line = createAnchorLine({ ca });
  const anchors = [
    ...(settings.anchor_file === undefined
      ? []
      : [createAnchorFile({ path: settings.anchor_file, profileFolder: parts.profileFolder })]),
    ...settings.anchor_witness.map((text) => witnessOf(text, line)),
    ...timestampOf(parts, line),
    ...s3Of(parts, line),
    ...(settings.anchor_webhook === undefined
      ? []
      : [createWebhookAnchor({ address: settings.anchor_webhook, secret: parts.webhookSecret, clock, line })]),
  ];
  const twice = anchors.find(({ name }, i) => anchors.findIndex((other) => other.name === name) < i);
  if (twice !== undefined) throw new SettingsError(`settings: the anchor ${twice.name} is set twice`);
  return anchors;
}

function witnessOf(text: string, line: AnchorLine): Anchor {
  const [address = '', key = ''] = text.split(' ');
  try {
    return createWitnessAnchor({ address, key, line });
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new SettingsError(`settings: audit.anchor_witness: the key of ${address} cannot be used: ${cause.reason}`, {
      cause,
    });
  }
}

function timestampOf({ settings, random }: AnchorsParts, line: AnchorLine): Anchor[] {
  const { anchor_timestamp_url: address, anchor_timestamp_ca_file: file } = settings;
  if (address === undefined) return [];
  if (file === undefined) {
    throw new SettingsError(
      'settings: audit.anchor_timestamp_url needs audit.anchor_timestamp_ca_file: the CA of the authority, in PEM form, which its time stamps are checked by',
    );
  }
  try {
    const authorities = readAuthorities(readText('anchor_timestamp_ca_file', file));
    const everyMs = settings.anchor_timestamp_minutes * 60_000;
    return [createTimestampAnchor({ address, authorities, everyMs, random, line })];
  } catch (cause) {
    if (!(cause instanceof TimeStampError)) throw cause;
    throw new SettingsError(`settings: audit.anchor_timestamp_ca_file: ${file}: ${cause.message}`, { cause });
  }
}

function s3Of({ settings, s3SecretKey, clock }: AnchorsParts, line: AnchorLine): Anchor[] {
  const { anchor_s3_endpoint: endpoint, anchor_s3_bucket: bucket, anchor_s3_access_key_id: accessKeyId } = settings;
  if (endpoint === undefined && bucket === undefined) return [];
  if (endpoint === undefined || bucket === undefined || accessKeyId === undefined) {
    throw new SettingsError(
      'settings: an anchor in S3 needs audit.anchor_s3_endpoint, audit.anchor_s3_bucket and audit.anchor_s3_access_key_id, and the secret key in GATEHOUSE_ANCHOR_S3_SECRET_KEY',
    );
  }
  return [
    createS3Anchor({
      endpoint,
      bucket,
      region: settings.anchor_s3_region,
      prefix: settings.anchor_s3_prefix,
      accessKeyId,
      secretKey: s3SecretKey,
      lockMode: settings.anchor_s3_lock_mode,
      lockDays: settings.anchor_s3_lock_days,
      clock,
      line,
    }),
  ];
}

function readText(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new SettingsError(`settings: audit.${key}: ${path} cannot be read${code === '' ? '' : ` (${code})`}`, {
      cause,
    });
  }
}
