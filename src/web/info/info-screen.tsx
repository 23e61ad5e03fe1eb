import './info.css';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { ConversationId } from '../../protocol/ids.ts';
import { BlockQuestion } from '../apart/block-question.tsx';
import { BlockRow } from '../apart/block-row.tsx';
import { seenText } from '../conversation/conversation-head.tsx';
import { avatarId, avatarKind, pictureOf, titleOf } from '../conversations/conversation-row.tsx';
import { KeepingActions } from '../conversations/keeping-actions.tsx';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { longDate, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Bar } from '../parts/bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { Notice } from '../parts/notice.tsx';
import { PictureChoice } from '../parts/picture-choice.tsx';
import { Question } from '../parts/question.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { peopleInMain } from '../screen-state.ts';
import { Members } from './members.tsx';
import { PreviewsRow } from './previews-row.tsx';
import { RenameSheet } from './rename-sheet.tsx';
import { SettingsSheet } from './settings-sheet.tsx';
import { DisappearingRow, KeepingRow } from './term-rows.tsx';

/** About a conversation: a screen of its own, or beside the conversation in a wide window. */
export function InfoScreen({ id, beside = false }: { id: ConversationId; beside?: boolean }) {
  const engine = useEngine();
  const open = useMemo(() => engine.open(id), [engine, id]);
  useEffect(() => {
    if (beside) return undefined;
    engine.open(id);
    return () => open.close();
  }, [engine, id, beside]);
  const { info, conversation } = words();
  const item = open.item.value;
  const Pane = beside ? 'aside' : 'main';
  return (
    <Pane class={beside ? 'pane info-beside' : 'pane main-pane'} aria-label={info.title}>
      <Bar title={info.title} above={beside ? null : paths.conversation(id)} />
      <div class="scroll">
        <div class="column">
          {item === null ? (
            <Notice icon="info" title={conversation.notFound} />
          ) : item.conversation.kind === 'group' ? (
            <Group item={item} />
          ) : (
            <Direct item={item} beside={beside} />
          )}
        </div>
      </div>
    </Pane>
  );
}

function Head({ item, more }: { item: ConversationItem; more: string }) {
  return (
    <header class="info-head">
      <Avatar id={avatarId(item)} picture={pictureOf(item)} name={titleOf(item)} kind={avatarKind(item)} size="huge" />
      <h2>
        <bdi>{titleOf(item)}</bdi>
      </h2>
      {more !== '' && <p class="soft">{more}</p>}
    </header>
  );
}

function FindLink({ item }: { item: ConversationItem }) {
  return (
    <a class="row" href={paths.find(item.conversation.conversationId)}>
      <Icon name="search" />
      <span class="row-main">{words().search.inThis}</span>
    </a>
  );
}

function Direct({ item, beside }: { item: ConversationItem; beside: boolean }) {
  const engine = useEngine();
  const { info, list } = words();
  const { peer } = item;
  const blocking = useSignal(false);
  useEffect(() => {
    if (peer !== null && !beside) peopleInMain.value = [peer.userId];
  }, [peer?.userId, beside]);
  if (item.self || peer === null) {
    return (
      <>
        <Head item={item} more={info.selfText} />
        <FindLink item={item} />
        <DisappearingRow item={item} />
        <PreviewsRow item={item} />
        <KeepingActions item={item} />
      </>
    );
  }
  const presence = engine.presence(peer.userId).value;
  const lastSeen =
    presence?.online === true ? list.online : presence?.lastSeenAt == null ? '' : seenText(presence.lastSeenAt);
  const blocked = engine.blocks.value.has(peer.userId);
  const seen = peer.bot === true ? words().common.bot : lastSeen;
  return (
    <>
      <Head item={item} more={seen} />
      <dl class="facts">
        <div>
          <dt>{info.signInName}</dt>
          <dd>
            <bdi>{peer.name}</bdi>
          </dd>
        </div>
      </dl>
      {!beside && (
        <a class="row" href={paths.conversation(item.conversation.conversationId)}>
          <Icon name="chat" />
          <span class="row-main">{info.message}</span>
        </a>
      )}
      <FindLink item={item} />
      {peer.bot === true && <WebhooksRow id={item.conversation.conversationId} />}
      {!blocked && <DisappearingRow item={item} />}
      {!blocked && <PreviewsRow item={item} />}
      <KeepingActions item={item} />
      <BlockRow person={peer} onBlock={() => (blocking.value = true)} />
      {blocking.value && <BlockQuestion person={peer} onClose={() => (blocking.value = false)} />}
    </>
  );
}

function WebhooksRow({ id }: { id: ConversationId }) {
  return (
    <a class="row" href={paths.webhooks(id)}>
      <Icon name="bot" />
      <span class="row-main">{words().webhooks.title}</span>
    </a>
  );
}

function Group({ item }: { item: ConversationItem }) {
  const engine = useEngine();
  const { info, conversation, links } = words();
  const renaming = useSignal(false);
  const setting = useSignal(false);
  const leaving = useSignal(false);
  const { run } = useAction();
  const { conversationId, mine, memberCount, createdAt, settings } = item.conversation;
  const leads = mine.member && mine.role !== 'member';
  return (
    <>
      <Head item={item} more={mine.member ? conversation.members(memberCount) : conversation.gone} />
      {leads && (
        <PictureChoice
          has={settings.avatar !== null}
          onChange={(picture) => engine.pictures.setOf(conversationId, picture)}
        />
      )}
      {mine.member && settings.description !== '' && (
        <p class="info-description" dir="auto">
          {settings.description}
        </p>
      )}
      {mine.member && settings.posting === 'admins' && <p class="info-rights soft">{info.onlyAdmins}</p>}
      <FindLink item={item} />
      <KeepingActions item={item} />
      {leads && (
        <button type="button" class="row" onClick={() => (renaming.value = true)}>
          <Icon name="pencil" />
          <span class="row-main">{info.rename}</span>
        </button>
      )}
      {leads && (
        <button type="button" class="row" onClick={() => (setting.value = true)}>
          <Icon name="settings" />
          <span class="row-main">{info.settings}</span>
        </button>
      )}
      {leads && <DisappearingRow item={item} />}
      {leads && <KeepingRow item={item} />}
      {leads && (
        <a class="row" href={paths.groupLinks(conversationId)}>
          <Icon name="link" />
          <span class="row-main">{links.invite}</span>
        </a>
      )}
      {leads && <WebhooksRow id={conversationId} />}
      {mine.member && (
        <button type="button" class="row danger" onClick={() => (leaving.value = true)}>
          <Icon name="leave" />
          <span class="row-main">{info.leave}</span>
        </button>
      )}
      {mine.member && <Members item={item} />}
      <p class="info-foot soft">{info.created(longDate(createdAt))}</p>
      {renaming.value && <RenameSheet item={item} onClose={() => (renaming.value = false)} />}
      {setting.value && <SettingsSheet item={item} onClose={() => (setting.value = false)} />}
      {leaving.value && (
        <Question
          title={info.leaveSure}
          text={info.leaveText}
          yes={info.leave}
          onClose={() => (leaving.value = false)}
          onYes={() =>
            run(async () => {
              await engine.groups.leave(conversationId);
              navigate(paths.list, { replace: true });
            })
          }
        />
      )}
    </>
  );
}
