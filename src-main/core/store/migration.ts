/** A step of a feature's tables, numbered from 1 without gaps within the feature, frozen once released, plain SQL. */
export type Migration = { readonly version: number; readonly sql: string };
