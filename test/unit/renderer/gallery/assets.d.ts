// The bundler's imports, for the test project: it sees the renderer's types, not its ambient declarations.

declare module '*.css';
declare module '@fontsource-variable/*';
