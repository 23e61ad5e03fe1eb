import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Member, Profile } from '../../protocol/models.ts';
import { BlockQuestion } from '../apart/block-question.tsx';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Person } from '../new/person-row.tsx';
import { useAction } from '../parts/action.ts';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/notice.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import '../new/new.css';
import { AddPeople } from './add-people.tsx';
import { MemberSheet } from './member-sheet.tsx';

/** A group's members, a page at a time, with what I may do with each. */
export function Members({ item }: { item: ConversationItem }) {
  const engine = useEngine();
  const { info, common } = words();
  const { conversationId, memberCount, mine } = item.conversation;
  const members = useSignal<readonly Member[] | null>(null);
  const more = useSignal(false);
  const problem = useSignal<string | null>(null);
  const chosen = useSignal<Member | null>(null);
  const adding = useSignal(false);
  const blocking = useSignal<Profile | null>(null);
  const { busy, run } = useAction((text) => (problem.value = text));
  const me = engine.me.value?.userId;

  const load = async (after?: string) => {
    const page = await engine.groups.members(conversationId, after);
    members.value = after === undefined ? page.members : [...(members.peek() ?? []), ...page.members];
    more.value = page.more;
    problem.value = null;
  };
  useEffect(() => {
    load().catch((cause: unknown) => (problem.value = failureText(cause)));
  }, [conversationId, memberCount, mine.role]);

  const leads = mine.role !== 'member';
  const reload = () => load();
  return (
    <section aria-label={info.members}>
      <h2 class="section-title">{info.members}</h2>
      {leads && (
        <button type="button" class="row" onClick={() => (adding.value = true)}>
          <span class="row-icon">
            <Icon name="plus" />
          </span>
          <span class="row-main">{info.addPeople}</span>
        </button>
      )}
      {problem.value !== null && (
        <div class="problem-place">
          <Problem>{problem.value}</Problem>
        </div>
      )}
      {members.value === null && problem.value === null && <Skeleton rows={3} />}
      <ul>
        {members.value?.map((member) => (
          <MemberRow
            key={member.profile.userId}
            member={member}
            isMe={member.profile.userId === me}
            onChoose={() => (chosen.value = member)}
          />
        ))}
      </ul>
      {more.value && (
        <button
          type="button"
          class="button plain wide"
          disabled={busy}
          onClick={() => run(() => load(members.peek()?.at(-1)?.profile.name))}
        >
          {common.more}
        </button>
      )}
      {chosen.value !== null && (
        <MemberSheet
          item={item}
          member={chosen.value}
          onChanged={reload}
          onBlock={() => {
            blocking.value = chosen.peek()?.profile ?? null;
            chosen.value = null;
          }}
          onClose={() => (chosen.value = null)}
        />
      )}
      {blocking.value !== null && <BlockQuestion person={blocking.value} onClose={() => (blocking.value = null)} />}
      {adding.value && (
        <Sheet label={info.addPeople} onClose={() => (adding.value = false)} kind="question">
          <AddPeople
            item={item}
            members={members.value ?? []}
            onDone={() => (adding.value = false)}
            onChanged={reload}
          />
        </Sheet>
      )}
    </section>
  );
}

function MemberRow({ member, isMe, onChoose }: { member: Member; isMe: boolean; onChoose: () => void }) {
  const { info, common } = words();
  const inside = (
    <Person person={member.profile} {...(isMe ? { more: common.you } : {})}>
      {member.role !== 'member' && <span class="role-mark">{info.roles[member.role]}</span>}
    </Person>
  );
  if (isMe) return <li class="row">{inside}</li>;
  return (
    <li>
      <button type="button" class="row" aria-haspopup="dialog" onClick={onChoose}>
        {inside}
      </button>
    </li>
  );
}
