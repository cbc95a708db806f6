// Programs that run another one given to them: what of their arguments is theirs, and what the other one's.

export interface Wrapper {
  /** Letters of options that take the next word. */
  readonly values?: string;
  /** Long options that do. */
  readonly long?: RegExp;
  /** Words of its own after the options. */
  readonly operands?: number;
  /** What follows is one text for a shell, not words. */
  readonly line?: true;
  /** Options whose value is a line for a shell. */
  readonly lines?: RegExp;
  /** Options with which it runs nothing. */
  readonly runsNothing?: RegExp;
}

export const wrappers: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  [
    'sudo',
    {
      values: 'ughpCDRTrtU',
      long: /^--(?:user|group|host|prompt|close-from|chdir|chroot|command-timeout|role|type|other-user)$/,
      runsNothing: /^-(?:[lvV]|-list|-validate|-version|e|-edit)$/,
    },
  ],
  ['doas', { values: 'uC' }],
  ['pkexec', { long: /^--user$/ }],
  ['env', { values: 'uC', long: /^--(?:unset|chdir)$/, lines: /^(?:-S|--split-string)$/ }],
  ['nohup', {}],
  ['setsid', {}],
  ['exec', { values: 'a' }],
  ['command', { runsNothing: /^-[vV]$/ }],
  ['builtin', {}],
  ['time', { values: 'fo' }],
  ['nice', { values: 'n', long: /^--adjustment$/ }],
  ['ionice', { values: 'cnp' }],
  ['chrt', { values: 'TPD', operands: 1 }],
  ['taskset', { operands: 1 }],
  ['stdbuf', { values: 'ioe' }],
  ['timeout', { values: 'ks', long: /^--(?:kill-after|signal)$/, operands: 1 }],
  ['xargs', { values: 'InPLdEsa', long: /^--(?:arg-file|delimiter|max-args|max-procs|max-lines|replace|max-chars)$/ }],
  ['parallel', { values: 'jNI' }],
  ['chroot', { long: /^--(?:userspec|groups)$/, operands: 1 }],
  ['busybox', {}],
  ['toybox', {}],
  ['unshare', {}],
  ['nsenter', { values: 'tSG' }],
  ['flock', { values: 'wE', lines: /^(?:-c|--command)$/, operands: 1 }],
  ['strace', { values: 'oepsSuPE' }],
  ['ltrace', { values: 'oepsSuE' }],
  ['gosu', { operands: 1 }],
  ['systemd-run', { values: 'pEuMtCHG', long: /^--(?:unit|property|description|slice|uid|gid|setenv|on-\w+)$/ }],
  ['proxychains', { values: 'f' }],
  ['proxychains4', { values: 'f' }],
  ['torify', {}],
  ['fakeroot', {}],
  ['watch', { values: 'n', long: /^--interval$/, line: true }],
  ['ssh', { values: 'BbcDEeFIiJLlmOopQRSWw', operands: 1, line: true }],
  ['su', { values: 'sgGw', lines: /^(?:-c|--command)$/, operands: 1 }],
  ['runuser', { values: 'ugGsw', lines: /^(?:-c|--command)$/ }],
  ['script', { lines: /^(?:-c|--command)$/, operands: 1 }],
]);

export interface Unwrapped {
  /** Where the words of the other program begin. */
  readonly from: number;
  /** Texts that a shell reads. */
  readonly lines: readonly number[];
}

/** @param words of the wrapper, it being the first. */
export function unwrap(wrapper: Wrapper, words: readonly string[]): Unwrapped {
  const lines: number[] = [];
  let at = 1;
  let operands = wrapper.operands ?? 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (wrapper.runsNothing?.test(word) === true) return { from: words.length, lines };
    if (wrapper.lines?.test(word) === true) lines.push(++at);
    else if (/^-./.test(word)) {
      if (takesNext(wrapper, word)) at++;
    } else if (word !== '-' && !/^[A-Za-z_]\w*=/.test(word)) {
      if (operands === 0) break;
      operands--;
    }
  }
  return { from: Math.min(at + (words[at - 1] === '--' ? operands : 0), words.length), lines };
}

function takesNext({ values = '', long }: Wrapper, word: string): boolean {
  if (word.startsWith('--')) return long?.test(word) === true;
  // Of letters together the first that takes a value ends them: the rest is the value, or else the next word.
  for (let at = 1; at < word.length; at++) {
    if (values.includes(word[at] ?? '-')) return at === word.length - 1;
  }
  return false;
}
