// What others may know of the settings: the console's own secrets, where they come from, and the provider's edge.
export { type ConsoleSecretName, consoleSecrets } from './console-secrets.ts';
export { settingEntries } from './feature.ts';
export type { ProviderAnswer, ProviderFault, ProviderState, SecretProvider } from './secret-provider.ts';
export { createSecretValues, type OtherSource, type SecretValues } from './secret-values.ts';
