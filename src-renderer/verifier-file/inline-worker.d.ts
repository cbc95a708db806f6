// What the build makes of an import that ends in `?worker&inline`: a worker whose program stands in the page.
declare module '*?worker&inline' {
  const WorkerInPage: new (options?: { name?: string }) => Worker;
  // biome-ignore lint/style/noDefaultExport: the bundler gives the worker as the default export
  export default WorkerInPage;
}
