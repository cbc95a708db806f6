// What the rest of the core may call of the frameworks.
export { type Catalogue, chosenBy } from './catalogue.ts';
export { type CatalogueSource, openCatalogue } from './catalogue-file.ts';
export { createFrameworks } from './feature.ts';
