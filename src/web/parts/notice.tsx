import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface NoticeProps {
  readonly icon: IconName;
  readonly title: string;
  /** Nothing else on the screen has a title. */
  readonly alone?: boolean;
  readonly children?: ComponentChildren;
}

/** Takes the place of content that is not there, and says what to do. */
export function Notice({ icon, title, alone = false, children }: NoticeProps) {
  const Title = alone ? 'h1' : 'h2';
  return (
    <div class="notice">
      <Icon name={icon} size={48} />
      <Title>{title}</Title>
      {children}
    </div>
  );
}

export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <p class="problem" role="alert">
      <Icon name="warning" size={20} />
      <span>{children}</span>
    </p>
  );
}
