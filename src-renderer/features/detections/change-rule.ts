// Changing a rule from the screen.
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { detections } from './detections-state.ts';
import { chosenStates } from './rule-words.ts';

type Changes = Omit<CallInput<'rules.update'>, 'id' | 'revision' | 'source' | 'note'>;

/** What everything that changes a rule does: says so, and how to take it back, or says why not. */
export async function changeRule(rule: RuleFull, changes: Changes, said: string): Promise<boolean> {
  try {
    const { revision } = await call('rules.update', { id: rule.id, revision: rule.revision, ...changes });
    toasts.show({ text: said, undo: () => void takeBack(rule, revision, before(rule, changes)) });
    void detections.load();
    return true;
  } catch (error) {
    toasts.show({ text: failureWords(error), tone: 'warn' });
    return false;
  }
}

/** Refused where somebody else changed the rule since: theirs is the later word. */
async function takeBack(rule: RuleFull, revision: number, changes: Changes): Promise<void> {
  try {
    await call('rules.update', { id: rule.id, revision, ...changes });
    toasts.show({ text: `${rule.title}: as before` });
    void detections.load();
  } catch (error) {
    toasts.show({ text: failureWords(error), tone: 'warn' });
  }
}

/** What the rule had in place of the changes. A rule that was refused or switched off goes by its pack again. */
export function before(rule: RuleFull, changes: Changes): Changes {
  const own = rule.parameters.filter(({ overridden }) => overridden);
  return {
    ...(changes.state === undefined ? {} : { state: chosenStates.find(({ id }) => id === rule.state)?.id ?? null }),
    ...(changes.severity === undefined ? {} : { severity: rule.severity_override }),
    ...(changes.suppression === undefined ? {} : { suppression: rule.suppression }),
    ...(changes.parameters === undefined
      ? {}
      : { parameters: own.length === 0 ? null : Object.fromEntries(own.map(({ name, value }) => [name, value])) }),
  };
}
