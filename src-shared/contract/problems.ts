// One row per refusal: its stable code, HTTP status and title. Codes are API: they never change meaning.
import type { ProblemBody, ProblemExtras, ProblemRow } from '../problem.ts';

export const problems = {
  'request/invalid': { status: 422, title: 'The request does not fit the schema' },
  'request/malformed': { status: 400, title: 'The request could not be read' },
  'request/not-found': { status: 404, title: 'There is nothing at this address' },
  'request/method': { status: 405, title: 'This address does not answer that method' },
  'request/too-large': { status: 413, title: 'The request is too large' },
  'request/media-type': { status: 415, title: 'This media type is not accepted here' },
  'request/host': { status: 421, title: 'This console does not answer to that host name' },
  'request/cross-site': { status: 403, title: 'The request came from another site' },
  'request/idempotency-reused': { status: 422, title: 'The idempotency key was used with another body' },
  'request/idempotency-done': { status: 409, title: 'This was done; what it answered is shown once' },
  'limits/rate': { status: 429, title: 'Too many requests' },
  'limits/streams': { status: 503, title: 'Too many streams' },
  'console/not-set-up': { status: 503, title: 'The console is not set up yet' },
  'console/stopping': { status: 503, title: 'The console is stopping' },
  'console/locked': { status: 503, title: 'The vault is locked' },
  'console/busy': { status: 503, title: 'The store is being worked on' },
  'console/store-failed': { status: 503, title: 'The store could not be written' },
  internal: { status: 500, title: 'Something went wrong inside Gatehouse' },
  'access/unauthenticated': { status: 401, title: 'Sign in, or send a valid key' },
  'access/credentials': { status: 401, title: 'User name or password is wrong' },
  'access/code': { status: 401, title: 'The code is wrong' },
  'access/forbidden': { status: 403, title: 'This principal may not do that' },
  'access/cross-workspace': { status: 403, title: 'This belongs to another workspace' },
  'access/step-up': { status: 403, title: 'Show the second factor again' },
  'access/enrolment-required': { status: 403, title: 'Enrol a second factor first' },
  'access/locked': { status: 403, title: 'The console window is locked' },
  'access/backing-off': { status: 429, title: 'Too many failed attempts on this account' },
  'access/mfa-already-on': { status: 409, title: 'A second factor is already enrolled' },
  'access/mfa-not-started': { status: 409, title: 'No enrolment is under way' },
  'access/password-rules': { status: 422, title: 'The password does not meet the rules' },
  'access/key-not-found': { status: 404, title: 'No such API key' },
  'access/key-scope': { status: 403, title: 'A key can never grant more than its maker has' },
  'access/session-not-found': { status: 404, title: 'No such session' },
  'setup/claimed': { status: 409, title: 'Setup was already claimed' },
  'setup/link': { status: 401, title: 'This setup link is not valid' },
  'setup/done': { status: 409, title: 'The console is already set up' },
  'setup/order': { status: 409, title: 'Another setup step comes first' },
  'setup/keychain': { status: 409, title: 'No usable keychain on this computer' },
  'events/signature': { status: 401, title: 'The signature of an event is missing or wrong' },
  'events/import-not-found': { status: 404, title: 'No such import' },
  'events/import-offset': { status: 409, title: 'The chunk does not continue the file' },
  'events/import-format': { status: 422, title: 'This file is not a log that Gatehouse can read' },
  'search/not-found': { status: 404, title: 'No such saved search' },
  'search/full': { status: 409, title: 'Too many saved searches' },
  'alerts/not-found': { status: 404, title: 'No such alert' },
  'alerts/state': { status: 409, title: 'The alert is not in a state for that' },
  'alerts/count': { status: 409, title: 'Other alerts match than were shown' },
  'alerts/undo': { status: 409, title: 'This change can no longer be taken back' },
  'detections/look-not-found': { status: 404, title: 'No such look back is under way' },
  'detections/cancelled': { status: 409, title: 'The look back was cancelled' },
  'detections/busy': { status: 409, title: 'Too many look backs at once' },
  'rules/not-found': { status: 404, title: 'No such rule' },
  'rules/invalid': { status: 422, title: 'The rule has errors' },
  'rules/changed': { status: 409, title: 'The rule was changed meanwhile' },
  'rules/fixed': { status: 409, title: 'This rule belongs to a pack' },
  'rules/pack-not-found': { status: 404, title: 'No such rule pack' },
  'rules/import': { status: 409, title: 'No such import of a rule pack is under way' },
  'rules/archive': { status: 422, title: 'The file cannot be read as rules' },
  'rules/signature': { status: 422, title: 'The signature of the rule pack is wrong' },
  'rules/mapping-none': { status: 404, title: 'No mapping of log sources' },
  'rules/mapping': { status: 422, title: 'The mapping of log sources cannot be used' },
  'rules/exception': { status: 422, title: 'This exception cannot be made' },
  'retention/not-found': { status: 404, title: 'No such legal hold' },
  'subjects/unknown': { status: 404, title: 'Nothing is kept about this subject' },
  'subjects/erased': { status: 409, title: 'The subject was erased already' },
  'secrets/not-found': { status: 404, title: 'No such secret' },
  'secrets/exists': { status: 409, title: 'A secret of that name is there already' },
  'secrets/state': { status: 409, title: 'The secret is not in a state for that' },
  'secrets/value': { status: 422, title: 'The value does not fit the type of the secret' },
  'secrets/granted': { status: 403, title: 'This secret is limited to others' },
  'secrets/import': { status: 422, title: 'The file could not be imported' },
  'encryption/busy': { status: 409, title: 'Another rotation is under way' },
  'encryption/task': { status: 409, title: 'No rotation is in a state for that' },
  'encryption/protection': { status: 409, title: 'The master key cannot be kept that way here' },
  'encryption/wrong-key': { status: 401, title: 'That does not open the vault' },
  'encryption/not-locked': { status: 409, title: 'The vault is not locked' },
  'backups/not-found': { status: 404, title: 'No such backup' },
  'backups/encryption-required': { status: 422, title: 'Backups must be encrypted here' },
  'backups/busy': { status: 409, title: 'Another backup or restore is under way' },
  'backups/cancelled': { status: 409, title: 'The backup was cancelled' },
  'backups/damaged': { status: 422, title: 'The backup is not what was written' },
  'backups/key': { status: 422, title: 'This key or passphrase does not open the backup' },
  'backups/other-console': { status: 409, title: 'The backup is of another console' },
  'backups/newer': { status: 409, title: 'The backup was made by a newer Gatehouse' },
  'backups/upload': { status: 409, title: 'The upload does not go on there' },
  'backups/folder': { status: 422, title: 'The folder for backups cannot be used' },
  'frameworks/no-evidence': { status: 422, title: 'Nothing in the log is evidence for this control' },
  'audit/range': { status: 422, title: 'The range holds no entries' },
  'bundles/not-found': { status: 404, title: 'No such bundle' },
  'bundles/state': { status: 409, title: 'The bundle is not in a state for that' },
  'bundles/busy': { status: 409, title: 'Too many bundles are being made' },
  'bundles/attachment': { status: 422, title: 'The file cannot be attached' },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof problems;

/** A refusal: thrown inside, answered as `application/problem+json`. `detail` says what to do and holds no secret. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, options: ProblemExtras & { cause?: unknown } = {}) {
    const { cause, ...extras } = options;
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.extras = extras;
  }
}

/** The wire form of a refusal. */
export function problemBody(error: ProblemError): ProblemBody {
  const row = problems[error.code];
  return {
    type: `urn:gatehouse:problem:${error.code}`,
    title: row.title,
    status: row.status,
    code: error.code,
    detail: error.message,
    error: error.message,
    ...error.extras,
  };
}
