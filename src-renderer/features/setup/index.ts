// What the application takes of the set-up: its store and its screen. The token of the link is taken before either is loaded.

export { createRestore } from './restore-store.ts';
export { SetUpScreen } from './SetUpScreen.tsx';
export { createSetUp, type FirstSource, type SetUp } from './set-up-store.ts';
