// Changing a rule from the screen.
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { detections } from './detections-state.ts';

type Changes = Omit<CallInput<'rules.update'>, 'id'>;

/** What everything that changes a rule does: says so, or says why not. */
export async function changeRule(rule: RuleFull, changes: Changes, said: string): Promise<boolean> {
  try {
    await call('rules.update', { id: rule.id, revision: rule.revision, ...changes });
    toasts.show({ text: said });
    void detections.load();
    return true;
  } catch (error) {
    toasts.show({ text: failureWords(error), tone: 'warn' });
    return false;
  }
}
