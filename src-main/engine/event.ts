// The normalised event: what every log format and the API end in, and what rules address. Field names are the wire's
// (spec 05), so that a rule, a search and an API answer say the same. Reading fields for rules is in field.ts.

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * The event types that our parsers produce and the built-in rules know. An API client may send others; rules can address them.
 * `success` says how it went: true, false, or absent where the line doesn't tell.
 */
export const eventTypes = {
  login:
    'somebody proved, or tried to prove, who they are; action `attempt` (no success) announces a line with the outcome',
  logout: 'a session ended',
  credential_access: 'a secret, key or password store was read',
  api_call: 'a request to a web server or API; details.status is the answer',
  tool_execution: 'an agent or automation ran a tool',
  shell_command: 'a command was run or refused; details.command is the command line',
  role_change: 'roles, permissions or group membership changed; details.target is whose, actor is by whom',
  user_create: 'an account was made; resource_id is its name',
  user_delete: 'an account was removed; resource_id is its name',
  data_access: 'records were read; bytes or details.records say how much',
  data_export: 'data left: download, export, upload to elsewhere; bytes says how much',
  query: 'a database or search query',
  config_change: 'settings, policies or logging changed',
  process_start: 'a process started; details.command is the command line',
  other: 'anything else; action and details.message say what',
} as const;

export interface Event {
  /** UUID. Imported records get theirs from record-id.ts. */
  readonly id: string;
  /** Milliseconds UTC. Rules see it as `time`, an RFC 3339 text. */
  readonly timeMs: number;
  /** Who recorded it: a host, a service, an API client. */
  readonly source: string;
  readonly event_type: string;
  readonly actor?: string;
  readonly success?: boolean;
  readonly ip_address?: string;
  readonly user_agent?: string;
  readonly resource_type?: string;
  readonly resource_id?: string;
  readonly action?: string;
  readonly session_id?: string;
  readonly trace_id?: string;
  /** Bytes moved to the actor. */
  readonly bytes?: number;
  /** The API key whose signature over it was verified. Set by intake alone; what a sender writes there never gets here. */
  readonly signed_by?: string;
  readonly details: JsonObject;
}

export type EventDraft = { -readonly [Key in keyof Event]?: Event[Key] } & { details: Record<string, JsonValue> };

/** The most characters a text field may have; the contract refuses longer ones, parsers cut them. */
export const fieldLimits = {
  source: 200,
  event_type: 100,
  actor: 256,
  ip_address: 64,
  user_agent: 1024,
  resource_type: 100,
  resource_id: 1024,
  action: 200,
  session_id: 200,
  trace_id: 200,
} as const;
export type TextField = keyof typeof fieldLimits;

/** `text` in at most `limit` characters; the last one is then an ellipsis. */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
