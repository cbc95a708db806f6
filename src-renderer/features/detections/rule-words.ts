// Words for what rules are and become.
import type { ChosenState, RuleState } from '../../../src-shared/contract/rules.ts';

export const stateWords: Readonly<Record<RuleState, string>> = {
  on: 'On',
  simulated: 'Simulated',
  off: 'Off',
  refused: 'Refused',
  switched_off: 'Switched off',
};

/** Refused rules are listed by themselves. */
export const listedStates: readonly RuleState[] = ['on', 'simulated', 'off', 'switched_off'];

export const chosenStates: readonly { readonly id: ChosenState; readonly label: string; readonly detail: string }[] = [
  { id: 'on', label: 'On', detail: 'raises alerts' },
  { id: 'simulated', label: 'Simulated', detail: 'raises nothing, counts what it would have' },
  { id: 'off', label: 'Off', detail: 'is not looked at' },
];

export const signatureWords = {
  none: 'not signed',
  own: 'signed by this console',
  known: 'signed by a key that was named',
  unknown: 'signed by a key nobody vouched for',
} as const;

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

export const exceptionSpans = [
  { id: '1', label: '1 day' },
  { id: '7', label: '7 days' },
  { id: '30', label: '30 days' },
  { id: '90', label: '90 days' },
  { id: '365', label: '1 year' },
  { id: 'never', label: 'Never' },
] as const;
export type ExceptionSpan = (typeof exceptionSpans)[number]['id'];
