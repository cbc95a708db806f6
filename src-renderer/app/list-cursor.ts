// Where one is in a list beside a pane: moving takes the pane along while it is open, Enter opens it and goes into it, Space only shows it.

import { useCallback, useState } from 'react';

interface ListCursor {
  readonly currentIndex: number;
  readonly setCurrentIndex: (index: number) => void;
  readonly moveTo: (index: number) => void;
  /** For the keys of the screen. */
  readonly onOpen: (index: number) => void;
  /** For the list itself. */
  readonly list: {
    readonly currentIndex: number;
    readonly onCurrentChange: (index: number) => void;
    readonly onOpen: (index: number) => void;
    readonly onPreview: (index: number) => void;
  };
  readonly pane: {
    readonly takesFocus: boolean;
    readonly onPrevious: (() => void) | undefined;
    readonly onNext: (() => void) | undefined;
  };
}

/**
 * @param isOpen whether the pane shows a row
 * @param show puts a row in the pane; the same function as long as the rows stay
 */
export function useListCursor(count: number, isOpen: boolean, show: (index: number) => void): ListCursor {
  const [currentIndex, setCurrentIndex] = useState(-1);
  const [takesFocus, setTakesFocus] = useState(false);
  const moveTo = useCallback(
    (index: number) => {
      setCurrentIndex(index);
      if (isOpen) show(index);
    },
    [isOpen, show],
  );
  const open = useCallback(
    (index: number, focus: boolean) => {
      setCurrentIndex(index);
      setTakesFocus(focus);
      show(index);
    },
    [show],
  );
  const onOpen = useCallback((index: number) => open(index, true), [open]);
  const onPreview = useCallback((index: number) => open(index, false), [open]);
  return {
    currentIndex,
    setCurrentIndex,
    moveTo,
    onOpen,
    list: { currentIndex, onCurrentChange: moveTo, onOpen, onPreview },
    pane: {
      takesFocus,
      onPrevious: currentIndex > 0 ? () => moveTo(currentIndex - 1) : undefined,
      onNext: currentIndex < count - 1 ? () => moveTo(currentIndex + 1) : undefined,
    },
  };
}
