// Rule packs: whole sets of rules, imported in parts, compared with what is there, switched together, signed for others.
import { z } from 'zod';
import { none, operation, permission } from './grammar.ts';
import { chosenState } from './rules.ts';
import { done, instant, nothing, page, uuid } from './values.ts';

export const packId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, { error: 'expected lower-case letters, digits and dashes, such as sigma-core' });
/** Path of a rule file in its pack: relative, without dots that lead elsewhere. */
export const rulePath = z
  .string()
  .max(400)
  .regex(/^(?!\.)[^\\\p{Cc}]+\.ya?ml$/u, { error: 'expected a relative path that ends in .yml' })
  .refine((path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), {
    error: 'expected a relative path without empty parts, . and ..',
  });

const pack = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['built_in', 'own', 'imported']),
  version: z.string(),
  state: chosenState,
  rules: z.int(),
  refused: z.int(),
  sha256: z.string().nullable().describe('over the paths and digests of its files'),
  signer: z.string().nullable().describe('verifier key of whoever signed it'),
  signature: z.enum(['none', 'own', 'known', 'unknown']),
  imported_at: instant.nullable(),
  imported_by: z.string().nullable(),
});
export type RulePack = z.output<typeof pack>;

const packChange = z.strictObject({
  path: z.string(),
  kind: z.enum(['added', 'changed', 'removed']),
  title: z.string().nullable(),
});
const packOutcome = z.strictObject({
  pack: z.string(),
  written: z.boolean(),
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  unchanged: z.int(),
  changes: z.array(packChange).describe('the first 1,000'),
  refused: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  signature: pack.shape.signature,
});
export type PackOutcome = z.output<typeof packOutcome>;

const packProgress = z.strictObject({
  phase: z.enum(['receiving', 'unpacking', 'checking', 'writing', 'finished']),
  /** Of `receiving` bytes, otherwise rule files; a total of 0 is not known yet. */
  done: z.int(),
  total: z.int(),
});
export type PackProgress = z.output<typeof packProgress>;

const read = permission('detections.read');
const manage = permission('detections.manage');
const packs = '/api/v1/admin/rule-packs';

export const packsOperations = {
  'packs.list': operation({
    summary: 'Rule packs: built in, your own, and imported ones with their signature',
    method: 'GET',
    path: packs,
    access: read,
    input: nothing,
    output: z.strictObject({ items: z.array(pack), next_cursor: z.null() }),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'packs.files': operation({
    summary: 'The files of a pack as they are, by path',
    method: 'GET',
    path: `${packs}/{id}/files`,
    access: read,
    input: z.strictObject({
      id: packId,
      cursor: z.string().max(800).optional().describe('next_cursor of the page before'),
    }),
    output: page(z.strictObject({ path: z.string(), text: z.string() })),
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'packs.update': operation({
    summary: 'Switch a whole pack on, off, or to simulation; rules with a state of their own keep it',
    method: 'PATCH',
    path: `${packs}/{id}`,
    access: manage,
    input: z.strictObject({ id: packId, state: chosenState }),
    output: pack,
    audit: 'rule_pack_update',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
  'packs.delete': operation({
    summary: 'Delete an imported pack with its rules and their versions',
    method: 'DELETE',
    path: `${packs}/{id}`,
    access: manage,
    input: z.strictObject({ id: packId }),
    output: done,
    audit: 'rule_pack_delete',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'packs.begin': operation({
    summary: 'Begin importing a pack; its files follow in parts',
    method: 'POST',
    path: `${packs}/imports`,
    access: manage,
    input: z.strictObject({
      pack: packId,
      name: z.string().trim().min(1).max(200),
      version: z.string().trim().max(100).default(''),
      signed: z.string().max(20_000).optional().describe('the DSSE envelope of a signed pack'),
      signer: z.string().max(1000).optional().describe('verifier key that the signature must be of'),
    }),
    output: z.strictObject({ id: uuid, signature: pack.shape.signature }),
    audit: none('the finished import is the entry'),
    effect: 'task',
    rate: 'general',
    window: true,
    success: 201,
  }),
  'packs.append': operation({
    summary: 'Send some of the files of a pack, at most 1 MiB at once',
    method: 'POST',
    path: `${packs}/imports/{id}/files`,
    access: manage,
    input: z.strictObject({
      id: uuid,
      files: z.array(z.strictObject({ path: rulePath, text: z.string().max(900_000) })).max(2000),
      unreadable: z
        .array(z.strictObject({ path: z.string().min(1).max(400), reason: z.string().min(1).max(500) }))
        .max(2000)
        .default([])
        .describe('files that are no rule’s text, such as one that is too large; named with the refused ones'),
    }),
    output: z.strictObject({ files: z.int(), bytes: z.int() }),
    audit: none('the finished import is the entry'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'packs.archive': operation({
    summary:
      'Send the next bytes of a zip, a .tar.gz or a single rule, at most 1 MiB at once; unpack it when all are sent',
    method: 'PUT',
    path: `${packs}/imports/{id}/archive/{offset}`,
    access: manage,
    body: 'bytes',
    input: z.strictObject({ id: uuid, offset: z.int().min(0), data: z.instanceof(Uint8Array) }),
    output: z.strictObject({ bytes: z.int() }),
    audit: none('the finished import is the entry'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'packs.unpack': operation({
    summary: 'Take the rule files out of the bytes that were sent; other files in an archive are passed over',
    method: 'POST',
    path: `${packs}/imports/{id}/unpack`,
    access: manage,
    input: z.strictObject({ id: uuid, name: z.string().min(1).max(400).describe('of the file') }),
    output: z.strictObject({ files: z.int(), bytes: z.int() }),
    audit: none('the finished import is the entry'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'packs.progress': operation({
    summary: 'How far an import is',
    method: 'GET',
    path: `${packs}/imports/{id}`,
    access: manage,
    input: z.strictObject({ id: uuid }),
    output: packProgress,
    audit: none('an ordinary read'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'packs.compare': operation({
    summary: 'One file of an import beside the one that it would replace',
    method: 'POST',
    path: `${packs}/imports/{id}/compare`,
    access: manage,
    input: z.strictObject({ id: uuid, path: z.string().max(400) }),
    output: z.strictObject({ before: z.string().nullable(), after: z.string().nullable() }),
    audit: none('changes nothing'),
    effect: 'read',
    rate: 'general',
    window: true,
  }),
  'packs.discard': operation({
    summary: 'Give an import up, also while its rules are being checked; the pack stays as it is',
    method: 'DELETE',
    path: `${packs}/imports/{id}`,
    access: manage,
    input: z.strictObject({ id: uuid }),
    output: done,
    audit: none('nothing was changed'),
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'packs.finish': operation({
    summary: 'Say what the import would change, or do it; names each rule that is refused, with the reason',
    method: 'POST',
    path: `${packs}/imports/{id}/finish`,
    access: manage,
    input: z.strictObject({
      id: uuid,
      write: z.boolean().describe('false: only compare; the import stays open'),
      state: chosenState.optional().describe('of a pack that is new; on unless said'),
    }),
    output: packOutcome,
    audit: 'rule_pack_import',
    effect: 'task',
    rate: 'general',
    window: true,
  }),
  'packs.export': operation({
    summary:
      'What goes into a signed pack: a DSSE envelope that names every file with its digest, by the console’s key',
    method: 'POST',
    path: `${packs}/{id}/export`,
    access: manage,
    input: z.strictObject({ id: packId }),
    output: z.strictObject({ signed: z.string() }),
    audit: 'rule_pack_export',
    effect: 'write',
    rate: 'general',
    window: true,
  }),
};
