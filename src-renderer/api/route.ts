// What the client knows of an operation to call it over HTTPS.
import type { HttpMethod } from '../../src-shared/contract/grammar.ts';

/** Where an operation lives over HTTPS. */
export interface Route {
  readonly method: HttpMethod;
  /** `{name}` segments are fields of the input. */
  readonly path: string;
  readonly body?: 'events' | 'bytes';
  /** The answer is a document, not JSON. */
  readonly answer?: 'text';
}
