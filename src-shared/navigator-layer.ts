// ATT&CK coverage as a layer of MITRE's Navigator (layer format 4.5): colour by whether detectors are on, a comment with their numbers.
import type { Coverage } from './contract/detections.ts';

const colours = { on: '#2f9e6e', simulated: '#e8bf4d', off: '#c3ccd5' } as const;

/** @param by who made it, for the description. */
export function navigatorLayer(coverage: readonly Coverage[], by: string): Readonly<Record<string, unknown>> {
  return {
    name: 'Detection coverage',
    versions: { navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: `Techniques that detection rules look for. ${by}`,
    sorting: 0,
    hideDisabled: false,
    techniques: coverage.map(({ technique, on, simulated, off, alerts_30d }) => {
      const state = on > 0 ? 'on' : simulated > 0 ? 'simulated' : 'off';
      return {
        techniqueID: technique,
        score: on,
        color: colours[state],
        comment: `${on} on, ${simulated} simulated, ${off} off; ${alerts_30d} alerts in 30 days`,
        enabled: true,
        showSubtechniques: technique.includes('.'),
      };
    }),
    gradient: { colors: ['#ffffff', colours.on], minValue: 0, maxValue: Math.max(1, ...coverage.map(({ on }) => on)) },
    legendItems: [
      { label: 'at least one detector on', color: colours.on },
      { label: 'simulated only', color: colours.simulated },
      { label: 'off', color: colours.off },
    ],
  };
}
