// Judges a password while it is typed. The word lists weigh 400 kB and are fetched when the field is first shown; until they are there
// the rules that need none are shown alone, and the console judges again in any case.

import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import {
  brokenRules,
  type CommonPasswords,
  loadCommonPasswords,
  loadStrengthMeter,
  passwordRules,
  type PasswordRule as RuleName,
  type StrengthMeter,
} from '../../../src-shared/password-rules.ts';
import type { PasswordRule, PasswordStrength } from '../../ui/controls/PasswordField.tsx';

interface Lists {
  readonly common: CommonPasswords;
  readonly meter: StrengthMeter;
}

const noCommon: CommonPasswords = new Set();

const strengthWords = [
  'Very weak: guessed at once',
  'Weak: guessed within a day',
  'Fair: withstands slow guessing',
  'Good: withstands fast guessing',
  'Strong: out of reach of guessing',
] as const;

/** The list's words finish "a password needs …"; as points of a list two of them read better like this. */
const ruleWords: Partial<Record<RuleName, string>> = {
  common: 'Not a well-known password',
  username: 'Without the user name',
};

function wordsOf(rule: RuleName): string {
  const words = ruleWords[rule] ?? passwordRules[rule];
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function useLists(): Lists | undefined {
  const [lists, setLists] = useState<Lists>();
  useEffect(() => {
    let isGone = false;
    Promise.all([loadCommonPasswords(), loadStrengthMeter()]).then(
      ([common, meter]) => {
        if (!isGone) setLists({ common, meter });
      },
      // Without the lists the form still works; the console has the last word.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, []);
  return lists;
}

export interface JudgedPassword {
  readonly rules: readonly PasswordRule[];
  readonly strength: PasswordStrength | undefined;
  readonly isAllowed: boolean;
}

/** Rules and strength of what is typed. The meter follows a moment later, so that typing never waits for it. */
export function useJudgedPassword(password: string, username: string): JudgedPassword {
  const lists = useLists();
  const broken = useMemo(
    () => new Set<RuleName>(brokenRules(password, username, lists?.common ?? noCommon)),
    [password, username, lists],
  );
  const strength = useStrength(password, username, lists?.meter);
  return {
    rules: (Object.keys(passwordRules) as RuleName[])
      .filter((rule) => rule !== 'too_long' || broken.has(rule))
      .map((rule) => ({ id: rule, label: wordsOf(rule), isMet: password !== '' && !broken.has(rule) })),
    strength,
    isAllowed: broken.size === 0,
  };
}

export function useStrength(
  password: string,
  username: string,
  meter: StrengthMeter | undefined,
): PasswordStrength | undefined {
  const settled = useDeferredValue(password);
  return useMemo(() => {
    if (settled === '' || meter === undefined) return undefined;
    const score = meter(settled, username);
    return { score, words: strengthWords[score] };
  }, [settled, username, meter]);
}
