// Texts of rules that somebody is writing: kept per person until they are saved as a rule or thrown away.
import type { draftsOperations, RuleDraft } from '../../../../src-shared/contract/rule-drafts.ts';
import { instant } from '../../../base/instants.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import { requireUser } from '../../dispatch/principal.ts';
import { type DraftRow, findDraft, keepDraft, removeDraft, removeOldDrafts } from './drafts-table.ts';

/** A person writes a few rules at a time; what is older than so many was given up. */
const mostDrafts = 20;

export const draftHandlers: Handlers<typeof draftsOperations> = {
  'drafts.get'(tx, call, { of }) {
    const row = findDraft(tx, requireUser(call.principal).userId, of);
    return { draft: row === undefined ? null : wireDraft(row) };
  },
  'drafts.save'(tx, call, { of, source, note, number }) {
    const { userId } = requireUser(call.principal);
    const row = { source, note, number, savedAt: call.now };
    keepDraft(tx, userId, of, row);
    removeOldDrafts(tx, userId, mostDrafts);
    return wireDraft(row);
  },
  'drafts.discard'(tx, call, { of }) {
    removeDraft(tx, requireUser(call.principal).userId, of);
    return { ok: true };
  },
};

function wireDraft({ source, note, number, savedAt }: DraftRow): RuleDraft {
  return { source, note, number, saved_at: instant(savedAt) };
}
