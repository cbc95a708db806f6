// Refusals: how a "no" is named, worded and carried. RFC 9457 on the wire; the same object over IPC. The rows stand in the contract.

export type ProblemRow = { readonly status: number; readonly title: string };

/** RFC 9457 problem details, plus `error` (the same sentence as `detail`, for simple clients) and field errors. */
export type ProblemBody = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly error: string;
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
  readonly retry_after_seconds?: number;
  readonly incident_id?: string;
};

export type ProblemExtras = Pick<ProblemBody, 'fields' | 'retry_after_seconds' | 'incident_id'>;
