// What the console's page is made of besides our own code. test/unit/renderer-app compares it with the packages' own statements.

export interface Licence {
  readonly name: string;
  readonly licence: string;
}

export const licences: readonly Licence[] = [
  { name: 'react', licence: 'MIT' },
  { name: 'react-dom', licence: 'MIT' },
  { name: 'react-aria-components', licence: 'Apache-2.0' },
  { name: 'zustand', licence: 'MIT' },
  { name: '@tanstack/react-virtual', licence: 'MIT' },
  { name: '@noble/hashes', licence: 'MIT' },
  { name: '@noble/curves', licence: 'MIT' },
  { name: '@zxcvbn-ts/core', licence: 'MIT' },
  { name: '@zxcvbn-ts/language-common', licence: 'MIT' },
  { name: 'uqr', licence: 'MIT' },
  { name: 'lucide-react', licence: 'ISC' },
  { name: '@fontsource-variable/inter', licence: 'OFL-1.1' },
  { name: '@fontsource-variable/jetbrains-mono', licence: 'OFL-1.1' },
];
