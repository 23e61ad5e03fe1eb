import type { Message } from '../../protocol/models.ts';
import { useNoticeText } from './notice-text.ts';

export function Notice({ message }: { message: Message }) {
  return <span class="pill is-notice">{useNoticeText()(message)}</span>;
}
