import '../new/invite.css';
import '../settings/settings.css';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { ConversationId } from '../../protocol/ids.ts';
import type { GroupLink } from '../../protocol/models.ts';
import { useEngine } from '../engine-context.ts';
import { longDate, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Bar } from '../parts/bar.tsx';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { Problem } from '../parts/notice.tsx';
import { paths } from '../routing/route.ts';
import { Choice } from '../settings/choice.tsx';
import { LinkReady } from './link-ready.tsx';

interface Made {
  readonly link: string;
  readonly maxUses: number | null;
  readonly expiresAt: number | null;
}

const lasting = { day: 24, week: 24 * 7, month: 24 * 30, forGood: null } as const;
const uses = { one: 1, some: 25, any: null } as const;

/** Links by which people with an account join a group: made, shown once, looked through, withdrawn. */
export function GroupLinksScreen({ id }: { id: ConversationId }) {
  const engine = useEngine();
  const open = useMemo(() => engine.open(id), [engine, id]);
  useEffect(() => {
    engine.open(id);
    return () => open.close();
  }, [engine, id]);
  const { links } = words();
  const made = useSignal<Made | null>(null);
  const [present, reload] = useLoaded(() => engine.links.list(id), [id, made.value]);
  return (
    <main class="pane main-pane">
      <Bar title={links.title} above={paths.info(id)} />
      <div class="scroll">
        <div class="column invite">
          {open.item.value !== null && (
            <p>
              <bdi>{open.item.value.title}</bdi>
            </p>
          )}
          {present.state === 'failed' && <Problem>{failureText(present.cause)}</Problem>}
          {made.value === null ? (
            <Make id={id} onMade={(next) => (made.value = next)} />
          ) : (
            <LinkReady
              title={links.ready}
              link={made.value.link}
              more={describe({ ...made.value, uses: null })}
              another={links.another}
              onAnother={() => (made.value = null)}
            />
          )}
        </div>
        {present.state === 'ready' && present.value.length > 0 && <Links links={present.value} onRevoked={reload} />}
      </div>
    </main>
  );
}

function Make({ id, onMade }: { id: ConversationId; onMade: (made: Made) => void }) {
  const engine = useEngine();
  const { links, invite } = words();
  const whom = useSignal<'here' | 'newcomers'>('here');
  const long = useSignal<keyof typeof lasting>('week');
  const many = useSignal<keyof typeof uses>('any');
  const { busy, run } = useAction();
  const make = () =>
    run(async () => {
      const bounds = { expiresInHours: lasting[long.peek()], maxUses: uses[many.peek()] };
      if (whom.peek() === 'here') {
        const { link, groupLink } = await engine.links.create({ conversationId: id, ...bounds });
        onMade({ ...groupLink, link });
      } else {
        const { link, invite: made } = await engine.invites.create({ conversationIds: [id], ...bounds });
        onMade({ ...made, link });
      }
    });
  return (
    <>
      <p class="soft">{links.text}</p>
      <Choice
        title={links.forWhom}
        value={whom.value}
        options={[
          ['here', links.here],
          ['newcomers', links.newcomers],
        ]}
        onChange={(value) => (whom.value = value)}
      />
      <Choice
        title={links.validFor}
        value={long.value}
        options={[
          ['day', invite.day],
          ['week', invite.week],
          ['month', invite.month],
          ['forGood', links.forGood],
        ]}
        onChange={(value) => (long.value = value)}
      />
      <Choice
        title={links.forHowMany}
        value={many.value}
        options={[
          ['one', links.one],
          ['some', links.some],
          ['any', links.any],
        ]}
        onChange={(value) => (many.value = value)}
      />
      <button type="button" class="button main wide" disabled={busy} aria-busy={busy} onClick={make}>
        {links.create}
      </button>
    </>
  );
}

function Links({ links: present, onRevoked }: { links: readonly GroupLink[]; onRevoked: () => void }) {
  const engine = useEngine();
  const { links } = words();
  const { busy, run } = useAction();
  return (
    <section class="column">
      <h2 class="section-title">{links.open}</h2>
      <ul>
        {present.map((link) => {
          const what = describe(link);
          return (
            <li class="row" key={link.groupLinkId}>
              <Icon name="link" />
              <span class="row-main">
                {what}
                <span class="row-more">{longDate(link.createdAt)}</span>
              </span>
              <button
                type="button"
                class="button plain danger-text"
                disabled={busy}
                aria-label={links.revokeLabel(what)}
                onClick={() => run(() => engine.links.revoke(link.groupLinkId).then(onRevoked))}
              >
                {links.revoke}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** For how many, or how many used it, and how long. */
function describe({
  maxUses,
  uses: used,
  expiresAt,
}: Pick<GroupLink, 'maxUses' | 'expiresAt'> & { readonly uses: number | null }): string {
  const { invite, links } = words();
  const until = expiresAt === null ? invite.never : invite.until(longDate(expiresAt));
  return `${used === null ? forHowMany(maxUses) : usedBy(used, maxUses)} · ${until}`;

  function forHowMany(max: number | null) {
    return max === null ? links.any : max === 1 ? invite.readyOne : invite.readyMany(max);
  }

  function usedBy(count: number, max: number | null) {
    return max === null ? invite.usesAny(count) : invite.uses(count, max);
  }
}
