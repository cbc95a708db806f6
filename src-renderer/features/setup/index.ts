// What the application takes of the set-up: its store, its screen, and the token of the link.

export { SetUpScreen } from './SetUpScreen.tsx';
export { takeSetUpToken } from './set-up-link.ts';
export { createSetUp, type FirstSource, type SetUp } from './set-up-store.ts';
