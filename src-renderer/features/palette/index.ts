// What the application takes of the palette: its commands. The palette itself is the application's.

export { findSource, paletteCommands } from './commands.ts';
