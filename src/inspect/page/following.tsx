/** A frame that stays at its end while more comes, unless one has scrolled away from it. */
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface FollowingProps {
  /** Grows when more has come. */
  readonly count: number;
  readonly children: preact.ComponentChildren;
}

export function Following({ count, children }: FollowingProps) {
  const frame = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    const list = frame.current;
    if (list && isAtEnd.current) list.scrollTop = list.scrollHeight;
  }, [count]);
  const look = ({ currentTarget }: { currentTarget: HTMLDivElement }) => {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
  };
  return (
    <div
      ref={frame}
      class="sequence-scroll"
      tabIndex={0}
      role="region"
      aria-label="Sequence of messages"
      onScroll={look}
    >
      {children}
    </div>
  );
}
