// Importing files: read, checked as a whole, then kept in the one transaction of the call. All of it or nothing; a dry run stops before.
import type { Input, Output } from '../../../../src-shared/contract/contract.ts';
import { inWords } from '../../../../src-shared/contract/issue-words.ts';
import { ProblemError } from '../../../../src-shared/contract/problems.ts';
import { type SecretType, secretName, secretsOperations, secretType } from '../../../../src-shared/contract/secrets.ts';
import { type Content, takeContent } from './content.ts';
import { allows } from './grants.ts';
import { findGrants } from './grants-table.ts';
import { readCsv } from './import-csv.ts';
import { readEnv } from './import-env.ts';
import { type ImportFile, type ImportRecord, type LineFault, mostFaults } from './import-file.ts';
import { readFernetJson } from './import-json.ts';
import { invalid, parseInstant } from './parts.ts';
import { findNamed, type Secret } from './secrets-table.ts';
import { keepNew, type NewContent, setVersion, uniqueTags, type Vault } from './vault.ts';

/** One import is one transaction, and everything else of the process waits for it: well under 50 ms. */
const mostRecords = 300;

type Step =
  | { readonly outcome: 'created'; readonly secret: NewContent }
  | {
      readonly outcome: 'rotated';
      readonly secret: Secret;
      readonly content: Content;
      readonly expiresAt: number | undefined;
    }
  | { readonly outcome: 'skipped' };

type Planned = { readonly line: number | undefined; readonly name: string; readonly step: Step };

/** What a record may say of its secret: what `secrets.create` takes, but for the name and what files have no place for. */
const recordFields = secretsOperations['secrets.create'].input
  .omit({ name: true, generate: true, grants: true })
  .extend({ type: secretType.optional() });

/** @throws ProblemError secrets/import naming each line that is wrong (the first 50), request/invalid */
export function importSecrets(vault: Vault, input: Input<'secrets.import'>): Output<'secrets.import'> {
  const { call } = vault;
  const { records, faults } = readFile(input);
  const plan = planAll(vault, input, records, faults);
  if (!input.dry_run) for (const planned of plan) apply(vault, planned);
  const namesOf = (outcome: Step['outcome']): string[] =>
    plan.filter(({ step }) => step.outcome === outcome).map(({ name }) => name);
  const [created, rotated, skipped] = [namesOf('created'), namesOf('rotated'), namesOf('skipped')];
  // Nothing happened in a dry run, or where everything was there: then there is nothing to record.
  if (input.dry_run || created.length + rotated.length === 0) call.entry.type = null;
  call.entry.resource = { type: 'secret', id: null };
  call.entry.details = { format: input.format, created, rotated, skipped: skipped.length };
  return {
    created: created.length,
    rotated: rotated.length,
    skipped: skipped.length,
    items: plan.map(({ line, name, step }) => ({ line: line ?? null, name, outcome: step.outcome })),
  };
}

function readFile({ format, content, fernet_key: key }: Input<'secrets.import'>): ImportFile {
  if (format !== 'fernet_json' && key !== undefined) throw invalid('fernet_key', 'is for format fernet_json only');
  switch (format) {
    case 'env':
      return readEnv(content);
    case 'csv':
      return readCsv(content);
    case 'fernet_json':
      if (key === undefined) throw invalid('fernet_key', 'expected the key that the file was encrypted with');
      return readFernetJson(content, key);
  }
}

function planAll(
  vault: Vault,
  input: Input<'secrets.import'>,
  records: readonly ImportRecord[],
  before: readonly LineFault[],
): Planned[] {
  const path = pathOf(input.path);
  if (records.length > mostRecords) throw refused([{ line: undefined, message: tooMany(records.length) }]);
  const faults: LineFault[] = [...before];
  const plan: Planned[] = [];
  const lines = new Map<string, number | undefined>();
  for (const record of records) {
    if (faults.length >= mostFaults) break;
    const { line } = record;
    const name = path + record.name;
    try {
      if (!secretName.safeParse(name).success) throw new Unusable('expected a name such as db/password');
      if (lines.has(name)) throw new Unusable(`the same name stands on line ${lines.get(name) ?? '?'} already`);
      lines.set(name, line);
      plan.push({ line, name, step: planOne(vault, input.existing, name, record) });
    } catch (error) {
      if (!(error instanceof Unusable) && !(error instanceof ProblemError)) throw error;
      faults.push({ line, message: error.message });
    }
  }
  if (faults.length > 0) throw refused(faults);
  if (plan.length === 0) throw refused([{ line: undefined, message: 'the file holds no secrets' }]);
  return plan;
}

/** @throws Unusable, ProblemError secrets/value */
function planOne(
  { parts, tx, call }: Vault,
  existing: Input<'secrets.import'>['existing'],
  name: string,
  record: ImportRecord,
): Step {
  if (record.fields.value === '') throw new Unusable('has no value');
  const parsed = recordFields.safeParse(record.fields, { error: inWords });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    // The name of an unknown field may be a value that slipped into its place.
    if (issue === undefined || issue.code === 'unrecognized_keys') throw new Unusable('has an unknown field');
    throw new Unusable(`${String(issue.path[0] ?? 'value')}: ${issue.message}`);
  }
  const { type, expires_at: end, ...fields } = parsed.data;
  const expiresAt = end === undefined ? undefined : parseInstant('expires_at', end);
  const secret = findNamed(tx, name, call.now);
  if (secret === undefined) {
    const kept: SecretType = type ?? 'password';
    return {
      outcome: 'created',
      secret: {
        name,
        type: kept,
        content: takeContent(kept, fields, parts.host.random),
        description: fields.description ?? '',
        owner: fields.owner ?? '',
        tags: uniqueTags(fields.tags ?? []),
        expiresAt,
        rotationDays: fields.rotation_days ?? null,
      },
    };
  }
  if (existing === 'skip') return { outcome: 'skipped' };
  if (existing === 'refuse') throw new Unusable('there is a secret of this name already');
  if (!allows(findGrants(tx, secret.id), call.principal, 'manage'))
    throw new Unusable('the secret of this name is limited to others');
  if (type !== undefined && type !== secret.type)
    throw new Unusable(`the secret of this name is of type ${secret.type}`);
  return { outcome: 'rotated', secret, content: takeContent(secret.type, fields, parts.host.random), expiresAt };
}

function apply(vault: Vault, { step }: Planned): void {
  if (step.outcome === 'created') keepNew(vault, step.secret);
  if (step.outcome === 'rotated')
    setVersion(vault, step.secret, step.content, { until: null, expiresAt: step.expiresAt });
}

/** @throws ProblemError request/invalid */
function pathOf(path: string | undefined): string {
  if (path === undefined || path === '') return '';
  const bare = path.endsWith('/') ? path.slice(0, -1) : path;
  if (!secretName.safeParse(bare).success) throw invalid('path', 'expected a path such as imported/');
  return `${bare}/`;
}

/** Why one record can't be kept. */
class Unusable extends Error {
  override readonly name = 'Unusable';
}

function tooMany(count: number): string {
  return `expected at most ${mostRecords} secrets in one file, got ${count}; import it in parts`;
}

function refused(faults: readonly LineFault[]): ProblemError {
  const fields = faults.map(({ line, message }) => ({
    path: line === undefined ? 'content' : `line ${line}`,
    message,
  }));
  const first = fields[0];
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  return new ProblemError('secrets/import', `${first?.path}: ${first?.message}${more}; nothing was imported`, {
    fields,
  });
}
