// Frameworks as a feature: what the catalogue holds, for whoever chooses from it.
import type { FrameworkListed, frameworksOperations } from '../../../../src-shared/contract/frameworks.ts';
import type { Handlers } from '../../dispatch/handler.ts';
import type { Feature } from '../../feature.ts';
import { type Catalogue, type Control, type Framework, getFramework, type Section, typesOf } from './catalogue.ts';

export function createFrameworks(open: () => Catalogue): Feature {
  const handlers: Handlers<typeof frameworksOperations> = {
    'frameworks.list'(_tx, _call, { framework }) {
      const catalogue = open();
      const chosen = framework === undefined ? catalogue.frameworks : [getFramework(catalogue, framework)];
      return {
        catalogue_version: catalogue.version,
        frameworks: chosen.map(wireFramework),
        evidence: catalogue.kinds.map(({ id, title, eventTypes }) => ({ id, title, event_types: [...eventTypes] })),
      };
    },
  };
  return { name: 'frameworks', migrations: [], scopedTables: [], handlers };
}

function wireFramework(framework: Framework): FrameworkListed {
  const { id, title, edition, unit, sections } = framework;
  return { id, title, edition, unit, event_types: [...typesOf(framework)], sections: sections.map(wireSection) };
}

function wireSection(section: Section): FrameworkListed['sections'][number] {
  const { ref, title, controls } = section;
  return { ref, title, event_types: [...typesOf(section)], controls: controls.map(wireControl) };
}

function wireControl({ ref, title, evidence, eventTypes, noEvidence }: Control) {
  return { ref, title, evidence: [...evidence], event_types: [...eventTypes], no_evidence: noEvidence };
}
