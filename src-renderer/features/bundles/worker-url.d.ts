// What the bundler makes of a worker that is asked for by address.

declare module '*?worker&url' {
  const address: string;
  // biome-ignore lint/style/noDefaultExport: the bundler gives the address as the default export
  export default address;
}
