// What somebody who writes a rule must know before saving: that the text is from another time, or that the rule is no longer what the
// text was begun from.

import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { Banner } from '../../ui/states/Banner.tsx';

interface DraftBannerProps {
  readonly savedAt: string | undefined;
  readonly onFresh: () => void;
}

export function DraftBanner({ savedAt, onFresh }: DraftBannerProps) {
  return (
    <Banner
      tone="info"
      actions={
        <Button size="small" onPress={onFresh}>
          Begin anew
        </Button>
      }
    >
      You wrote this {savedAt !== undefined && <RelativeTime at={savedAt} />} and did not save it.
    </Banner>
  );
}

interface ChangedMeanwhileProps {
  readonly rule: RuleFull;
  readonly onCompare: () => void;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
}

export function ChangedMeanwhile({ rule, onCompare, onTheirs, onMine }: ChangedMeanwhileProps) {
  const newest = rule.versions.find(({ number }) => number === rule.number);
  return (
    <Banner
      actions={
        <>
          <Button size="small" onPress={onCompare}>
            Compare
          </Button>
          <Button size="small" onPress={onTheirs}>
            {`Take version ${rule.number}`}
          </Button>
          <Button size="small" onPress={onMine}>
            Go on with mine
          </Button>
        </>
      }
    >
      {newest === undefined ? 'Somebody' : newest.by} saved version {rule.number}{' '}
      {newest !== undefined && <RelativeTime at={newest.at} />}, after you began. Your text is unchanged; say what shall
      become of it before you save.
    </Banner>
  );
}

export function GoneMeanwhile() {
  return <Banner>This rule was deleted while you had it open. Saving your text makes it a new rule.</Banner>;
}
