import type { UserId } from '../../protocol/ids.ts';
import type { Bodies, Message } from '../../protocol/models.ts';
import { useEngine } from '../engine-context.ts';
import { duration, listText, words } from '../i18n/language.ts';
import { isolated, nameOf } from '../parts/name.tsx';

interface People {
  readonly me: UserId | null;
  readonly name: (id: UserId | null) => string;
}

/** What an entry that is no message says, in a sentence. */
export function noticeText(message: Message, { me, name }: People): string {
  const { notices, conversation } = words();
  const mine = message.senderId !== null && message.senderId === me;
  const who = name(message.senderId);
  switch (message.kind) {
    case 'created': {
      const title = isolated(message.body.title ?? '');
      return mine ? notices.createdMine(title) : notices.created(who, title);
    }
    case 'joined': {
      const ids = message.body.userIds ?? [];
      const whom = listText(ids.map((id) => name(id)));
      if (ids.length === 1 && ids[0] === me)
        return message.senderId === me || message.senderId === null
          ? notices.joinedMine
          : notices.added(who, words().common.you);
      if (ids.length === 1 && ids[0] === message.senderId) return notices.joined(whom, 1);
      return mine ? notices.addedMine(whom) : notices.added(who, whom);
    }
    case 'left':
      return message.body.userId === me ? notices.leftMine : notices.left(name(message.body.userId ?? null));
    case 'removed': {
      if (message.body.userId === me) return notices.removedYou(who);
      const whom = name(message.body.userId ?? null);
      return mine ? notices.removedMine(whom) : notices.removed(who, whom);
    }
    case 'role': {
      const { role, userId } = message.body;
      return userId === me ? notices.roleMine[role] : notices.role[role](name(userId));
    }
    case 'title': {
      const title = isolated(message.body.title ?? '');
      return mine ? notices.renamedMine(title) : notices.renamed(who, title);
    }
    case 'settings':
      return settingsText(message.body, mine, who);
    default:
      return conversation.updateApp;
  }
}

/** What alone was changed is named; else only that something was. */
function settingsText(body: Partial<Bodies['settings']>, mine: boolean, who: string): string {
  const { notices } = words();
  const [changed, ...more] = body.changed ?? [];
  if (more.length === 0) {
    const { disappearAfter = null, keepFor = null } = body;
    if (changed === 'disappearAfter' && disappearAfter !== null)
      return mine ? notices.disappearMine(duration(disappearAfter)) : notices.disappear(who, duration(disappearAfter));
    if (changed === 'disappearAfter') return mine ? notices.stayMine : notices.stay(who);
    if (changed === 'keepFor' && keepFor !== null)
      return mine ? notices.keepMine(duration(keepFor)) : notices.keep(who, duration(keepFor));
    if (changed === 'keepFor') return mine ? notices.keepAllMine : notices.keepAll(who);
    if (changed === 'avatar' && body.avatar !== null) return mine ? notices.pictureMine : notices.picture(who);
    if (changed === 'avatar') return mine ? notices.noPictureMine : notices.noPicture(who);
    if (changed === 'previews' && body.previews) return mine ? notices.previewsOnMine : notices.previewsOn(who);
    if (changed === 'previews') return mine ? notices.previewsOffMine : notices.previewsOff(who);
  }
  return mine ? notices.settingsMine : notices.settings(who);
}

/** The same, with the names this device knows; a component that uses it is drawn anew when a name becomes known. */
export function useNoticeText(): (message: Message) => string {
  const engine = useEngine();
  const me = engine.me.value?.userId ?? null;
  const name = (id: UserId | null) => isolated(nameOf(id === null ? null : engine.profile(id).value));
  return (message) => noticeText(message, { me, name });
}
