// Asks for the second factor again where the contract wants it fresh, then lets the waiting call go on.

import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { failureWords, ProblemFailure } from '../../api/failures.ts';
import { provideStepUp } from '../../api/step-up.ts';
import { ClockHint } from '../../app/credentials/EnrolmentPanel.tsx';
import { Waiting } from '../../app/credentials/Waiting.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { CodeField } from '../../ui/controls/CodeField.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';

/** Mounted once beside the screens. */
export function StepUpDialog() {
  const settle = useRef<(isShown: boolean) => void>(undefined);
  const [isOpen, setIsOpen] = useState(false);
  const [code, setCode] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [retryAt, setRetryAt] = useState<number>();

  useEffect(() => {
    const withdraw = provideStepUp(
      () =>
        new Promise((resolve) => {
          // Two questions at once would be the same question.
          settle.current?.(false);
          settle.current = resolve;
          setIsOpen(true);
        }),
    );
    return () => {
      withdraw();
      settle.current?.(false);
    };
  }, []);

  function close(isShown: boolean): void {
    settle.current?.(isShown);
    settle.current = undefined;
    setIsOpen(false);
    setCode('');
    setProblem(undefined);
    setRetryAt(undefined);
  }

  async function check(given: string): Promise<void> {
    setIsBusy(true);
    setProblem(undefined);
    try {
      await call('auth.step_up', { code: given });
      close(true);
    } catch (error) {
      setCode('');
      setProblem(failureWords(error));
      const seconds = error instanceof ProblemFailure ? error.problem.retry_after_seconds : undefined;
      setRetryAt(seconds === undefined ? undefined : Date.now() + seconds * 1000);
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <Dialog
      title="Show your second factor again"
      isOpen={isOpen}
      onClose={() => close(false)}
      size="small"
      footer={
        <>
          <Button onPress={() => close(false)}>Cancel</Button>
          <Button tone="primary" isBusy={isBusy} isDisabled={code.length < 6} onPress={() => void check(code)}>
            Continue
          </Button>
        </>
      }
    >
      <p className="muted">This needs a code from within the last five minutes. It goes on by itself afterwards.</p>
      <CodeField
        label="6-digit code"
        value={code}
        onChange={setCode}
        onComplete={(given) => void check(given)}
        error={problem}
        autoFocus
      />
      {problem !== undefined && <ClockHint />}
      <Waiting until={retryAt} />
    </Dialog>
  );
}
